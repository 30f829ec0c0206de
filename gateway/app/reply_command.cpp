#include "gateway/app/reply_command.hpp"

#include <charconv>
#include <chrono>
#include <istream>
#include <optional>
#include <ostream>

#include "gateway/dunning/answers/said_json.hpp"
#include "gateway/replies/reply_reader.hpp"

namespace hikyaku::gateway::app {
namespace {

/// "2026-11-30". Empty: it is none.
std::optional<replies::date> date_of(std::string_view text) {
    const auto part = [&text](std::size_t from, std::size_t count) -> std::optional<int> {
        int value = 0;
        const char* const begin = text.data() + from;
        const auto [end, fault] = std::from_chars(begin, begin + count, value);
        if (fault != std::errc{} || end != begin + count || value < 0) return std::nullopt;
        return value;
    };
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = part(0, 4), month = part(5, 2), day = part(8, 2);
    if (!year || !month || !day) return std::nullopt;
    const replies::date made{std::chrono::year(*year),
                             std::chrono::month(static_cast<unsigned>(*month)),
                             std::chrono::day(static_cast<unsigned>(*day))};
    return made.ok() ? std::optional(made) : std::nullopt;
}

}  // namespace

int read_replies(const std::string& today, const std::string& language,
                 const standard_streams& streams) {
    const auto day = date_of(today);
    if (!day) {
        streams.error << "hikyaku: --today must be a date like 2026-11-30" << std::endl;
        return 1;
    }
    const auto& reader = replies::reply_reader::shipped();
    for (std::string line; std::getline(streams.in, line);) {
        if (line.ends_with('\r')) line.pop_back();
        streams.out << dunning::json_of(reader.read(line, language, *day)) << std::endl;
    }
    return 0;
}

}  // namespace hikyaku::gateway::app
