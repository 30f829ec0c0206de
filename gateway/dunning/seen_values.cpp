#include "gateway/dunning/seen_values.hpp"

#include <fmt/chrono.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

namespace hikyaku::gateway::dunning {
namespace json = boost::json;
namespace {

struct to_json {
    json::value operator()(std::int64_t number) const { return number; }
    json::value operator()(bool flag) const { return flag; }
    json::value operator()(const std::string& text) const { return json::string(text); }
    json::value operator()(gate::moment at) const {
        if (at.ms == gate::never_ms || at.ms == gate::always_ms) return nullptr;
        const std::chrono::sys_time<std::chrono::milliseconds> when{
            std::chrono::milliseconds(at.ms)};
        return json::string(
            fmt::format("{:%FT%TZ}", std::chrono::floor<std::chrono::milliseconds>(when)));
    }
    json::value operator()(const std::vector<std::string>& list) const {
        json::array out;
        for (const auto& each : list)
            out.push_back(json::string(each));
        return out;
    }
};

}  // namespace

std::string values_text(std::span<const gate::seen> values) {
    json::object out;
    for (const auto& each : values) {
        auto& of_rule = out[each.rule];
        if (!of_rule.is_object()) of_rule.emplace_object();
        of_rule.get_object()[each.name] = std::visit(to_json{}, each.value);
    }
    return json::serialize(out);
}

}  // namespace hikyaku::gateway::dunning
