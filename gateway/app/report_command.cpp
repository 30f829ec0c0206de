#include "gateway/app/report_command.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <map>
#include <optional>
#include <ostream>
#include <tuple>

#include "gateway/api/times.hpp"
#include "gateway/app/admin_question.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

using counted_by = std::tuple<std::string, std::string, std::string, bool>;  // ..., in shadow

std::string encoded(const std::string& text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

/// Calls `each` for every object of a list.
template <class Each>
void for_each_in(const json::object& page, std::string_view name, Each&& each) {
    const auto* list = page.if_contains(name);
    if (list == nullptr || !list->is_array()) return;
    for (const auto& one : list->get_array())
        if (one.is_object()) each(one.get_object());
}

bool is_shadow(const json::object& row) {
    const auto* value = row.if_contains("shadow");
    return value != nullptr && value->is_bool() && value->get_bool();
}

std::int64_t number_at(const json::object& row, std::string_view name) {
    const auto* value = row.if_contains(name);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

void print_message(const json::object& message, const standard_streams& streams) {
    std::string rules;
    if (const auto* list = message.if_contains("rules"); list != nullptr && list->is_array())
        for (const auto& each : list->get_array())
            if (each.is_string()) rules += " " + std::string(each.get_string());
    streams.out << fmt::format("{} {} {}{}{}\n", text_at(message, "id", "?"),
                               text_at(message, "at", "?"), is_shadow(message) ? "shadow " : "",
                               text_at(message, "decision", "?"), rules);
}

/// The last seven days of the gateway's clock, where nothing else is said.
bool fill_in(report_request& request, const standard_streams& streams) {
    constexpr std::int64_t week_ms = std::int64_t{7} * 24 * 3600 * 1000;
    if (request.to.empty()) {
        const auto clock = ask_admin({.admin = request.admin, .target = "/admin/clock"}, streams);
        if (!clock) return false;
        request.to = text_at(*clock, "now", "");
    }
    const auto to = api::parse_time(request.to);
    if (request.from.empty() && to) request.from = api::format_time(*to - week_ms);
    return true;
}

}  // namespace

int report_decisions(const report_request& given, const standard_streams& streams) {
    auto request = given;
    if (!fill_in(request, streams)) return 1;
    std::map<counted_by, std::int64_t> rows;
    std::int64_t allowed = 0;
    std::string after;
    do {
        admin_question question;
        question.admin = request.admin;
        question.target = fmt::format("/admin/policy/report?account={}&from={}&to={}&limit={}",
                                      encoded(request.account), encoded(request.from),
                                      encoded(request.to), request.lists ? 1000 : 0);
        if (!after.empty()) question.target += "&after=" + after;
        const auto page = ask_admin(question, streams);
        if (!page) return 1;
        allowed += number_at(*page, "allowed");
        for_each_in(*page, "rows", [&rows](const json::object& row) {
            rows[{text_at(row, "day", ""), text_at(row, "rule", ""), text_at(row, "decision", ""),
                  is_shadow(row)}] += number_at(row, "messages");
        });
        if (request.lists)
            for_each_in(*page, "messages",
                        [&streams](const json::object& each) { print_message(each, streams); });
        after = text_at(*page, "next", "");
    } while (!after.empty());
    if (!request.lists) {
        for (const auto& [by, count] : rows)
            streams.out << fmt::format("{} {} {}{} {}\n", std::get<0>(by), std::get<1>(by),
                                       std::get<3>(by) ? "shadow " : "", std::get<2>(by), count);
        streams.out << fmt::format("allowed {}\n", allowed);
    }
    streams.out << std::flush;
    return 0;
}

}  // namespace hikyaku::gateway::app
