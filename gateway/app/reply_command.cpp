#include "gateway/app/reply_command.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <istream>
#include <optional>
#include <ostream>
#include <span>
#include <vector>

#include "gateway/api/json/text.hpp"
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

std::string text_of(const replies::date& day) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

void append_texts(std::string& out, std::string_view name, std::span<const std::string> texts) {
    if (texts.empty()) return;
    out.append(",\"").append(name).append("\":[");
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) out.push_back(',');
        api::append_json_string(out, texts[i]);
    }
    out.push_back(']');
}

/// By hand: a confidence is 0.95 for whoever reads it, and not 9.5E-1.
std::string json_of(const replies::reading& read) {
    std::string out = "{\"intents\":[";
    for (const auto& each : read.intents) {
        if (out.back() == '}') out.push_back(',');
        out += fmt::format("{{\"intent\":\"{}\",\"confidence\":{:g}", replies::name_of(each.what),
                           each.confidence);
        std::vector<std::string> dates;
        for (const auto& day : each.dates)
            dates.push_back(text_of(day));
        append_texts(out, "dates", dates);
        append_texts(out, "words", each.words);
        out.push_back('}');
    }
    const bool acts = read.says == replies::decision::act;
    out += fmt::format("],\"decision\":\"{}\",\"language\":\"{}\"}}", acts ? "act" : "person",
                       read.language);
    return out;
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
        streams.out << json_of(reader.read(line, language, *day)) << std::endl;
    }
    return 0;
}

}  // namespace hikyaku::gateway::app
