#include "gateway/api/messages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/value_from.hpp>
#include <cassert>
#include <charconv>
#include <limits>

#include "gateway/api/addresses.hpp"
#include "gateway/api/answers.hpp"
#include "gateway/api/error_json.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/links/classify.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

constexpr std::size_t outcome_bytes = 160;  // of one recipient's answer, as a rule

std::string_view state_name(State state) {
    return model::record::EnumNameState(state);
}

json::array changes_json(const std::vector<smpp::text::replacement>& changes) {
    json::array list;
    for (const auto& change : changes) {
        json::object one;
        one["position"] = change.position;
        one["from"] = change.from;
        one["to"] = change.to;
        list.push_back(std::move(one));
    }
    return list;
}

// The members of one recipient's answer, behind those that are already in `into`.
void add_outcome(json_object_text& into, const item_outcome& item) {
    const bool refused = item.fault.has_value();
    if (!refused) {
        const fmt::format_int id(static_cast<std::uint64_t>(item.result.id));
        into.add("id", std::string_view(id.data(), id.size()));
    }
    if (!item.to.empty()) into.add("to", item.to);
    if (!item.reference.empty()) into.add("reference", item.reference);
    into.add("status", refused ? "refused" : "accepted");
    if (refused) {
        into.add_json("problem", write_json(to_json(*item.fault)));
        return;
    }
    into.add("segments", std::uint64_t{item.result.segments});
    into.add("encoding", smpp::text::name_of(item.result.encoding));
    if (!item.result.replaced.empty())
        into.add_json("replaced", write_json(changes_json(item.result.replaced)));
}

void add_retry_after(http_response& response, const problem& fault) {
    if (const std::uint32_t wait = retry_after_seconds(fault); wait > 0)
        response.headers.emplace_back("Retry-After", std::to_string(wait));
}

json::object bounds_json(const smpp::text::planned_range::bounds& bounds) {
    return {{"least", bounds.least}, {"most", bounds.most}};
}

// What a text takes at each carrier of the route, and between what that lies.
void add_range(json::object& into, const estimate_result& plan) {
    json::array list;
    for (const carrier_estimate& each : plan.plans) {
        json::object one{{"carrier", each.carrier}};
        if (each.why == refusal::none) {
            one["encoding"] = smpp::text::name_of(each.encoding);
            one["units"] = each.units;
            one["segments"] = each.segments;
            one["billed_units"] = each.billed;
        } else {
            one["problem"] = to_json(problem_of(each.why, each.detail), {});
        }
        list.push_back(std::move(one));
    }
    into["by_carrier"] = std::move(list);
    into["range"] = json::object{{"units", bounds_json(plan.range.units)},
                                 {"segments", bounds_json(plan.range.parts)},
                                 {"billed_units", bounds_json(plan.range.billed)}};
}

void add_estimate(json::object& into, const estimate_outcome& item) {
    if (!item.to.empty()) into["to"] = item.to;
    if (item.fault) {
        into["problem"] = to_json(*item.fault, into.storage());
        return;
    }
    const estimate_result& plan = item.result;
    into["encoding"] = smpp::text::name_of(plan.encoding);
    into["data_coding"] = plan.data_coding;
    into["units"] = plan.units;
    into["segments"] = plan.segments;
    into["billed_units"] = plan.billed;
    into["segment_octets"] = json::value_from(plan.segment_octets);
    into["text"] = plan.final_text;
    into["forcing_ucs2"] = json::value_from(plan.forcing);
    into["replaced"] = changes_json(plan.replaced);
    into["route"] = text_or_null(plan.route);
    into["carriers"] = json::value_from(plan.carriers);
    if (!plan.plans.empty()) add_range(into, plan);
}

json::object segment_json(const segment_view& segment) {
    json::object into;
    into["status"] = state_name(segment.state);
    add_stat(into, segment.view(), segment.state);
    into["carrier"] = text_or_null(segment.carrier);
    into["carrier_message_id"] = text_or_null(segment.carrier_message_id);
    into["attempts"] = segment.attempts;
    add_error(into, segment.view(), segment.state);
    into["submitted_at"] = time_or_null(segment.submitted_ms);
    into["done_at"] = time_or_null(segment.done_ms);
    return into;
}

json::value contact_json(const contact_point& contact) {
    if (contact.empty()) return nullptr;
    return json::object{{"id", text_or_null(contact.id)},
                        {"zones", json::value_from(contact.zones)},
                        {"tags", json::value_from(contact.tags)}};
}

json::object hits_json(const message_view& message) {
    json::object classes;
    const auto& known = message.hits_by_class;  // empty as long as there is none
    for (std::size_t i = 0; i < links::hit_class_count; ++i) {
        const auto kind = static_cast<links::hit_class>(i);
        classes[links::to_string(kind)] = i < known.size() ? known[i] : 0;
    }
    json::object hits;
    hits["total"] = message.hits_total;
    hits["unique"] = message.hits_unique ? json::value(*message.hits_unique) : json::value(nullptr);
    hits["human_likely"] = classes.at(links::to_string(links::hit_class::human_likely));
    hits["seen"] = time_or_null(message.seen_ms);
    hits["by_class"] = std::move(classes);
    return hits;
}

json::value rate_json(const config::rate_limit& limit) {
    if (!limit) return "unlimited";
    return json::object{{"count", limit->count}, {"period_ms", limit->period.count()}};
}

}  // namespace

std::string format_id(message_id id) {
    return fmt::to_string(static_cast<std::uint64_t>(id));
}

std::optional<message_id> parse_id(std::string_view text) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || at != end || text.front() == '0') return {};
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return {};
    return message_id{number};
}

http_response render_submission(std::span<const item_outcome> items, bool single) {
    assert(!items.empty());
    http_response response;
    response.status = 202;
    response.body.reserve(items.size() * outcome_bytes);
    if (single) {
        const item_outcome& only = items.front();
        if (only.fault) return problem_response(*only.fault);
        json_object_text body(response.body);
        add_outcome(body, only);
        body.close();
        return response;
    }
    const auto is_refused = [](const item_outcome& each) { return each.fault.has_value(); };
    const auto refused = static_cast<std::size_t>(std::ranges::count_if(items, is_refused));
    json_object_text body(response.body);
    body.add("accepted", items.size() - refused);
    body.add("refused", refused);
    body.begin_member("messages");
    for (std::size_t i = 0; i < items.size(); ++i) {
        response.body.push_back(i == 0 ? '[' : ',');
        json_object_text entry(response.body);
        entry.add("index", i);
        add_outcome(entry, items[i]);
        entry.close();
    }
    response.body.push_back(']');
    body.close();
    if (refused == items.size()) {
        const problem& first = *std::ranges::find_if(items, is_refused)->fault;
        response.status = line_of(first.code).http;
        add_retry_after(response, first);
    }
    return response;
}

http_response render_estimate(std::span<const estimate_outcome> items, bool single) {
    if (single) {
        if (items.front().fault) return problem_response(*items.front().fault);
        json::object body;
        add_estimate(body, items.front());
        return json_answer(body);
    }
    json::array list;
    for (std::size_t i = 0; i < items.size(); ++i) {
        json::object entry;
        entry["index"] = i;
        add_estimate(entry, items[i]);
        list.push_back(std::move(entry));
    }
    return json_answer(json::object{{"messages", std::move(list)}});
}

json::object to_json(const message_view& message) {
    json::object into;
    into["id"] = format_id(message.id);
    into["status"] = state_name(message.state);
    into["from"] = format_address(message.source.ton, message.source.digits);
    into["to"] = format_address(message.destination.ton, message.destination.digits);
    into["encoding"] = smpp::text::name_of(message.encoding);
    into["data_coding"] = message.data_coding;
    into["replaced"] = changes_json(message.replaced);
    into["reference"] = text_or_null(message.reference);
    into["tag"] = text_or_null(message.tag);
    into["purpose"] = model::record::EnumNamePurpose(message.purpose);
    into["contact"] = contact_json(message.contact);
    into["debtor"] = text_or_null(message.debtor);
    into["debt"] = text_or_null(message.debt);
    into["route"] = text_or_null(message.route);
    into["accepted_at"] = time_or_null(message.accepted_ms);
    into["send_at"] = time_or_null(message.not_before_ms);
    into["expires_at"] = time_or_null(message.expires_ms);
    into["done_at"] = time_or_null(message.done_ms);
    json::array segments;
    for (const segment_view& each : message.segments)
        segments.push_back(segment_json(each));
    into["segments"] = std::move(segments);
    into["links"] = json::value_from(message.links);
    into["hits"] = hits_json(message);
    return into;
}

http_response render_message(const message_view& message, json::value decision) {
    auto body = to_json(message);
    if (!decision.is_null()) body["decision"] = std::move(decision);
    return json_answer(body);
}

http_response render_messages(std::span<const message_view> messages) {
    json::array list;
    for (const message_view& each : messages)
        list.push_back(to_json(each));
    return json_answer(json::object{{"messages", std::move(list)}});
}

http_response render_cancelled(message_id id) {
    return json_answer(json::object{{"id", format_id(id)}, {"status", "deleted"}});
}

http_response render_account(const account_view& account) {
    json::object into;
    into["name"] = account.name;
    into["queued"] = account.queued;
    into["sessions"] = account.sessions;
    into["waiting_events"] =
        json::object{{"smpp", account.outbox_smpp}, {"webhook", account.outbox_webhook}};
    into["dead_letters"] = account.dead_letters;
    const config::account* settings = account.settings;
    if (settings != nullptr) {
        into["limits"] = json::object{{"rate", rate_json(settings->rate.per_second)},
                                      {"parts_max", settings->parts_max},
                                      {"queued_max", settings->queued_max},
                                      {"priority_max", settings->priority_max}};
        into["senders"] = json::value_from(settings->senders);
    }
    if (settings != nullptr && settings->webhook) {
        into["webhook"] = json::object{{"url", settings->webhook->url},
                                       {"events", json::value_from(settings->webhook->events)},
                                       {"disabled", account.webhook_disabled}};
    } else {
        into["webhook"] = nullptr;
    }
    return json_answer(into);
}

}  // namespace hikyaku::gateway::api
