#include "gateway/api/unmatched_mask.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/engine/reply_part.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/text/data_coding.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/packing.hpp"
#include "smpp/text/receipt.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace text = smpp::text;

constexpr std::size_t number_digits_min = 6;  // shorter ones may be part of an id
constexpr std::size_t shown_digits = 3;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_word(char c) {
    return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}
bool is_blank(char c) {
    return static_cast<unsigned char>(c) <= ' ';
}

/// The octets behind the header, read one character for each octet, 16-bit unit or septet.
struct reading {
    enum class kind : std::uint8_t { octets, utf16, little_utf16, packed } how = kind::octets;
    std::size_t begin = 0;        // of the characters in the octets
    std::string chars;            // '?' where a unit is not ASCII
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
        out.chars.push_back(unit < 0x80 ? static_cast<char>(unit) : '?');
    }
    return out;
}

/// As carrier_receipt.cpp reads them: data_coding is a hint only.
reading read_receipt_text(std::string_view octets, std::size_t begin, std::uint8_t data_coding) {
    const auto body = octets.substr(begin);
    reading plain{.begin = begin, .chars = std::string(body), .units = {}};
    if (text::is_receipt(text::scan_receipt(plain.chars))) {
        return plain;
    }
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
        if (text::is_receipt(text::scan_receipt(unpacked))) {
            return {reading::kind::packed, begin, std::move(unpacked), {}};
        }
    }
    return plain;
}

/// The place behind "text:", "Text =" and the like; empty if there is none.
std::optional<std::size_t> place_of_text(std::string_view chars) {
    constexpr std::string_view name = "text";
    for (std::size_t i = 0; i + name.size() < chars.size(); ++i) {
        if (i > 0 && is_word(chars[i - 1])) continue;
        const auto same = [&](std::size_t j) { return lower(chars[i + j]) == name[j]; };
        if (!(same(0) && same(1) && same(2) && same(3))) continue;
        auto at = i + name.size();
        while (at < chars.size() && is_blank(chars[at]))
            ++at;
        if (at < chars.size() && (chars[at] == ':' || chars[at] == '=')) return at + 1;
    }
    return std::nullopt;
}

/// "name:value" and "name=value", as unknown dialects would write as well.
std::size_t count_pairs(std::string_view chars) {
    std::size_t pairs = 0;
    for (std::size_t i = 1; i + 1 < chars.size(); ++i) {
        const bool sign = chars[i] == ':' || chars[i] == '=';
        const bool named = is_word(chars[i - 1]) && !is_digit(chars[i - 1]);
        pairs += sign && named && is_word(chars[i + 1]) ? 1 : 0;
    }
    return pairs;
}

class mask {
public:
    explicit mask(std::string_view chars) : chars_(chars), hidden_(chars.size(), false) {}

    void hide(std::size_t begin, std::size_t end) { set(begin, end, true); }

    /// Words of the message: what stands behind "text:".
    void hide_text() {
        const auto fields = text::scan_receipt(chars_);
        const auto named = place_of_text(chars_);
        const auto found = fields.text ? std::optional(offset_of(*fields.text)) : named;
        if (found) hide_words(named ? std::min(*named, *found) : *found);
    }

    /// All from here on but the values of a receipt's fields.
    void hide_words(std::size_t begin) {
        hide(begin, chars_.size());
        const auto fields = text::scan_receipt(chars_);
        const std::array<std::optional<std::string_view>, 7> others{
            fields.id,        fields.sub,  fields.dlvrd, fields.submit_date,
            fields.done_date, fields.stat, fields.err};
        for (const auto& field : others) {
            if (!field || field->empty() || offset_of(*field) < begin) continue;
            const auto value = offset_of(*field);
            set(value, value + field->size(), false);
        }
    }

    /// The digits of an address, where the text repeats them.
    void hide_number(std::string_view address) {
        std::string digits;
        for (const char c : address)
            if (is_digit(c)) digits.push_back(c);
        if (digits.size() < number_digits_min) return;
        for (auto at = chars_.find(digits); at != std::string_view::npos;
             at = chars_.find(digits, at + 1)) {
            hide(at, at + digits.size() - shown_digits);
        }
    }

    [[nodiscard]] bool operator[](std::size_t i) const { return hidden_[i]; }
    [[nodiscard]] std::size_t size() const { return hidden_.size(); }

private:
    [[nodiscard]] std::size_t offset_of(std::string_view part) const {
        return static_cast<std::size_t>(part.data() - chars_.data());
    }
    void set(std::size_t begin, std::size_t end, bool hidden) {
        for (auto i = begin; i < std::min(end, hidden_.size()); ++i)
            hidden_[i] = hidden && !is_blank(chars_[i]);
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
    std::size_t header = 0;
    if (smpp::esm_class::has_udh(one.esm_class) && !one.octets.empty()) {
        header = static_cast<unsigned char>(one.octets[0]) + std::size_t{1};
        header = header > one.octets.size() ? 0 : header;  // there is none, whatever esm_class says
    }
    if (one.is_reply) {
        return mask_words(one, header);
    }
    const auto read = read_receipt_text(one.octets, header, one.data_coding);
    const auto fields = text::scan_receipt(read.chars);
    const bool has_field = fields.id || fields.stat || fields.sub || fields.dlvrd ||
                           fields.submit_date || fields.done_date || fields.err;
    const bool in_fields = text::is_receipt(fields) || count_pairs(read.chars) >= 2 ||
                           (has_field && text::has_only_fields(read.chars));
    if (!has_field && !in_fields) {
        return mask_words(one, header);
    }
    mask hidden(read.chars);
    if (in_fields) {
        hidden.hide_text();
    } else {
        hidden.hide_words(0);
    }
    hidden.hide_number(one.source);
    hidden.hide_number(one.destination);
    return {shown_octets(one.octets, read, hidden), shown_text(read, hidden)};
}

}  // namespace hikyaku::gateway::api
