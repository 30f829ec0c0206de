#include "gateway/app/stop_command.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <ostream>

#include "gateway/api/json/text.hpp"
#include "gateway/app/admin_question.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

std::optional<json::object> ask(const std::string& admin, std::string_view method,
                                const std::string& target, const standard_streams& streams) {
    return ask_admin({.admin = admin, .method = std::string(method), .target = target}, streams);
}

std::string line_of(const json::object& stop, std::string_view word) {
    return fmt::format("{}: {} of {}, since {} by {}", word, text_at(stop, "purpose", "everything"),
                       text_at(stop, "account", "every account"), text_at(stop, "at", "?"),
                       text_at(stop, "by", "nobody named"));
}

int list(const stop_request& request, const standard_streams& streams) {
    const auto answer = ask(request.admin, "GET", "/admin/stops", streams);
    if (!answer) return 1;
    const auto* stops = answer->if_contains("stops");
    if (stops == nullptr || !stops->is_array()) return 1;
    for (const auto& each : stops->get_array())
        if (each.is_object()) streams.out << line_of(each.get_object(), "stopped") << '\n';
    if (stops->get_array().empty()) streams.out << "nothing is stopped\n";
    streams.out << std::flush;
    return 0;
}

}  // namespace

int stop_sending(const stop_request& request, const standard_streams& streams) {
    if (request.lists) return list(request, streams);
    std::string target = request.lifts ? "/admin/sending:resume" : "/admin/sending:stop";
    char before = '?';
    const auto add = [&](std::string_view name, std::string_view value) {
        if (value.empty()) return;
        target += fmt::format("{}{}={}", before, name,
                              boost::urls::encode(value, boost::urls::unreserved_chars));
        before = '&';
    };
    add("account", request.account);
    add("purpose", request.purpose);
    if (!request.lifts) add("by", request.by);
    const auto answer = ask(request.admin, "POST", target, streams);
    if (!answer) return 1;
    if (request.lifts)
        streams.out << fmt::format("sending again: {} of {}",
                                   text_at(*answer, "purpose", "everything"),
                                   text_at(*answer, "account", "every account"))
                    << std::endl;
    else
        streams.out << line_of(*answer, "stopped") << std::endl;
    return 0;
}

int explain_decision(const std::string& admin, const std::string& id,
                     const standard_streams& streams) {
    const auto target =
        fmt::format("/admin/decisions/{}", boost::urls::encode(id, boost::urls::unreserved_chars));
    const auto answer = ask(admin, "GET", target, streams);
    if (!answer) return 1;
    streams.out << api::write_json(*answer) << std::endl;
    return 0;
}

}  // namespace hikyaku::gateway::app
