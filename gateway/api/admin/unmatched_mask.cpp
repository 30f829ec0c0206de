#include "gateway/api/admin/unmatched_mask.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/engine/receiving/receipt_evidence.hpp"
#include "gateway/engine/replies/reply_part.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/text/ascii.hpp"
#include "smpp/text/data_coding.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/receipt.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace text = smpp::text;
using text::is_digit;
using text::lower_ascii;

constexpr std::size_t number_digits_min = 6;  // shorter ones may be part of an id
constexpr std::size_t phone_digits_min = 7;   // shorter ones: a short code
constexpr std::size_t phone_digits_sure = 8;  // so many last ones, and it is the phone
constexpr std::size_t phone_digits_max = 24;  // with a prefix
constexpr std::size_t shown_digits = 3;
constexpr std::size_t repeats_max = 32;  // of a phone in a receipt; with more no digit is shown
constexpr char foreign_unit = '\x80';

bool is_word(char c) {
    return is_digit(c) || (lower_ascii(c) >= 'a' && lower_ascii(c) <= 'z');
}
bool is_blank(char c) {
    return static_cast<unsigned char>(c) <= ' ';
}
bool is_divider(char c) {
    return c == ',' || c == ';' || c == '|';
}
bool is_foreign(char c) {
    return static_cast<unsigned char>(c) >= 0x80;
}
/// Between the digits of a phone number.
bool is_separator(char c) {
    return is_blank(c) || (c >= '(' && c <= '/' && c != '*' && c != ',');  // ( ) + - . /
}

std::string digits_of(std::string_view address) {
    std::string digits;
    std::ranges::copy_if(address, std::back_inserter(digits), is_digit);
    return digits;
}

/// The octets behind the header, read one character for each octet, 16-bit unit or septet.
struct reading {
    enum class kind : std::uint8_t { octets, utf16, little_utf16, packed } how = kind::octets;
    std::size_t begin = 0;        // of the characters in the octets
    std::string chars;            // foreign_unit where a unit is not ASCII
    std::vector<char16_t> units;  // of UTF-16
};

reading read_units(std::string_view body, std::size_t begin, bool little) {
    reading out;
    out.how = little ? reading::kind::little_utf16 : reading::kind::utf16;
    out.begin = begin;
    for (std::size_t i = 0; i + 1 < body.size(); i += 2) {
        const auto one = static_cast<unsigned char>(body[i]);
        const auto two = static_cast<unsigned char>(body[i + 1]);
        const auto unit = static_cast<char16_t>(little ? two << 8 | one : one << 8 | two);
        out.units.push_back(unit);
        out.chars.push_back(unit < 0x80 ? static_cast<char>(unit) : foreign_unit);
    }
    return out;
}

/// As carrier_receipt.cpp reads them: data_coding is a hint only.
reading read_receipt_text(std::string_view octets, std::size_t begin, std::uint8_t data_coding) {
    const auto body = octets.substr(begin);
    reading plain{.begin = begin, .chars = std::string(body), .units = {}};
    if (text::is_receipt(text::scan_receipt(plain.chars))) return plain;
    const auto starts = [&body](unsigned char one, unsigned char two) {
        return body.size() >= 2 && static_cast<unsigned char>(body[0]) == one &&
               static_cast<unsigned char>(body[1]) == two;
    };
    const bool marked = starts(0xFE, 0xFF) || starts(0xFF, 0xFE);
    const auto nuls = static_cast<std::size_t>(std::ranges::count(body, '\0'));
    if (marked || (body.size() >= 4 && nuls >= body.size() / 4) ||
        (text::encoding_of(data_coding) == text::encoding::ucs2 &&
         !text::scan_receipt(plain.chars).id)) {
        const bool little = starts(0xFF, 0xFE) || (!marked && body.size() >= 2 && body[1] == '\0');
        const std::size_t mark = marked ? 2 : 0;
        return read_units(body.substr(mark), begin + mark, little);
    }
    if (std::ranges::any_of(body, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
        auto unpacked = text::unpack_segment(text::octets_of(body), false);
        if (text::is_receipt(text::scan_receipt(unpacked)))
            return {reading::kind::packed, begin, std::move(unpacked), {}};
    }
    return plain;
}

/// A field: where its name, its value and what follows begin.
struct place {
    std::size_t name = 0, value = 0, end = 0;
    bool is_date = false;
};

/// Back from the value over "submit date : ", as the scanner has read it.
std::size_t name_before(std::string_view chars, std::size_t value, std::string_view first,
                        std::string_view second) {
    auto at = value;
    const auto skip_blanks = [&] {
        while (at > 0 && is_blank(chars[at - 1]))
            --at;
    };
    const auto skip = [&](std::size_t count) { at -= std::min(at, count); };
    skip_blanks();
    skip(1);  // the colon
    skip_blanks();
    if (!second.empty()) {
        skip(second.size());
        skip_blanks();
        if (at > 0 && (chars[at - 1] == '_' || chars[at - 1] == '-')) --at;
    }
    skip(first.size());
    return at;
}

/// Those fields of a receipt that hold no words. A value ends before the next field, also where the
/// scanner does not know its name, and before a message that begins at `words`. A date is one that
/// can be read.
std::vector<place> known_fields(std::string_view chars, const text::receipt_text& fields,
                                std::size_t words) {
    std::vector<place> out;
    const auto add = [&](const std::optional<std::string_view>& value, std::string_view first,
                         std::string_view second = {}) {
        if (!value) return;
        const auto begin = static_cast<std::size_t>(value->data() - chars.data());
        auto end = begin + std::min(value->find_first_of(",;|"), value->size());
        if (begin < words && words < end) end = words;
        out.push_back({name_before(chars, begin, first, second), begin, end,
                       !second.empty() && text::parse_receipt_date(*value)});
    };
    add(fields.id, "id");
    add(fields.sub, "sub");
    add(fields.dlvrd, "dlvrd");
    add(fields.submit_date, "submit", "date");
    add(fields.done_date, "done", "date");
    add(fields.stat, "stat");
    add(fields.err, "err");
    return out;
}

/// The first "text:", "Msg = " and the like; at the end of `chars` if there is none.
place place_of_words(std::string_view chars, const text::receipt_text& fields) {
    constexpr std::array<std::string_view, 7> names{"text", "txt",     "msg", "message",
                                                    "body", "content", "sms"};
    place out{chars.size(), chars.size(), chars.size()};
    if (fields.text) {
        out.value = static_cast<std::size_t>(fields.text->data() - chars.data());
        out.name = name_before(chars, out.value, "text", {});
    }
    const auto behind_name = [&chars](std::size_t at, std::string_view name) -> std::size_t {
        if (chars.size() - at <= name.size() ||
            !std::ranges::equal(chars.substr(at, name.size()), name, {}, lower_ascii))
            return 0;
        at += name.size();
        while (at < chars.size() && is_blank(chars[at]))
            ++at;
        const bool sign = at < chars.size() && (chars[at] == ':' || chars[at] == '=');
        return sign ? at + 1 : 0;
    };
    for (std::size_t at = 0; at < out.name; ++at) {
        if (at > 0 && is_word(chars[at - 1])) continue;
        for (const auto name : names)
            if (const auto value = behind_name(at, name)) return {at, value, chars.size()};
    }
    return out;
}

/// What stands beside the known fields: fields of other names ("mcc:440", "Status=ok"), or words.
struct others {
    std::size_t fields = 0;
    bool words = false;
};

bool is_other_field(std::string_view token) {
    const auto sign = token.find_first_of(":=");
    if (sign == std::string_view::npos || sign == 0 || sign + 1 == token.size()) return false;
    const auto of_name = [](char c) { return is_word(c) || c == '_' || c == '-' || c == '.'; };
    const auto of_value = [&](char c) { return of_name(c) || c == '+' || c == '*' || c == '#'; };
    return !is_digit(token[0]) && std::ranges::all_of(token.substr(0, sign), of_name) &&
           std::ranges::all_of(token.substr(sign + 1), of_value);
}

others look_beside(std::string_view chars, const std::vector<place>& known) {
    std::string rest(chars);
    for (const auto& field : known) {
        if (field.name < rest.size()) {
            const auto end = std::min(field.end, rest.size());
            std::fill(rest.begin() + static_cast<std::ptrdiff_t>(field.name),
                      rest.begin() + static_cast<std::ptrdiff_t>(end), ' ');
        }
    }
    others out;
    const auto ends_token = [](char c) { return is_blank(c) || is_divider(c); };
    for (std::size_t at = 0; at < rest.size(); ++at) {
        if (ends_token(rest[at])) continue;
        const auto begin = at;
        while (at < rest.size() && !ends_token(rest[at]))
            ++at;
        const bool field = is_other_field(std::string_view(rest).substr(begin, at - begin));
        out.fields += field ? 1 : 0;
        out.words = out.words || !field;
    }
    return out;
}

class mask {
public:
    explicit mask(std::string_view chars) : chars_(chars), hidden_(chars.size(), false) {}

    void hide(std::size_t begin, std::size_t end) { set(begin, end, true); }

    /// All from here on but these fields.
    void hide_words(std::size_t begin, const std::vector<place>& known) {
        hide(begin, chars_.size());
        for (const auto& field : known)
            set(field.name, field.end, false);
    }

    /// What no carrier writes into these fields.
    void hide_foreign(const std::vector<place>& known) {
        for (const auto& field : known)
            for (auto i = field.value; i < field.end; ++i)
                hidden_[i] = hidden_[i] || is_foreign(chars_[i]);
    }

    /// The digits of an address, where they are repeated whole.
    void hide_number(std::string_view address) {
        const auto digits = digits_of(address);
        if (digits.size() < number_digits_min) return;
        for (auto at = chars_.find(digits); at != std::string_view::npos;
             at = chars_.find(digits, at + 1))
            hide(at, at + digits.size() - shown_digits);
    }

    /// Numbers that are this phone's in another writing, but for those of `exempt`.
    void hide_phone(std::string_view address, const std::vector<bool>& exempt) {
        auto phone = digits_of(address);
        phone.erase(0, phone.find_first_not_of('0'));
        if (phone.size() < phone_digits_min ||
            compare_phones(address, address).what != verdict::agrees)
            return;
        std::size_t repeats = 0;
        for (std::size_t at = 0; at < chars_.size(); ++at) {
            const bool digit = is_digit(chars_[at]) && !exempt[at];
            const bool goes_on =
                at + 1 < chars_.size() && is_digit(chars_[at + 1]) && !exempt[at + 1];
            if (repeats == repeats_max) {
                if (digit) hide(at, at + 1);
            } else if (digit && !goes_on) {
                repeats += hide_phone_ending(at, phone, exempt) ? 1 : 0;
            }
        }
    }

    [[nodiscard]] bool operator[](std::size_t i) const { return hidden_[i]; }
    [[nodiscard]] std::size_t size() const { return hidden_.size(); }

private:
    /// Reads back as long as the digits are those of the phone, and then to the begin of the group.
    /// Returns whether enough of them are the same to look closer.
    bool hide_phone_ending(std::size_t last, std::string_view phone,
                           const std::vector<bool>& exempt) {
        std::array<std::size_t, phone_digits_max> at{};
        std::string run;          // its digits, the last one first
        std::size_t same = 0;     // of these
        std::size_t grouped = 0;  // of these, in groups that are the phone's altogether
        for (auto i = last + 1; i > 0 && run.size() < at.size() && !exempt[i - 1]; --i) {
            const char c = chars_[i - 1];
            if (!is_digit(c)) {
                if (!is_separator(c) || same < run.size()) break;
                grouped = run.size();
                continue;
            }
            if (same == run.size() && same < phone.size() && c == phone[phone.size() - 1 - same])
                ++same;
            else if (same < phone_digits_min)
                return false;
            else if (grouped == run.size())
                break;  // a group of its own
            at[run.size()] = i - 1;
            run.push_back(c);
        }
        if (same < phone_digits_min) return false;
        const auto agrees = [&](std::size_t digits) {
            const std::string forward(run.rend() - static_cast<std::ptrdiff_t>(digits), run.rend());
            return compare_phones(forward, phone).what == verdict::agrees;
        };
        if (same >= phone_digits_sure || agrees(run.size()) || agrees(grouped))
            hide(at[run.size() - 1], at[shown_digits - 1]);
        return true;
    }

    void set(std::size_t begin, std::size_t end, bool hidden) {
        for (auto i = begin; i < std::min(end, hidden_.size()); ++i)
            hidden_[i] = hidden && chars_[i] != ' ' && chars_[i] != '\r' && chars_[i] != '\n';
    }

    std::string_view chars_;
    std::vector<bool> hidden_;
};

std::string shown_text(const reading& from, const mask& hidden) {
    std::string out;
    for (std::size_t i = 0; i < hidden.size(); ++i) {
        if (hidden[i]) {
            out.push_back('*');
        } else if (from.units.empty()) {
            out.push_back(from.chars[i]);
        } else {
            const char32_t unit = from.units[i];
            const bool surrogate = unit >= 0xD800 && unit <= 0xDFFF;
            text::append_utf8(out, surrogate ? text::replacement_character : unit);
        }
    }
    return out;
}

std::string shown_octets(std::string_view octets, const reading& from, const mask& hidden) {
    std::string out(octets);
    for (std::size_t i = 0; i < hidden.size(); ++i) {
        if (!hidden[i]) continue;
        switch (from.how) {
            case reading::kind::octets:
                out[from.begin + i] = '*';
                break;
            case reading::kind::utf16:
            case reading::kind::little_utf16: {
                const bool little = from.how == reading::kind::little_utf16;
                out[from.begin + 2 * i] = little ? '*' : '\0';
                out[from.begin + 2 * i + 1] = little ? '\0' : '*';
                break;
            }
            case reading::kind::packed:
                out.resize(std::min(out.size(), from.begin + i * 7 / 8));
                return out;
        }
    }
    return out;
}

masked_message mask_words(const unmatched_view& one, std::size_t header) {
    carrier_message message;
    message.esm_class = one.esm_class;
    message.data_coding = one.data_coding;
    message.octets = text::octets_of(one.octets);
    masked_message out;
    out.octets = one.octets;
    std::fill(out.octets.begin() + static_cast<std::ptrdiff_t>(header), out.octets.end(), '*');
    const auto words = reply_text(message);
    for (std::size_t at = 0; at < words.size();) {
        const auto character = text::decode_utf8(words, at);
        const bool blank = character.bytes == 1 && is_blank(words[at]);
        out.text.push_back(blank ? ' ' : '*');
        at += std::max<std::size_t>(character.bytes, 1);
    }
    return out;
}

}  // namespace

masked_message mask_message(const unmatched_view& one) {
    std::size_t header = 0;  // none that is not sound, whatever esm_class says
    if (smpp::esm_class::has_udh(one.esm_class)) {
        const auto split = text::split_udh(text::octets_of(one.octets));
        const bool sound = split && text::is_sound_udh(split->elements);
        header = sound ? split->elements.size() + 1 : 0;
    }
    if (one.is_reply) return mask_words(one, header);
    const auto read = read_receipt_text(one.octets, header, one.data_coding);
    const std::string_view chars(read.chars);
    const auto fields = text::scan_receipt(chars);
    const auto words = place_of_words(chars, fields);
    const auto known = known_fields(chars, fields, words.name);
    const auto beside = look_beside(chars.substr(0, words.name), known);
    if (known.empty() && (beside.words || beside.fields < 2)) return mask_words(one, header);
    mask hidden(chars);
    hidden.hide_words(beside.words ? 0 : words.value, known);
    hidden.hide_foreign(known);
    std::vector<bool> exempt(chars.size(), false);
    for (const auto& field : known) {
        const bool is_id = fields.id && fields.id->data() == chars.data() + field.value;
        for (auto i = field.value; (is_id || field.is_date) && i < field.end; ++i)
            exempt[i] = true;
    }
    for (const std::string_view address :
         {std::string_view(one.source), std::string_view(one.destination)}) {
        hidden.hide_number(address);
        hidden.hide_phone(address, exempt);
    }
    return {shown_octets(one.octets, read, hidden), shown_text(read, hidden)};
}

std::string mask_id(std::string_view id, const unmatched_view& one) {
    mask hidden(id);
    hidden.hide_number(one.source);
    hidden.hide_number(one.destination);
    std::string out(id);
    for (std::size_t i = 0; i < out.size(); ++i)
        if (hidden[i]) out[i] = '*';
    return out;
}

std::string mask_destination(const unmatched_view& one) {
    const bool is_short = digits_of(one.destination).size() < phone_digits_min;
    return one.is_reply && (one.destination_is_ours || is_short) ? one.destination
                                                                 : mask_address(one.destination);
}

}  // namespace hikyaku::gateway::api
