// What the outside may see of a message, and what a submission would become.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/record_values.hpp"
#include "smpp/text/plan.hpp"
#include "smpp/text/utf8.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

std::vector<smpp::text::replacement> replaced_in(const record::Message& message) {
    std::vector<smpp::text::replacement> changes;
    if (message.replaced() != nullptr) {
        for (const auto* change : *message.replaced()) {
            changes.push_back({change->position(), std::string(view_of(change->from())),
                               std::string(view_of(change->to()))});
        }
    }
    return changes;
}

void widen(smpp::text::planned_range::bounds& bounds, std::uint32_t value, bool first) {
    bounds.least = first ? value : std::min(bounds.least, value);
    bounds.most = first ? value : std::max(bounds.most, value);
}

/// Over the carriers that can take the text.
smpp::text::planned_range range_of(const std::vector<carrier_estimate>& plans) {
    smpp::text::planned_range range;
    for (const auto& plan : plans) {
        if (plan.why != refusal::none) {
            continue;
        }
        const bool first = range.planned++ == 0;
        widen(range.parts, plan.segments, first);
        widen(range.units, plan.units, first);
        widen(range.billed, plan.billed, first);
    }
    return range;
}

void take_estimate(planned_message& from, estimate_result& into) {
    into.encoding = from.encoding;
    into.data_coding = from.data_coding;
    into.units = from.units;
    into.segments = from.parts;
    into.billed = from.billed;
    for (const auto& segment : from.segments) {
        into.segment_octets.push_back(static_cast<std::uint32_t>(segment.size()));
    }
    into.replaced = std::move(from.replaced);
    into.final_text = std::move(from.final_text);
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
    if (message.account() != stored(account) || !live->committed) {
        release(*live);
        return std::nullopt;
    }
    message_view out;
    out.id = id;
    out.state = live->state;
    out.source = address_of(*message.source());
    out.destination = address_of(*message.destination());
    out.encoding = live->encoding();
    out.data_coding = live->data_coding();
    out.parts = live->parts();
    out.replaced = replaced_in(message);
    out.accepted_ms = store::id_milliseconds(static_cast<std::uint64_t>(id));
    out.not_before_ms = live->position.not_before;
    out.expires_ms = live->expires_ms;
    out.done_ms = live->done_ms;
    out.reference = view_of(message.reference());
    out.tag = view_of(message.tag());
    auto* const route = directory_.find(route_id{live->position.route});
    out.route = route == nullptr ? "" : route->settings->name;
    for (const auto& segment : live->segments) {
        auto* const carrier = directory_.find(carrier_id{segment.carrier});
        out.segments.push_back(
            {segment, segment.state, carrier == nullptr ? "" : carrier->settings->name,
             segment.carrier_message_id, segment.attempts, segment.submitted_ms, segment.done_ms});
    }
    if (message.links() != nullptr) {
        for (const auto* code : *message.links()) {
            out.links.push_back(code->str());
        }
        const auto& counters = counters_of(id);
        out.hits_total = counters.total;
        out.hits_by_class.assign(counters.by_class.begin(), counters.by_class.end());
        hit_tally_.release(id);
    }
    release(*live);
    return out;
}

estimate_result engine::impl::estimate(account_id id, submission&& message) {
    const auto& account = directory_[id];
    estimate_result out;
    if (message.text) {
        for (const auto& character : smpp::text::forcing_characters(*message.text)) {
            smpp::text::append_utf8(out.forcing.emplace_back(), character.code_point);
        }
    }
    auto context = context_for(account);
    context.keep_text = true;
    planned_message planned;
    const auto refuse = [&out](plan_refusal why) {
        out.why = why.why;
        out.detail = why.detail;
        return std::move(out);
    };
    if (const auto why = check_message(message, context, planned); why.why != refusal::none) {
        return refuse(why);
    }
    const auto match =
        directory_.match({account.settings->name, message.source.digits, message.destination.digits,
                          message.tag, message.source.ton == ton_alphanumeric});
    if (!match) {
        return refuse({refusal::no_route});
    }
    const auto& route = directory_[*match];
    context.reference = next_reference(message.destination.digits);
    plan_refusal first{refusal::no_route};
    bool any = false;
    for (const auto index : carriers_by_rank(route)) {
        const auto& carrier = directory_[index];
        planned_message here = planned;
        const auto unwritten = gateway::unwritable(*carrier.settings, message.source,
                                                   message.destination, source_text_);
        const auto why = unwritten != refusal::none ? plan_refusal{unwritten}
                                                    : plan_for(carrier, message, context, here);
        out.plans.push_back({carrier.settings->name, why.why, why.detail, here.encoding, here.units,
                             here.parts, here.billed});
        if (why.why == refusal::none && !any) {
            any = true;
            take_estimate(here, out);
        }
        first = out.plans.size() == 1 ? why : first;
    }
    if (!any) {
        return refuse(first);
    }
    out.range = range_of(out.plans);
    out.route = route.settings->name;
    for (const auto& plan : out.plans) {
        out.carriers.push_back(plan.carrier);
    }
    const auto& front = directory_[route.targets.front().carrier].text;
    const bool alike =
        out.range.planned == out.plans.size() &&
        std::all_of(route.targets.begin(), route.targets.end(), [&](const auto& target) {
            const auto& text = directory_[target.carrier].text;
            return same_octets(text, front) && text.price == front.price;
        });
    if (alike) {
        out.plans.clear();
    }
    return out;
}

}  // namespace hikyaku::gateway
