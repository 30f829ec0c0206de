// Time fields: arbitrary texts are read or refused, what was read is near the present moment, and
// what is written is read back as the same moment.
#include <algorithm>
#include <cassert>
#include <string>

#include "smpp/pdu/times.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku::smpp {
namespace {

using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t now_end_ms = 4102444800000;  // the year 2100
constexpr days far{366 * 51};
constexpr days near{365 * 48};

void check_absolute(sys_time when, int quarters, sys_time now) {
    const time_text text = format_absolute_time(when, quarters);
    const auto back = parse_time(text.view(), now);
    assert(back.has_value() && back->has_value());
    if (std::max(when - now, now - when) > near) return;  // another century
    const milliseconds lost = when - **back;
    assert(lost >= milliseconds(0) && lost < milliseconds(100));
}

void check_relative(milliseconds from_now, sys_time now) {
    const auto text = format_relative_time(from_now);
    if (!text) {
        assert(text.error() == time_error::out_of_range);
        assert(from_now < milliseconds(0) || from_now > days(365 * 100) - seconds(1));
        return;
    }
    const auto back = parse_time(text->view(), now);
    assert(back.has_value() && back->has_value());
    const milliseconds gained = **back - now - from_now;
    assert(gained >= milliseconds(0) && gained < seconds(1));
}

void try_text(std::string_view text, sys_time now, int quarters) {
    const auto read = parse_time(text, now);
    if (!read) {
        assert(!text.empty());
        return;
    }
    assert(read->has_value() == !text.empty());
    if (!*read) return;
    assert(text.size() == 16);
    assert(std::max(**read - now, now - **read) < days(366 * 200));
    if (text.back() == 'R') {
        assert(**read >= now);
        check_relative(**read - now, now);
    } else {
        assert(std::max(**read - now, now - **read) < far);
        check_absolute(**read, quarters, now);
    }
}

}  // namespace
}  // namespace hikyaku::smpp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hikyaku;
    fuzz::fuzz_input input(data, size);
    const smpp::sys_time now{std::chrono::milliseconds(input.number(6) % smpp::now_end_ms)};
    const int quarters = input.choose(97) - 48;
    const std::chrono::milliseconds from_now(static_cast<std::int64_t>(input.number(6)));
    smpp::check_relative(from_now, now);
    smpp::check_relative(-from_now, now);
    smpp::check_absolute(now + from_now % std::chrono::days(365 * 100), quarters, now);

    const auto rest = input.rest();
    const std::string text(rest.begin(), rest.end());
    smpp::try_text(text, now, quarters);
    // Digits are hard to guess: the same bytes again, made into them.
    std::string digits = text.substr(0, std::min<std::size_t>(text.size(), 15));
    for (char& character : digits)
        character = static_cast<char>('0' + static_cast<unsigned char>(character) % 10);
    for (const char direction : {'+', '-', 'R'})
        smpp::try_text(digits + direction, now, quarters);
    return 0;
}
