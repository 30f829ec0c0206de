#include "gateway/api/events.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/value_from.hpp>

#include "gateway/api/addresses.hpp"
#include "gateway/api/error_json.hpp"
#include "gateway/api/json_text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/engine/record_values.hpp"
#include "gateway/links/classify.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using store::record::Address;
using store::record::Event;

json::value address_json(const Address* address) {
    if (address == nullptr) return nullptr;
    return json::value_from(format_address(address->ton(), view_of(address->digits())));
}

json::object receipt_data(const Event& event) {
    json::object data;
    // Of a submit_multi the application knows one id only.
    data["message_id"] = fmt::to_string(event.shown_id() != 0 ? event.shown_id() : event.message());
    data["reference"] = text_or_null(view_of(event.reference()));
    data["from"] = address_json(event.source());
    data["to"] = address_json(event.destination());
    if (event.part() != 0) data["segment"] = event.part();
    const auto told = error_of(event);
    data["status"] = store::record::EnumNameState(event.state());
    add_stat(data, told, event.state());
    data["final"] = event.final();
    data["submitted_at"] = time_or_null(event.submitted());
    data["done_at"] = time_or_null(event.done());
    data["segments"] = event.parts();
    data["segments_delivered"] = event.parts_delivered();
    add_error(data, told, event.state());
    return data;
}

json::object reply_data(const Event& event) {
    json::object data;
    data["from"] = address_json(event.source());
    data["to"] = address_json(event.destination());
    data["text"] = text_or_null(view_of(event.text()));
    data["data_coding"] = event.data_coding();
    data["data"] = smpp::text::to_hex(view_of(event.short_message()));
    if (event.parts() > 1) {
        data["parts"] = event.parts();
        data["parts_received"] = event.parts_delivered();
        data["incomplete"] = event.incomplete();
        if (event.part() != 0) data["part"] = event.part();
    }
    return data;
}

json::object hit_data(const Event& event) {
    json::object data;
    data["message_id"] = fmt::to_string(event.message());
    data["reference"] = text_or_null(view_of(event.reference()));
    data["to"] = address_json(event.destination());
    data["link"] = text_or_null(view_of(event.link()));
    data["target"] = text_or_null(view_of(event.target()));
    data["class"] = links::to_string(static_cast<links::hit_class>(event.hit_class()));
    json::array reasons;
    for (const std::string_view each : links::reason_names(event.hit_reasons())) {
        reasons.emplace_back(each);
    }
    data["reasons"] = std::move(reasons);
    data["user_agent"] = text_or_null(view_of(event.user_agent()));
    return data;
}

json::object data_of(const Event& event) {
    switch (event.kind()) {
        case EventKind::receipt:
            return receipt_data(event);
        case EventKind::reply:
            return reply_data(event);
        case EventKind::hit:
            return hit_data(event);
    }
    return {};
}

}  // namespace

json::object event_json(const outbox_item& item) {
    json::object into;
    into["id"] = fmt::format("evt_{}", item.sequence);
    into["type"] = store::record::EnumNameEventKind(item.event->kind());
    into["timestamp"] = format_time(item.event->at());
    into["data"] = data_of(*item.event);
    return into;
}

std::string render_events(std::span<const outbox_item> items) {
    json::array events;
    std::int64_t newest = 0;
    for (const outbox_item& each : items) {
        newest = std::max(newest, each.event->at());
        events.push_back(event_json(each));
    }
    json::object body;
    body["type"] = "events";
    body["timestamp"] = format_time(newest);
    body["data"] = json::object{{"events", std::move(events)}};
    return write_json(body);
}

}  // namespace hikyaku::gateway::api
