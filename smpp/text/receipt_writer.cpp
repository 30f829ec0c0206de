#include <algorithm>
#include <cassert>

#include "smpp/text/ascii.hpp"
#include "smpp/text/receipt.hpp"

namespace hikyaku::smpp::text {

namespace {

constexpr std::size_t id_characters_max = 64;
constexpr std::size_t word_octets_max = 32;
constexpr std::size_t text_characters_max = 20;

/// Appends to a buffer of the caller; what does not fit is noticed at the end.
class appender {
public:
    explicit appender(std::span<char> out) : out_(out) {}

    void put(char c) {
        if (used_ < out_.size()) out_[used_] = c;
        ++used_;
    }
    void put(std::string_view text) {
        for (const char c : text)
            put(c);
    }
    void put_number(unsigned value, int digits) {
        unsigned divisor = 1;
        while (--digits > 0)
            divisor *= 10;
        for (; divisor != 0; divisor /= 10)
            put(static_cast<char>('0' + value / divisor % 10));
    }
    void put_date(std::chrono::sys_seconds time, receipt_date_form form) {
        const auto midnight = std::chrono::floor<std::chrono::days>(time);
        const std::chrono::year_month_day day{midnight};
        const std::chrono::hh_mm_ss clock{time - midnight};
        const auto year = static_cast<unsigned>(static_cast<int>(day.year()));
        if (form == receipt_date_form::fourteen_digits) put_number(year / 100, 2);
        put_number(year % 100, 2);
        put_number(static_cast<unsigned>(day.month()), 2);
        put_number(static_cast<unsigned>(day.day()), 2);
        put_number(static_cast<unsigned>(clock.hours().count()), 2);
        put_number(static_cast<unsigned>(clock.minutes().count()), 2);
        if (form != receipt_date_form::ten_digits)
            put_number(static_cast<unsigned>(clock.seconds().count()), 2);
    }
    [[nodiscard]] std::optional<std::string_view> written() const {
        if (used_ > out_.size()) return {};
        return std::string_view(out_.data(), used_);
    }

private:
    std::span<char> out_;
    std::size_t used_ = 0;
};

/// What a carrier wrote, without what would end the field.
void put_word(appender& out, std::string_view word) {
    for (const char c : word.substr(0, word_octets_max))
        out.put(c > ' ' && c <= '~' ? c : '?');
}

void put_text(appender& out, std::string_view text) {
    std::size_t characters = 0;
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;  // inside a UTF-8 sequence
        if (++characters > text_characters_max) return;
        out.put(c >= ' ' && c <= '~' ? c : '?');
    }
}

}  // namespace

std::optional<std::string_view> write_receipt(std::span<char> out,
                                              const receipt_fields& fields) noexcept {
    assert(!fields.id.empty() && fields.id.size() <= id_characters_max);
    appender line(out);
    line.put("id:");
    line.put(fields.id);
    line.put(" sub:");
    line.put_number(std::min<unsigned>(fields.sub, 999), 3);
    line.put(" dlvrd:");
    line.put_number(std::min<unsigned>(fields.dlvrd, 999), 3);
    line.put(" submit date:");
    line.put_date(fields.submit_date, fields.dates);
    line.put(" done date:");
    line.put_date(fields.done_date, fields.dates);
    line.put(" stat:");
    put_word(line, fields.stat_word.empty() ? word_of(fields.stat) : fields.stat_word);
    line.put(" err:");
    put_word(line, fields.err.empty() ? "000" : fields.err);
    line.put(" text:");
    put_text(line, fields.text);
    return line.written();
}

}  // namespace hikyaku::smpp::text
