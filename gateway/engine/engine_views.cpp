// What the outside may see of a message, and what a submission would become.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "smpp/text/plan.hpp"
#include "smpp/text/utf8.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

std::string text_of(const flatbuffers::String* value) {
    return value == nullptr ? std::string() : value->str();
}

phone_address address_of(const record::Address& from) {
    return {from.ton(), from.npi(), from.digits()->str()};
}

}  // namespace

std::optional<message_view> engine::impl::view(account_id account, message_id id) {
    auto* live = live_.find(id);
    if (live == nullptr) {
        live = load_message(id);
    }
    if (live == nullptr) {
        return std::nullopt;
    }
    const auto& message = live->record();
    if (message.account() != accounts_[static_cast<std::size_t>(account)].number ||
        !live->committed) {
        release(*live);
        return std::nullopt;
    }
    message_view out;
    out.id = id;
    out.state = live->state;
    out.source = address_of(*message.source());
    out.destination = address_of(*message.destination());
    out.encoding = static_cast<smpp::text::encoding>(message.encoding());
    out.accepted_ms = store::id_milliseconds(static_cast<std::uint64_t>(id));
    out.not_before_ms = live->position.not_before;
    out.expires_ms = live->expires_ms;
    out.done_ms = live->done_ms;
    out.reference = text_of(message.reference());
    out.tag = text_of(message.tag());
    const auto route = route_by_number_.find(live->position.route);
    out.route = route == route_by_number_.end() ? "" : routes_[route->second].settings->name;
    for (const auto& segment : live->segments) {
        const auto carrier = carrier_by_number_.find(segment.carrier);
        out.segments.push_back(
            {segment.state,
             carrier == carrier_by_number_.end() ? "" : carriers_[carrier->second].settings->name,
             segment.carrier_message_id, segment.attempts, segment.error, segment.error_text,
             segment.submitted_ms, segment.done_ms});
    }
    if (message.links() != nullptr) {
        for (const auto* code : *message.links()) {
            out.links.push_back(code->str());
        }
        const auto& counters = counters_of(id);
        out.hits_total = counters.total;
        out.hits_by_class.assign(counters.by_class.begin(), counters.by_class.end());
        if (counters.pins == 0) {
            hit_counters_.erase(id);
        }
    }
    release(*live);
    return out;
}

estimate_result engine::impl::estimate(account_id id, submission&& message) {
    const auto& account = accounts_[static_cast<std::size_t>(id)];
    estimate_result out;
    if (message.text) {
        for (const auto& character : smpp::text::forcing_characters(*message.text)) {
            smpp::text::append_utf8(out.forcing.emplace_back(), character.code_point);
        }
    }
    auto planned = plan_message(message, context_for(account));
    if (!planned) {
        out.why = planned.error().why;
        out.detail = planned.error().detail;
        return out;
    }
    out.encoding = planned->encoding;
    out.units = planned->units;
    for (const auto& segment : planned->segments) {
        out.segment_octets.push_back(static_cast<std::uint32_t>(segment.size()));
    }
    out.final_text = std::move(planned->final_text);
    const auto match = router_.match(
        {account.settings->name, message.source.digits, message.destination.digits, message.tag});
    if (!match) {
        out.why = refusal::no_route;
        return out;
    }
    auto targets = settings_.routes[*match].targets;
    std::stable_sort(targets.begin(), targets.end(),
                     [](const auto& a, const auto& b) { return a.priority < b.priority; });
    out.route = settings_.routes[*match].name;
    for (const auto& target : targets) {
        out.carriers.push_back(target.carrier);
    }
    return out;
}

}  // namespace hikyaku::gateway
