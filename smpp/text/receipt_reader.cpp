#include <array>

#include "smpp/text/ascii.hpp"
#include "smpp/text/receipt.hpp"

namespace hikyaku::smpp::text {

namespace {

enum class field : std::uint8_t { id, sub, dlvrd, submit_date, done_date, stat, err, text };

struct key_name {
    std::string_view first;
    std::string_view second;  // after an optional space, `_` or `-`
    field which;
};
constexpr std::array key_names{key_name{"id", "", field::id},
                               key_name{"sub", "", field::sub},
                               key_name{"dlvrd", "", field::dlvrd},
                               key_name{"submit", "date", field::submit_date},
                               key_name{"done", "date", field::done_date},
                               key_name{"stat", "", field::stat},
                               key_name{"err", "", field::err},
                               key_name{"text", "", field::text}};

constexpr std::uint8_t blank = 1, divider = 2, date_sign = 4;
constexpr std::array<std::uint8_t, 256> kinds = [] {
    std::array<std::uint8_t, 256> kind{};
    for (std::size_t c = 0; c <= ' '; ++c)
        kind[c] = blank;
    for (const unsigned char c : {',', ';', '|'})
        kind[c] = divider;
    for (const unsigned char c : {'-', '/', '.'})
        kind[c] = date_sign;
    return kind;
}();

/// What the octet is in a receipt, of the three above; 0 for all others.
constexpr std::uint8_t kind_of(char c) {
    return kinds[static_cast<unsigned char>(c)];
}
constexpr bool is_blank(char c) {
    return kind_of(c) == blank;
}
constexpr bool is_divider(char c) {
    return kind_of(c) == divider;
}

struct found_key {
    field which = field::id;
    std::size_t begin = 0;
    std::size_t value = 0;  // after the colon
};

class scanner {
public:
    explicit scanner(std::string_view text) : text_(text) {}

    receipt_text scan() {
        std::size_t at = 0;
        while (const auto key = next_key(at)) {
            seen_ |= bit(key->which);
            look_for_words(at, key->begin);
            const std::size_t begin = skip_blanks(key->value);
            const std::size_t end =
                key->which == field::text ? text_end(begin) : value_end(key->which, begin);
            slot(key->which) = text_.substr(begin, end - begin);
            at = end;
        }
        look_for_words(at, text_.size());
        return fields_;
    }

    /// After scan(): something stands between, before or behind the fields, in front of the text.
    [[nodiscard]] bool has_words() const { return has_words_; }

private:
    /// Fields that are not in the list ("mcc:440") are no words.
    void look_for_words(std::size_t begin, std::size_t end) {
        if (fields_.text) return;
        while (begin < end) {
            while (begin < end && (kind_of(text_[begin]) & (blank | divider)) != 0)
                ++begin;
            const std::size_t word = begin;
            while (begin < end && !is_blank(text_[begin]))
                ++begin;
            const std::string_view one = text_.substr(word, begin - word);
            has_words_ = has_words_ || (!one.empty() && one.find(':') == std::string_view::npos);
        }
    }

    static unsigned bit(field which) { return 1u << static_cast<unsigned>(which); }

    std::size_t skip_blanks(std::size_t at) const {
        while (at < text_.size() && is_blank(text_[at]))
            ++at;
        return at;
    }

    bool may_begin_key(std::size_t at) const {
        return at == 0 || (kind_of(text_[at - 1]) & (blank | divider)) != 0;
    }

    /// A key at exactly this place, inside the text, that has not been seen yet.
    std::optional<found_key> key_at(std::size_t begin) const {
        if (!may_begin_key(begin)) return {};
        const char first = lower_ascii(text_[begin]);
        for (const key_name& name : key_names) {
            if (name.first.front() != first || (seen_ & bit(name.which)) != 0) continue;
            if (!begins_with_ignoring_case(text_.substr(begin), name.first)) continue;
            std::size_t at = begin + name.first.size();
            if (!name.second.empty()) {
                if (at < text_.size() && (text_[at] == '_' || text_[at] == '-')) ++at;
                at = skip_blanks(at);
                if (!begins_with_ignoring_case(text_.substr(at), name.second)) continue;
                at += name.second.size();
            }
            at = skip_blanks(at);
            if (at < text_.size() && text_[at] == ':') return found_key{name.which, begin, at + 1};
        }
        return {};
    }

    std::optional<found_key> next_key(std::size_t at) const {
        for (; at < text_.size(); ++at) {
            if (!may_begin_key(at)) continue;
            if (const auto key = key_at(at)) return key;
        }
        return {};
    }

    /// The end of a value other than the text: the next blank, or a divider with a key or nothing
    /// after it. A date with signs inside may be followed by a time of day.
    std::size_t value_end(field which, std::size_t begin) const {
        if (begin == text_.size() || key_at(begin)) return begin;
        const bool is_date = which == field::submit_date || which == field::done_date;
        bool has_signs = false;
        std::size_t end = begin;
        for (; end < text_.size(); ++end) {
            const char c = text_[end];
            if (kind_of(c) == 0) continue;
            if (is_blank(c)) {
                const bool time_follows = is_date && has_signs && c == ' ' &&
                                          end + 1 < text_.size() && is_digit(text_[end + 1]);
                if (!time_follows) break;
                has_signs = false;  // once
            } else if (is_divider(c) && ends_value(end + 1)) {
                break;
            } else if (kind_of(c) == date_sign) {
                has_signs = true;
            }
        }
        while (end > begin && is_divider(text_[end - 1]))
            --end;
        return end;
    }

    bool ends_value(std::size_t after) const {
        return after >= text_.size() || is_blank(text_[after]) || key_at(after).has_value();
    }

    /// The text reaches to the end, or to a field not seen before whose value can be one: some
    /// carriers put the text in the middle, but "err: none" inside it is part of what was written.
    std::size_t text_end(std::size_t begin) const {
        for (auto key = next_key(begin); key; key = next_key(key->value)) {
            const std::size_t value = skip_blanks(key->value);
            const std::size_t end = value_end(key->which, value);
            if (!is_plausible(key->which, text_.substr(value, end - value))) continue;
            std::size_t last = key->begin;
            while (last > begin && (is_blank(text_[last - 1]) || is_divider(text_[last - 1])))
                --last;
            return last;
        }
        std::size_t last = text_.size();
        while (last > begin && is_blank(text_[last - 1]) && text_[last - 1] != ' ')
            --last;
        return last;
    }

    static bool is_plausible(field which, std::string_view value) {
        std::size_t digits = 0;
        for (const char c : value)
            digits += is_digit(c) ? 1 : 0;
        switch (which) {
            case field::sub:
            case field::dlvrd:
                return !value.empty() && value.size() <= 3 && digits == value.size();
            case field::submit_date:
            case field::done_date:
                return digits >= 10;
            case field::stat:
                return receipt_state_of(value).has_value();
            case field::err:
                return !value.empty() && value.size() <= 8 && digits != 0;
            default:
                return !value.empty();
        }
    }

    std::optional<std::string_view>& slot(field which) {
        switch (which) {
            case field::id:
                return fields_.id;
            case field::sub:
                return fields_.sub;
            case field::dlvrd:
                return fields_.dlvrd;
            case field::submit_date:
                return fields_.submit_date;
            case field::done_date:
                return fields_.done_date;
            case field::stat:
                return fields_.stat;
            case field::err:
                return fields_.err;
            default:
                return fields_.text;
        }
    }

    std::string_view text_;
    unsigned seen_ = 0;
    receipt_text fields_;
    bool has_words_ = false;
};

bool is_all_capitals(std::string_view word) {
    for (const char c : word)
        if (c < 'A' || c > 'Z') return false;
    return word.size() >= 5 && word.size() <= 15;
}

}  // namespace

receipt_text scan_receipt(std::string_view text) noexcept {
    return scanner(text).scan();
}

bool is_receipt(const receipt_text& fields) noexcept {
    if (!fields.id || fields.id->empty() || !fields.stat || fields.stat->empty()) return false;
    if (receipt_state_of(*fields.stat) || is_all_capitals(*fields.stat)) return true;
    const int others = fields.sub.has_value() + fields.dlvrd.has_value() +
                       fields.submit_date.has_value() + fields.done_date.has_value() +
                       fields.err.has_value();
    return others >= 2;
}

bool has_only_fields(std::string_view text) noexcept {
    scanner scan(text);
    const receipt_text fields = scan.scan();
    const int told = fields.sub.has_value() + fields.dlvrd.has_value() +
                     fields.submit_date.has_value() + fields.done_date.has_value();
    return !scan.has_words() || told >= 3;
}

bool has_words(std::string_view text) noexcept {
    scanner scan(text);
    (void)scan.scan();
    return scan.has_words();
}

std::optional<receipt_text> parse_receipt(std::string_view text) noexcept {
    const receipt_text fields = scan_receipt(text);
    if (!is_receipt(fields)) return {};
    return fields;
}

namespace {

/// `digits` in pairs: year (two or four digits), month, day, hour, minute and, if present, second.
std::optional<std::chrono::sys_seconds> read_date(std::string_view digits,
                                                  std::size_t year_digits) {
    const auto pair = [digits](std::size_t at) {
        return at + 1 < digits.size() ? (digits[at] - '0') * 10 + (digits[at + 1] - '0') : 0;
    };
    const int year = year_digits == 4 ? pair(0) * 100 + pair(2) : 2000 + pair(0);
    const std::size_t at = year_digits;
    const std::chrono::year_month_day day{std::chrono::year{year},
                                          std::chrono::month(static_cast<unsigned>(pair(at))),
                                          std::chrono::day(static_cast<unsigned>(pair(at + 2)))};
    const int hour = pair(at + 4), minute = pair(at + 6), second = pair(at + 8);
    if (!day.ok() || hour > 23 || minute > 59 || second > 60) return {};
    return std::chrono::sys_days{day} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second};
}

}  // namespace

std::optional<std::chrono::sys_seconds> parse_receipt_date(std::string_view text) noexcept {
    std::array<char, 14> digits{};
    std::size_t count = 0;
    for (const char c : text) {
        if (is_digit(c)) {
            if (count == digits.size()) return {};
            digits[count++] = c;
        } else if (count == 0 || std::string_view("-/.:T ").find(c) == std::string_view::npos) {
            return {};
        }
    }
    const std::string_view found(digits.data(), count);
    if (count == 14) return read_date(found, 4);
    if (count != 10 && count != 12) return {};
    const auto short_year = read_date(found, 2);
    return short_year || count == 10 ? short_year : read_date(found, 4);
}

}  // namespace hikyaku::smpp::text
