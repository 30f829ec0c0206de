#include "gateway/app/reload_command.hpp"

#include <boost/json/parse.hpp>
#include <ostream>
#include <utility>

#include "config/difference.hpp"
#include "config/load.hpp"
#include "gateway/api/admin/config_page.hpp"
#include "gateway/app/admin_client.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

const json::array* list_at(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    return value == nullptr ? nullptr : value->if_array();
}

std::string word_at(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    const auto* text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string() : std::string(*text);
}

std::vector<std::string> texts_at(const json::object& from, std::string_view name) {
    std::vector<std::string> out;
    if (const auto* list = list_at(from, name))
        for (const auto& each : *list)
            if (const auto* text = each.if_string()) out.emplace_back(*text);
    return out;
}

config::name_changes names_at(const json::object& from, std::string_view name) {
    const auto* value = from.if_contains(name);
    const auto* object = value == nullptr ? nullptr : value->if_object();
    if (object == nullptr) return {};
    return {texts_at(*object, "added"), texts_at(*object, "changed"), texts_at(*object, "removed")};
}

config::faults faults_at(const json::object& from, std::string_view name) {
    config::faults out;
    const auto* list = list_at(from, name);
    if (list == nullptr) return out;
    for (const auto& each : *list) {
        const auto* row = each.if_object();
        if (row == nullptr) continue;
        auto& added = out.emplace_back();
        added.file = word_at(*row, "file");
        added.sentence = word_at(*row, "message");
        if (const auto* line = row->if_contains("line"))
            added.at.line = json::value_to<std::uint32_t>(*line);
    }
    return out;
}

config::difference difference_in(const json::object& answer) {
    config::difference what;
    what.accounts = names_at(answer, "accounts");
    what.carriers = names_at(answer, "carriers");
    what.routes = names_at(answer, "routes");
    if (const auto* carriers = answer.if_contains("carriers"))
        if (const auto* object = carriers->if_object())
            what.rebound = texts_at(*object, "new_binds");
    what.settings = texts_at(answer, "settings");
    if (const auto* list = list_at(answer, "needs_restart"))
        for (const auto& each : *list)
            if (const auto* row = each.if_object())
                what.restart.push_back(
                    {word_at(*row, "path"), word_at(*row, "file"), word_at(*row, "running")});
    return what;
}

}  // namespace

int reload_gateway(const std::string& admin, const standard_streams& streams) {
    auto where = parse_admin_url(admin);
    if (!where) {
        streams.error << wants_admin_url << std::endl;
        return 1;
    }
    const auto reply = admin_client(std::move(*where)).ask("POST", "/admin/config:reload");
    if (reply.status == 0) {
        streams.error << "hikyaku: " << reply.fault << std::endl;
        return 1;
    }
    boost::system::error_code fault;
    const auto parsed = json::parse(reply.body, fault);
    const auto* body = fault ? nullptr : parsed.if_object();
    if (body == nullptr || (reply.status != 200 && list_at(*body, "faults") == nullptr)) {
        streams.error << "hikyaku: " << describe_refusal(reply) << std::endl;
        return 1;
    }
    if (reply.status != 200) {
        streams.error << config::describe(faults_at(*body, "faults")) << std::flush;
        return 1;
    }
    streams.error << config::describe(faults_at(*body, "warnings")) << std::flush;
    streams.out << config::describe(difference_in(*body)) << std::flush;
    for (const auto& each : texts_at(*body, "not_done"))
        streams.error << "hikyaku: " << each << std::endl;
    return texts_at(*body, "not_done").empty() ? 0 : 1;
}

}  // namespace hikyaku::gateway::app
