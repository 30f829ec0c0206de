#include "gateway/app/clock_command.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <ostream>

#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/app/admin_question.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

/// A year takes a minute or so.
constexpr std::chrono::hours move_limit{1};

std::string line_of(const json::object& clock) {
    const auto flag = [&clock](std::string_view name) {
        const auto* value = clock.if_contains(name);
        return value != nullptr && value->is_bool() && value->get_bool();
    };
    const auto now = text_at(clock, "now", "?");
    if (text_at(clock, "clock", "") != "virtual") return now + " (the system's clock)";
    const auto* moved = clock.if_contains("moved_by_seconds");
    const auto ahead =
        std::chrono::seconds(moved != nullptr && moved->is_int64() ? moved->get_int64() : 0);
    return fmt::format("{} (virtual, {} ahead of the machine's{}{})", now, format_span(ahead),
                       flag("stands") ? ", stands" : "", flag("moves") ? ", moves" : "");
}

}  // namespace

int clock_of_gateway(const clock_request& request, const standard_streams& streams) {
    admin_question question;
    question.admin = request.admin;
    question.target = "/admin/clock";
    if (!request.to.empty()) {
        json::object body;
        body[api::parse_duration(request.to) ? "by" : "to"] = request.to;
        if (request.stands) body["stand"] = true;
        question.method = "POST";
        question.target = "/admin/clock:advance";
        question.body = api::write_json(body);
        question.limit = move_limit;
    }
    const auto answer = ask_admin(question, streams);
    if (!answer) return 1;
    streams.out << line_of(*answer) << std::endl;
    return 0;
}

}  // namespace hikyaku::gateway::app
