#include "gateway/engine/receiving/carrier_receipt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "smpp/pdu/constants.hpp"
#include "smpp/text/data_coding.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/receipt.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway {

using config::message_id_form;

namespace {

std::span<const std::uint8_t> octets_of(const carrier_message& message) {
    auto octets = message.octets;
    if (smpp::esm_class::has_udh(message.esm_class) && !octets.empty())
        octets = octets.subspan(std::min<std::size_t>(octets.size(), std::size_t{octets[0]} + 1));
    return octets;
}

/// UTF-16 of either order, with a mark or without, as UTF-8; empty if it is none. The fields of a
/// receipt are ASCII, so that one of the first two octets is 0; the text behind them may be any.
std::string from_utf16(std::span<const std::uint8_t> octets) {
    const auto starts = [&octets](std::uint8_t one, std::uint8_t two) {
        return octets.size() >= 2 && octets[0] == one && octets[1] == two;
    };
    const bool marked = starts(0xFE, 0xFF) || starts(0xFF, 0xFE);
    const bool little = marked ? octets[0] == 0xFF : octets.size() >= 2 && octets[1] == 0;
    const bool big = marked ? !little : octets.size() >= 2 && octets[0] == 0;
    if (!little && !big) return {};
    std::u16string units;
    for (std::size_t i = marked ? 2 : 0; i + 1 < octets.size(); i += 2) {
        const auto high = octets[little ? i + 1 : i];
        const auto low = octets[little ? i : i + 1];
        units.push_back(static_cast<char16_t>(high << 8 | low));
    }
    std::string out;
    smpp::text::append_utf8(out, units);
    return out;
}

/// data_coding is a hint only: the first reading that makes a receipt, and if none does the octets
/// as they are, or as UCS-2 where that is their label. `decoded` keeps what the fields view.
smpp::text::receipt_text fields_of(const carrier_message& message, std::string& decoded) {
    const auto octets = octets_of(message);
    const std::string_view plain = smpp::text::chars_of(octets);
    auto fields = smpp::text::scan_receipt(plain);
    if (smpp::text::is_receipt(fields) || octets.empty()) return fields;
    decoded = from_utf16(octets);
    if (!decoded.empty()) {
        fields = smpp::text::scan_receipt(decoded);
        if (smpp::text::is_receipt(fields)) return fields;
    }
    if (std::ranges::any_of(octets, [](std::uint8_t each) { return each >= 0x80; })) {
        std::string unpacked = smpp::text::unpack_segment(octets, false);
        const auto of_septets = smpp::text::scan_receipt(unpacked);
        if (smpp::text::is_receipt(of_septets)) {
            decoded = std::move(unpacked);
            return smpp::text::scan_receipt(decoded);
        }
    }
    if (smpp::text::encoding_of(message.data_coding) == smpp::text::encoding::ucs2) {
        if (auto as_said = smpp::text::decode_octets(octets, message.data_coding)) {
            const auto of_label = smpp::text::scan_receipt(*as_said);
            if (of_label.id || !smpp::text::scan_receipt(plain).id) {
                decoded = std::move(*as_said);
                return smpp::text::scan_receipt(decoded);
            }
        }
    }
    return smpp::text::scan_receipt(plain);
}

std::string_view without_blanks(std::string_view text) {
    const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
    while (!text.empty() && is_blank(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back()))
        text.remove_suffix(1);
    return text;
}

State state_of(smpp::text::receipt_state state) {
    using smpp::text::receipt_state;
    switch (state) {
        case receipt_state::delivered:
            return State::delivered;
        case receipt_state::expired:
            return State::expired;
        case receipt_state::deleted:
            return State::deleted;
        case receipt_state::undeliverable:
            return State::undeliverable;
        case receipt_state::rejected:
            return State::rejected;
        case receipt_state::unknown:
            return State::unknown;
        case receipt_state::enroute:
        case receipt_state::accepted:
            return State::submitted;
    }
    return State::unknown;
}

std::optional<std::uint64_t> number(std::string_view digits, int base) {
    std::uint64_t value = 0;
    const auto* end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, value, base);
    if (error != std::errc{} || at != end || digits.empty()) return std::nullopt;
    return value;
}

void write_number(std::uint64_t value, int base, std::string& into) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
    into.assign(digits.data(), end);
}

std::string number_text(std::uint64_t value, int base) {
    std::string out;
    write_number(value, base, out);
    return out;
}

std::string_view without_base(std::string_view id) {
    const bool prefixed = id.size() > 2 && id[0] == '0' && (id[1] == 'x' || id[1] == 'X');
    return prefixed ? id.substr(2) : id;
}

void write_lower_without_zeros(std::string_view id, std::string& into) {
    id = without_base(id);
    while (id.size() > 1 && id.front() == '0')
        id.remove_prefix(1);
    into = id;
    std::ranges::transform(into, into.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
}

/// network_error_code is a network type and a 16-bit number; some carriers write three digits. Of
/// another length it is handed on and says no number.
std::uint32_t network_error(std::span<const std::uint8_t> value) {
    if (value.size() != 3) return 0;
    const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
    if (const auto digits = number(text, 10)) return static_cast<std::uint32_t>(*digits);
    return static_cast<std::uint32_t>(value[1] << 8 | value[2]);
}

/// What the carrier says beside the state, word for word.
/// `stat_known`: the word after "stat:" is in a list.
void read_error(const carrier_message& message, const smpp::text::receipt_text& fields,
                bool stat_known, carrier_receipt& out) {
    out.source = ErrorSource::receipt;
    bool is_number = true;
    if (fields.err) {
        out.error_text = smpp::text::cut_utf8(*fields.err, carrier_word_octets_max);
        const auto value = number(*fields.err, 10);
        is_number = fields.err->empty() || (value && *value <= 0xFFFFFFFFU);
        out.error = value && is_number ? static_cast<std::uint32_t>(*value) : 0;
    }
    const auto code = message.tlvs.find(smpp::tag::network_error_code);
    if (code && code->size() <= network_code_octets_max) {
        out.network_code = smpp::text::chars_of(*code);
        out.error = out.error == 0 && is_number ? network_error(*code) : out.error;
    }
    if (fields.stat) {
        out.stat = smpp::text::cut_utf8(*fields.stat, carrier_word_octets_max);
        if (!stat_known) out.unknown_stat = out.stat;
    }
    const auto told = out.final ? out.state : State::submitted;
    const bool success = told == State::delivered || told == State::submitted;
    const bool without_error =
        out.error == 0 && (out.error_text.empty() || out.error_text == "000");
    if (success && without_error && foreign_stat(out.stat, told).empty()) {
        out.stat.clear();  // nearly all: their records are kept short
        out.error_text.clear();
    }
}

}  // namespace

carrier_message_kind kind_of(const carrier_message& message) {
    const auto type = message.esm_class & smpp::esm_class::message_type_mask;
    if (type == smpp::esm_class::receipt || type == smpp::esm_class::intermediate)
        return carrier_message_kind::receipt;
    if (type != 0)
        return carrier_message_kind::reply;  // acknowledgements written by the phone's user
    if (message.tlvs.find(smpp::tag::receipted_message_id) &&
        message.tlvs.find(smpp::tag::message_state))
        return carrier_message_kind::receipt;
    std::string decoded;
    const auto fields = fields_of(message, decoded);
    const bool is_receipt =
        smpp::text::is_receipt(fields) &&
        smpp::text::has_only_fields(decoded.empty() ? smpp::text::chars_of(octets_of(message))
                                                    : std::string_view(decoded));
    return is_receipt ? carrier_message_kind::receipt : carrier_message_kind::reply;
}

carrier_receipt read_receipt(const carrier_message& message) {
    carrier_receipt out;
    read_receipt(message, out);
    return out;
}

void read_receipt(const carrier_message& message, carrier_receipt& out) {
    std::string decoded;
    const auto fields = fields_of(message, decoded);
    const auto text_id = without_blanks(fields.id.value_or(""));
    const auto tlv_id =
        without_blanks(message.tlvs.cstring(smpp::tag::receipted_message_id).value_or(""));
    out.id = tlv_id.empty() ? text_id : tlv_id;
    out.text_id = out.id == text_id ? std::string_view() : text_id;
    out.unknown_stat.clear();
    out.clear_error();

    std::optional<smpp::text::receipt_state> of_stat, state;
    if (fields.stat) of_stat = smpp::text::receipt_state_of(*fields.stat);
    if (const auto value = message.tlvs.u8(smpp::tag::message_state))
        state = smpp::text::receipt_state_of(*value);
    if (!state) state = of_stat;
    const auto known = state.value_or(smpp::text::receipt_state::unknown);
    out.state = state_of(known);
    const bool intermediate =
        (message.esm_class & smpp::esm_class::message_type_mask) == smpp::esm_class::intermediate;
    out.final = smpp::text::is_final(known) && !intermediate;

    read_error(message, fields, of_stat.has_value(), out);
}

std::string canonical_id(std::string_view id, message_id_form form) {
    std::string out;
    write_canonical_id(id, form, out);
    return out;
}

void write_canonical_id(std::string_view id, message_id_form form, std::string& into) {
    id = without_blanks(id);
    switch (form) {
        case message_id_form::text:
            into = id;
            return;
        case message_id_form::decimal:
            if (const auto value = number(id, 10)) return write_number(*value, 10, into);
            break;
        case message_id_form::hexadecimal:
            if (const auto value = number(without_base(id), 16))
                return write_number(*value, 10, into);
            break;
        case message_id_form::automatic:
            break;
    }
    write_lower_without_zeros(id, into);
}

std::string response_id_of(std::string_view id, message_id_form response_form,
                           message_id_form receipt_form) {
    using enum message_id_form;
    if (response_form == hexadecimal && receipt_form == decimal) {
        if (const auto value = number(id, 10)) return number_text(*value, 16);
    } else if (response_form == decimal && receipt_form == hexadecimal) {
        if (const auto value = number(without_base(id), 16)) return number_text(*value, 10);
    }
    return std::string(id);
}

message_id_form likeliest_form(message_id_form response_form, message_id_form receipt_form) {
    using enum message_id_form;
    // Numbers are stored: the receipt's form says which number is meant.
    const bool as_number = response_form == decimal || response_form == hexadecimal;
    const bool told = receipt_form == decimal || receipt_form == hexadecimal;
    return as_number && told ? receipt_form : response_form;
}

id_candidates candidate_ids(std::string_view id, message_id_form response_form,
                            message_id_form receipt_form) {
    id_candidates out;
    const auto add = [&](std::string form) {
        const auto end = out.forms.begin() + static_cast<std::ptrdiff_t>(out.count);
        if (out.count < out.forms.size() && std::find(out.forms.begin(), end, form) == end)
            out.forms[out.count++] = std::move(form);
    };
    using enum message_id_form;
    add(canonical_id(id, likeliest_form(response_form, receipt_form)));
    if (response_form == decimal || response_form == hexadecimal) {
        if (receipt_form == automatic)
            add(canonical_id(id, response_form == decimal ? hexadecimal : decimal));
        return out;
    }
    // Stored as the response had it: this id as it is, or the same number in the other base.
    const auto in_decimal = number(id, 10);
    const auto in_hexadecimal = number(without_base(id), 16);
    if (in_decimal && (receipt_form == decimal || receipt_form == automatic)) {
        add(number_text(*in_decimal, 16));
        if (response_form == text) add(fmt::format("{:X}", *in_decimal));
    }
    if (in_hexadecimal && (receipt_form == hexadecimal || receipt_form == automatic))
        add(number_text(*in_hexadecimal, 10));
    return out;
}

std::vector<std::string> former_candidate_ids(std::string_view id, message_id_form response_form,
                                              message_id_form receipt_form,
                                              message_id_form former) {
    using enum message_id_form;
    // What the response can have said: the number in its base, or the id itself.
    std::vector<std::string> written;
    const auto add_number = [&](int base) {
        const auto value = base == 10 ? number(id, 10) : number(without_base(id), 16);
        if (value) written.push_back(number_text(*value, response_form == hexadecimal ? 16 : 10));
    };
    if (response_form == decimal || response_form == hexadecimal) {
        if (receipt_form != hexadecimal) add_number(10);
        if (receipt_form != decimal) add_number(16);
    } else {
        const auto likely = candidate_ids(id, automatic, receipt_form);
        written.assign(likely.forms.begin(),
                       likely.forms.begin() + static_cast<std::ptrdiff_t>(likely.count));
    }
    std::vector<std::string> out;
    const auto add = [&out](std::string form) {
        if (std::find(out.begin(), out.end(), form) == out.end()) out.push_back(std::move(form));
    };
    add(canonical_id(id, former));
    // As text means as it was written: with the zeros and the case that are usual.
    constexpr std::size_t usual_widths[] = {0, 8, 10, 16, 20};
    for (const auto& text : written) {
        if (former != message_id_form::text) {
            add(canonical_id(text, former));
            continue;
        }
        for (const auto width : usual_widths) {
            auto padded = text;
            padded.insert(0, width > text.size() ? width - text.size() : 0, '0');
            add(padded);
            std::transform(padded.begin(), padded.end(), padded.begin(), [](char c) {
                return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            });
            add(padded);
        }
    }
    return out;
}

receipt_content read_content(const carrier_message& message) {
    std::string decoded;
    const auto fields = fields_of(message, decoded);
    receipt_content out;
    out.text = fields.text.value_or("");
    if (fields.submit_date) {
        if (const auto date = smpp::text::parse_receipt_date(*fields.submit_date))
            out.submit_ms = std::chrono::milliseconds(date->time_since_epoch()).count();
    }
    return out;
}

smpp::text::receipt_text scan_message(const carrier_message& message, std::string& text) {
    std::string decoded;
    (void)fields_of(message, decoded);
    if (decoded.empty()) {
        text = smpp::text::chars_of(octets_of(message));
        return smpp::text::scan_receipt(text);
    }
    text = std::move(decoded);
    return smpp::text::scan_receipt(text);
}

}  // namespace hikyaku::gateway
