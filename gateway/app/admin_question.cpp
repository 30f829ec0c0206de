#include "gateway/app/admin_question.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <ostream>

#include "gateway/app/admin_client.hpp"

namespace hikyaku::gateway::app {

namespace json = boost::json;

std::optional<json::object> ask_admin(const admin_question& question,
                                      const standard_streams& streams) {
    auto where = parse_admin_url(question.admin);
    if (!where) {
        streams.error << wants_admin_url << std::endl;
        return std::nullopt;
    }
    admin_client client(std::move(*where));
    client.wait_for(question.limit);
    const auto reply = client.ask(question.method, question.target, question.body);
    if (reply.status == 0) {
        streams.error << "hikyaku: " << reply.fault << std::endl;
        return std::nullopt;
    }
    boost::system::error_code fault;
    auto body = json::parse(reply.body, fault);
    if (reply.status == 200 && !fault && body.is_object()) return std::move(body.get_object());
    streams.error << "hikyaku: " << describe_refusal(reply) << std::endl;
    return std::nullopt;
}

std::string text_at(const json::object& object, std::string_view name, std::string_view otherwise) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string(otherwise);
}

std::string format_span(std::chrono::seconds length) {
    const auto all = length.count() < 0 ? -length.count() : length.count();
    return fmt::format("{}{}d {:02}:{:02}:{:02}", length.count() < 0 ? "-" : "", all / 86400,
                       all / 3600 % 24, all / 60 % 60, all % 60);
}

}  // namespace hikyaku::gateway::app
