#include "gateway/api/error_json.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "gateway/api/json/text.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

json::value code_of(const error_view& told) {
    const bool no_number = told.error == 0 && !told.says_zero();
    if (no_number) return nullptr;
    return told.error;
}

json::value status_or_null(std::uint32_t status) {
    if (status == 0) return nullptr;
    const auto name = smpp::name_of(static_cast<smpp::command_status>(status));
    if (!name.empty()) return json::string(name);
    return json::string(fmt::format("0x{:08x}", status));
}

}  // namespace

void add_stat(json::object& into, const error_view& told, model::record::State state) {
    const auto stat = foreign_stat(told.stat, state);
    if (!stat.empty()) into["stat"] = stat;
}

void add_error(json::object& into, const error_view& told, model::record::State state) {
    if (!told.is_told(state)) return;
    json::object error;
    error["code"] = code_of(told);
    error["text"] = told.error_text;
    error["stat"] = text_or_null(told.stat);
    error["network_error_code"] =
        text_or_null(smpp::text::to_hex(smpp::text::octets_of(told.network_code)));
    if (told.source == ErrorSource::response || told.source == ErrorSource::gateway) {
        const bool own = told.source == ErrorSource::gateway;
        error["command_status"] = status_or_null(told.error);
        error["refused_by"] = own ? "gateway" : "carrier";
        if (!told.info.empty()) error["additional_status_info_text"] = told.info;
    }
    into["error"] = std::move(error);
}

}  // namespace hikyaku::gateway::api
