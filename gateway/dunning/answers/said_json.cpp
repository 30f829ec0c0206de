#include "gateway/dunning/answers/said_json.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

namespace hikyaku::gateway::dunning {
namespace {

void append_list(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    out.append(",\"").append(name).append("\":[");
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i > 0) out.push_back(',');
        out += boost::json::serialize(boost::json::string(texts[i]));
    }
    out.push_back(']');
}

std::string day_text(const replies::date& day) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
}

}  // namespace

/// By hand: a confidence is 0.95 for whoever reads it, and not 9.5E-1.
std::string json_of(const replies::reading& said) {
    std::string out = "{\"intents\":[";
    for (const auto& each : said.intents) {
        if (out.back() == '}') out.push_back(',');
        out += fmt::format("{{\"intent\":\"{}\",\"confidence\":{:g}", replies::name_of(each.what),
                           each.confidence);
        std::vector<std::string> dates;
        for (const auto& day : each.dates)
            dates.push_back(day_text(day));
        append_list(out, "dates", dates);
        append_list(out, "words", each.words);
        out.push_back('}');
    }
    const bool acts = said.says == replies::decision::act;
    out += fmt::format("],\"decision\":\"{}\",\"language\":\"{}\"}}", acts ? "act" : "person",
                       said.language);
    return out;
}

}  // namespace hikyaku::gateway::dunning
