#include "gateway/api/desk/decision.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/protection.hpp"

namespace hikyaku::gateway::api {

namespace json = boost::json;

json::value decision_json(const dunning::protection* desk, message_id message) {
    const auto made = desk == nullptr ? std::nullopt : desk->find_decision(message);
    if (!made) return nullptr;
    json::object out{{"decision", gate::name_of(made->says)}, {"at", format_time(made->at_ms)}};
    if (made->until_ms != 0) out["until"] = format_time(made->until_ms);
    if (made->deliver_by_ms != 0) out["deliver_by"] = format_time(made->deliver_by_ms);
    if (made->is_shadow) out["shadow"] = true;
    json::array reasons;
    for (const auto& each : made->reasons)
        reasons.push_back(json::object{{"rule", each.rule}, {"text", each.text}});
    out["reasons"] = std::move(reasons);
    boost::system::error_code fault;
    if (!made->values.empty()) {
        auto values = json::parse(made->values, fault);
        if (!fault) out["values"] = std::move(values);
    }
    return out;
}

}  // namespace hikyaku::gateway::api
