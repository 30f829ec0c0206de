#include "gateway/api/desk/timeline_json.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using dunning::record::TimelineKind;

/// Which of the members hold, message and task the subject of an event is.
std::string_view subject_of(TimelineKind kind) {
    switch (kind) {
        case TimelineKind::hold_placed:
        case TimelineKind::hold_lifted:
            return "hold";
        case TimelineKind::task_opened:
        case TimelineKind::task_done:
            return "task";
        default:
            return "message";
    }
}

void add_reply(json::object& out, const dunning::timeline_view& event) {
    out["event"] = fmt::format("evt_{}", event.subject);
    out["text"] = text_or_null(event.text);
    boost::system::error_code fault;
    auto read = json::parse(event.read, fault);
    if (fault || !read.is_object()) return;
    for (auto& each : read.get_object())
        out[each.key()] = std::move(each.value());
}

}  // namespace

json::object to_json(const dunning::timeline_view& event) {
    json::object out{{"id", store::format_id(event.id)},
                     {"number", event.number},
                     {"at", format_time(event.at_ms)},
                     {"kind", dunning::record::EnumNameTimelineKind(event.kind)},
                     {"detail", text_or_null(event.detail)},
                     {"contact", text_or_null(event.contact)},
                     {"phone", text_or_null(event.phone)},
                     {"debtor", text_or_null(event.debtor)},
                     {"debt", text_or_null(event.debt)}};
    if (event.kind == TimelineKind::reply)
        add_reply(out, event);
    else if (event.subject != 0)
        out[subject_of(event.kind)] = store::format_id(event.subject);
    return out;
}

}  // namespace hikyaku::gateway::api
