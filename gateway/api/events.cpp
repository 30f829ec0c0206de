#include "gateway/api/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value_from.hpp>

#include "gateway/api/addresses.hpp"
#include "gateway/api/error_json.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/engine/record_values.hpp"
#include "gateway/links/classify.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

json::value address_json(const address_view& address) {
    return json::value_from(format_address(address.ton, address.digits));
}

json::object data_of(const receipt_event& event) {
    json::object data;
    // Of a submit_multi the application knows one id only.
    const auto id = event.shown_id != message_id{} ? event.shown_id : event.message;
    data["message_id"] = fmt::to_string(static_cast<std::uint64_t>(id));
    data["reference"] = text_or_null(event.reference);
    data["from"] = address_json(event.source);
    data["to"] = address_json(event.destination);
    if (event.part != 0) data["segment"] = event.part;
    data["status"] = model::record::EnumNameState(event.state);
    add_stat(data, event.error, event.state);
    data["final"] = event.final;
    data["submitted_at"] = time_or_null(event.submitted_ms);
    data["done_at"] = time_or_null(event.done_ms);
    data["segments"] = event.parts;
    data["segments_delivered"] = event.parts_delivered;
    add_error(data, event.error, event.state);
    return data;
}

json::object data_of(const reply_event& event) {
    json::object data;
    data["from"] = address_json(event.source);
    data["to"] = address_json(event.destination);
    data["text"] = text_or_null(event.text);
    data["data_coding"] = event.data_coding;
    data["data"] = smpp::text::to_hex(event.octets);
    if (event.parts > 1) {
        data["parts"] = event.parts;
        data["parts_received"] = event.parts_received;
        data["incomplete"] = event.incomplete;
        if (event.part != 0) data["part"] = event.part;
    }
    return data;
}

json::object data_of(const hit_event& event) {
    json::object data;
    data["message_id"] = fmt::to_string(static_cast<std::uint64_t>(event.message));
    data["reference"] = text_or_null(event.reference);
    data["to"] = event.destination ? address_json(*event.destination) : json::value(nullptr);
    data["link"] = text_or_null(event.link);
    data["target"] = text_or_null(event.target);
    data["class"] = links::to_string(static_cast<links::hit_class>(event.hit_class));
    json::array reasons;
    for (const std::string_view each : links::reason_names(event.hit_reasons))
        reasons.emplace_back(each);
    data["reasons"] = std::move(reasons);
    data["user_agent"] = text_or_null(event.user_agent);
    data["first_of_visit"] = event.first_of_visit;
    return data;
}

json::object data_of(const link_seen_event& event) {
    json::object data;
    data["message_id"] = fmt::to_string(static_cast<std::uint64_t>(event.message));
    data["reference"] = text_or_null(event.reference);
    data["to"] = event.destination ? address_json(*event.destination) : json::value(nullptr);
    data["link"] = text_or_null(event.link);
    data["target"] = text_or_null(event.target);
    data["seen"] = format_time(event.at_ms);
    return data;
}

json::object data_of(const reply_read_event& event) {
    json::object data;
    data["reply"] = fmt::format("evt_{}", event.reply);
    data["from"] = address_json(event.source);
    data["to"] = address_json(event.destination);
    data["text"] = text_or_null(event.text);
    boost::system::error_code fault;
    auto read = json::parse(event.read, fault);
    if (!fault && read.is_object())
        for (auto& each : read.get_object())
            data[each.key()] = std::move(each.value());
    return data;
}

}  // namespace

json::object event_json(const outbox_item& item) {
    json::object into;
    into["id"] = fmt::format("evt_{}", item.sequence);
    into["type"] = model::record::EnumNameEventKind(kind_of(item.event));
    into["timestamp"] = format_time(at_of(item.event));
    into["data"] = std::visit([](const auto& event) { return data_of(event); }, item.event);
    return into;
}

std::string render_events(std::span<const outbox_item> items) {
    json::array events;
    std::int64_t newest = 0;
    for (const outbox_item& each : items) {
        newest = std::max(newest, at_of(each.event));
        events.push_back(event_json(each));
    }
    json::object body;
    body["type"] = "events";
    body["timestamp"] = format_time(newest);
    body["data"] = json::object{{"events", std::move(events)}};
    return write_json(body);
}

}  // namespace hikyaku::gateway::api
