#include "gateway/engine/submission/route_planner.hpp"

#include <algorithm>

#include "gateway/engine/sending/carrier_dialect.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway {

namespace {

void widen(smpp::text::planned_range::bounds& bounds, std::uint32_t value, bool first) {
    bounds.least = first ? value : std::min(bounds.least, value);
    bounds.most = first ? value : std::max(bounds.most, value);
}

/// Over the carriers that can take the text.
smpp::text::planned_range range_of(const std::vector<carrier_estimate>& plans) {
    smpp::text::planned_range range;
    for (const auto& plan : plans) {
        if (plan.why != refusal::none) continue;
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
    for (const auto& segment : from.segments)
        into.segment_octets.push_back(static_cast<std::uint32_t>(segment.size()));
    into.replaced = std::move(from.replaced);
    into.final_text = std::move(from.final_text);
}

}  // namespace

route_planner::route_planner(const engine_context& context, const directory& known)
    : settings_(context.settings),
      random_(context.random),
      now_(context.this_turn.now),
      directory_(known) {}

plan_context route_planner::context_for(const config::account& account) const {
    return {.account = &account, .links = &settings_->links, .now_ms = now_.wall_ms, .random = {}};
}

boost::system::result<prepared_message, plan_refusal> route_planner::prepare(
    const config::account& account, submission& message) const {
    auto context = context_for(account);
    auto fill = [this](std::span<std::uint8_t> bytes) {
        for (auto& byte : bytes)
            byte = static_cast<std::uint8_t>(random_() >> 24);
    };
    context.random = links::random_source(fill);
    prepared_message prepared;
    auto& planned = prepared.planned;
    if (const auto why = check_message(message, context, planned); why.why != refusal::none)
        return why;
    const auto route =
        directory_.match({account.name, message.source.digits, message.destination.digits,
                          message.tag, message.source.ton == ton_alphanumeric});
    if (!route) return plan_refusal{refusal::no_route};
    if (lacks_required_tlv(directory_[*route], message)) return plan_refusal{refusal::tlv_missing};
    if (const auto why = unwritable(directory_[*route], message); why != refusal::none)
        return plan_refusal{why};
    prepared.route = *route;
    if (const auto why = plan_for_route(directory_[*route], message, context, planned);
        why.why != refusal::none)
        return why;
    return prepared;
}

std::vector<carrier_id> route_planner::carriers_by_rank(const route_state& route) const {
    auto targets = route.targets;
    std::stable_sort(targets.begin(), targets.end(), [&](const auto& a, const auto& b) {
        const auto down = [&](const target_state& target) {
            return !directory_[target.carrier].up();
        };
        return std::pair(down(a), a.priority) < std::pair(down(b), b.priority);
    });
    std::vector<carrier_id> ranked;
    for (const auto& target : targets)
        ranked.push_back(target.carrier);
    return ranked;
}

plan_refusal route_planner::plan_for(const carrier_state& carrier, const submission& message,
                                     plan_context& context, planned_message& into) {
    context.profile = &carrier.text;
    context.profile_fingerprint = carrier.text_fingerprint;
    return plan_content(message, context, into);
}

/// For the carrier that the route would take first, as far as can be said; for another one if that
/// cannot take the text.
plan_refusal route_planner::plan_for_route(const route_state& route, const submission& message,
                                           plan_context& context, planned_message& into) const {
    if (route.targets.empty()) return plan_content(message, context, into);
    if (!route.texts_differ)
        return plan_for(directory_[route.targets.front().carrier], message, context, into);
    plan_refusal first;
    std::vector<std::uint64_t> tried;
    for (const auto index : carriers_by_rank(route)) {
        const auto& carrier = directory_[index];
        if (std::find(tried.begin(), tried.end(), carrier.text_fingerprint) != tried.end())
            continue;
        const auto why = plan_for(carrier, message, context, into);
        if (why.why == refusal::none) return {};
        first = tried.empty() ? why : first;
        tried.push_back(carrier.text_fingerprint);
    }
    return first;
}

/// Whether no carrier of the route could be given this message as it is.
bool route_planner::lacks_required_tlv(const route_state& route, const submission& message) const {
    const auto given =
        smpp::tlv_list::parse(smpp::text::octets_of(message.tlvs)).value_or(smpp::tlv_list{});
    return !route.targets.empty() &&
           std::all_of(route.targets.begin(), route.targets.end(), [&](const auto& target) {
               return lacks_tlv(*directory_[target.carrier].settings, given);
           });
}

/// Why none of the route's carriers could be given this message; of several reasons the first.
refusal route_planner::unwritable(const route_state& route, const submission& message) const {
    std::string scratch;
    auto first = refusal::none;
    for (const auto& target : route.targets) {
        const auto why = gateway::unwritable(*directory_[target.carrier].settings, message.source,
                                             message.destination, scratch);
        if (why == refusal::none) return refusal::none;
        first = first == refusal::none ? why : first;
    }
    return first;
}

estimate_result route_planner::estimate(const config::account& account,
                                        submission&& message) const {
    estimate_result out;
    if (message.text)
        for (const auto& character : smpp::text::forcing_characters(*message.text))
            smpp::text::append_utf8(out.forcing.emplace_back(), character.code_point);
    auto context = context_for(account);
    context.keep_text = true;
    planned_message planned;
    const auto refuse = [&out](plan_refusal why) {
        out.why = why.why;
        out.detail = why.detail;
        return std::move(out);
    };
    if (const auto why = check_message(message, context, planned); why.why != refusal::none)
        return refuse(why);
    const auto match =
        directory_.match({account.name, message.source.digits, message.destination.digits,
                          message.tag, message.source.ton == ton_alphanumeric});
    if (!match) return refuse({refusal::no_route});
    const auto& route = directory_[*match];
    std::string scratch;
    plan_refusal first{refusal::no_route};
    bool any = false;
    for (const auto index : carriers_by_rank(route)) {
        const auto& carrier = directory_[index];
        planned_message here = planned;
        const auto unwritten =
            gateway::unwritable(*carrier.settings, message.source, message.destination, scratch);
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
    if (!any) return refuse(first);
    out.range = range_of(out.plans);
    out.route = route.settings->name;
    for (const auto& plan : out.plans)
        out.carriers.push_back(plan.carrier);
    const auto& front = directory_[route.targets.front().carrier].text;
    const bool alike =
        out.range.planned == out.plans.size() &&
        std::all_of(route.targets.begin(), route.targets.end(), [&](const auto& target) {
            const auto& text = directory_[target.carrier].text;
            return same_octets(text, front) && text.billing == front.billing;
        });
    if (alike) out.plans.clear();
    return out;
}

}  // namespace hikyaku::gateway
