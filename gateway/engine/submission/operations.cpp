// What an application asks of its own messages by their id: query_sm, cancel_sm, replace_sm.
#include <algorithm>
#include <cassert>

#include "gateway/engine/record_values.hpp"
#include "gateway/engine/submission/message_match.hpp"
#include "gateway/engine/submission/submission.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

using smpp::command_status;
namespace table = model::table;
namespace record = model::record;

namespace {

/// What replace_sm is answered when its new text, or its times, do not go.
command_status replace_status(refusal why) {
    switch (why) {
        case refusal::text_too_long:
            return command_status::esme_rinvmsglen;
        case refusal::schedule_invalid:
            return command_status::esme_rinvsched;
        case refusal::validity_invalid:
            return command_status::esme_rinvexpiry;
        case refusal::registered_delivery_invalid:
            return command_status::esme_rinvregdlvflg;
        default:
            return command_status::esme_rreplacefail;
    }
}

/// The user data header in front of the text is the application's own, not one of our segments.
bool has_own_header(const record::Message& message) {
    return smpp::esm_class::has_udh(message.esm_class()) && message.segments()->size() == 1 &&
           message.languages() == 0;
}

/// The message as it was submitted, with another text and other times. The new text has the
/// data_coding of the old one (SMPP 3.4, 4.10).
submission changed(const live_message& live, const replacement& by, std::int64_t default_ms) {
    const auto& old = live.record();
    submission message;
    message.origin = old.origin();
    message.source = address_of(*old.source());
    message.destination = address_of(*old.destination());
    message.octets = by.octets;
    const auto submitted = old.submitted_data_coding();
    message.data_coding = submitted < 0 ? old.data_coding() : static_cast<std::uint8_t>(submitted);
    message.esm_class = old.esm_class();
    if (!has_own_header(old))
        message.esm_class &= static_cast<std::uint8_t>(~smpp::esm_class::udhi);
    message.protocol_id = old.protocol_id();
    message.priority = old.priority();
    message.registered_delivery = by.registered_delivery;
    message.service_type = view_of(old.service_type());
    message.reference = view_of(old.reference());
    message.tag = view_of(old.tag());
    message.callback = {std::string(view_of(old.callback())), old.callback_form(),
                        old.callback_method(), old.callback_mask()};
    if (old.tlvs() != nullptr) message.tlvs.assign(old.tlvs()->begin(), old.tlvs()->end());
    if (old.parts_max() != 0) message.parts_max = old.parts_max();
    message.purpose = old.purpose();
    message.contact = contact_of(old);
    message.debtor = view_of(old.debtor());
    message.debt = view_of(old.debt());
    message.at_most_once = old.at_most_once();
    message.send_at_ms = by.send_at_ms.value_or(old.not_before());
    // A validity that was only the account's default counts from the new time of sending.
    const bool was_default = live.expires_ms - old.not_before() == default_ms;
    if (by.expires_ms || !was_default || !by.send_at_ms)
        message.expires_ms = by.expires_ms.value_or(live.expires_ms);
    return message;
}

/// Whether the index of parties does not know the message in the place of the old one. Entries of
/// whom that was for stay; whoever finds it by them looks at the record.
bool differs_in_parties(const record::Message& old, const submission& message) {
    if (message.purpose.value_or(Purpose::transactional) == Purpose::transactional) return false;
    const auto contact =
        old.contact() == nullptr ? std::string_view{} : view_of(old.contact()->id());
    return old.purpose() == Purpose::transactional || contact != message.contact.id ||
           view_of(old.debtor()) != message.debtor || view_of(old.debt()) != message.debt;
}

}  // namespace

/// The message with this id, or all of its submit_multi when it is the first of one, as far as they
/// are this account's and what is meant.
std::vector<message_id> submissions::members_of(account_id account, const operation_target& given) {
    std::vector<message_id> members;
    auto* first = messages_.find_or_load(given.id);
    if (first == nullptr) return members;
    auto what = given;
    read_addresses(what, *directory_[account].settings);
    const auto& message = first->record();
    auto any_destination = what;
    any_destination.destination = {};
    const bool ours = message.account() == stored(account) && first->committed &&
                      is_meant(message, any_destination);
    std::vector<message_id> candidates;
    if (ours) {
        candidates.push_back(what.id);
        if (message.group() != nullptr)
            for (const auto other : *message.group())
                candidates.push_back(message_id{other});
    }
    messages_.release(*first);
    for (const auto id : candidates) {
        if (auto* live = messages_.find_or_load(id)) {
            if (is_meant(live->record(), what)) members.push_back(id);
            messages_.release(*live);
        }
    }
    return members;
}

std::optional<query_view> submissions::query(account_id account, const operation_target& what) {
    std::optional<query_view> sum;
    for (const auto id : members_of(account, what)) {
        auto* live = messages_.find_or_load(id);
        query_view one;
        one.state = live->state;
        one.scheduled = live->state == State::queued && live->record().not_before() > now_.wall_ms;
        one.done_ms = live->done_ms;
        const auto failed = std::find_if(live->segments.begin(), live->segments.end(),
                                         [](const auto& part) { return part.error != 0; });
        one.error = failed == live->segments.end() ? 0 : failed->error;
        messages_.release(*live);
        const bool first = !sum;
        add_to_query(first ? sum.emplace() : *sum, one, first);
    }
    return sum;
}

/// Queued, and surely not with a carrier: an attempt without any answer may have reached the phone.
bool submissions::can_withdraw(const live_message& live) {
    const bool untouched =
        std::all_of(live.segments.begin(), live.segments.end(), [](const auto& segment) {
            return segment.state == segment_state::queued && !segment.in_flight;
        });
    return live.queued && live.committed && untouched;
}

void submissions::withdraw(live_message& live) {
    for (auto& segment : live.segments) {
        segment.state = segment_state::deleted;
        segment.done_ms = now_.wall_ms;
    }
    messages_.finish(live);
}

void submissions::settle_operation(reply_ticket ticket, command_status status) {
    must_keep().then(after::operated{ticket, status});
}

command_status submissions::cancel_matching(account_id account, const operation_target& what,
                                            reply_ticket ticket) {
    if (turn_.store_failing) return command_status::esme_rsyserr;
    if (what.id == message_id{}) {
        if (what.destination.digits.empty()) return command_status::esme_rcancelfail;
        if (scans_full(account)) return command_status::esme_rthrottled;
        queue_scan scan;
        scan.what = what;
        read_addresses(scan.what, *directory_[account].settings);
        scan.ticket = ticket;
        start_scan(account, std::move(scan));
        return command_status::esme_rok;
    }
    bool any = false;
    for (const auto id : members_of(account, what)) {
        auto* live = messages_.find_or_load(id);
        if (can_withdraw(*live)) {
            withdraw(*live);
            any = true;
        } else {
            messages_.release(*live);
        }
    }
    if (!any) return command_status::esme_rcancelfail;
    settle_operation(ticket, command_status::esme_rok);
    return command_status::esme_rok;
}

command_status submissions::replace(account_id account, const operation_target& what,
                                    replacement&& by, reply_ticket ticket) {
    if (turn_.store_failing || turn_.draining) return command_status::esme_rsyserr;
    struct change {
        message_id id;
        submission message;
        prepared_message prepared;
    };
    std::vector<change> changes;
    const auto& owner = directory_[account];
    const std::chrono::milliseconds otherwise = owner.settings->validity_default;
    for (const auto id : members_of(account, what)) {
        auto* live = messages_.find_or_load(id);
        if (!can_withdraw(*live)) {
            messages_.release(*live);
            continue;
        }
        auto message = changed(*live, by, otherwise.count());
        const auto not_before_ms = live->record().not_before();
        messages_.release(*live);
        auto prepared = planner_.prepare(*owner.settings, message);
        if (!prepared) return replace_status(prepared.error().why);  // nothing has been changed yet
        if (!by.send_at_ms) prepared->planned.not_before_ms = not_before_ms;
        changes.push_back({id, std::move(message), std::move(*prepared)});
    }
    if (changes.empty()) return command_status::esme_rreplacefail;
    for (auto& one : changes) {
        auto* live = messages_.find_or_load(one.id);
        const auto not_before_ms = live->position.not_before;
        rewrite(*live, one.message, std::move(one.prepared),
                by.send_at_ms ? std::nullopt : std::optional(not_before_ms));
        must_keep().then(after::replaced{one.id});
    }
    settle_operation(ticket, command_status::esme_rok);
    return command_status::esme_rok;
}

/// Puts another message in the place of one that waits, under its id. It stays out of its flow
/// until that is on disk: on_replaced() must follow, for which it is pinned.
void submissions::rewrite(live_message& live, const submission& message,
                          prepared_message&& prepared, std::optional<std::int64_t> not_before_ms) {
    assert(live.in_flight == 0 && live.queued);
    messages_.take_out(live);
    const auto& old = live.record();
    const bool is_for_others = differs_in_parties(old, message);
    prepared.shown_id = old.shown_id();
    prepared.alias = prepared.alias != 0 ? prepared.alias : old.alias();
    if (old.group() != nullptr) prepared.group.assign(old.group()->begin(), old.group()->end());
    if (old.links() != nullptr)  // they are on nobody's phone, but harmless, and stay valid
        for (const auto* code : *old.links())
            prepared.earlier_links.push_back(code->str());
    auto& batch = must_keep().rows();
    const auto key = model::message_key(static_cast<std::uint64_t>(live.id));
    batch.erase(table::queue, model::queue_key(live.position));
    take_reference(message, prepared.planned, batch);
    const auto& planned = prepared.planned;
    live.set_record(build_record(account_id{old.account()}, message, prepared));
    batch.put(table::messages, key,
              {reinterpret_cast<const char*>(live.buffer.data()), live.buffer_bytes});
    live.segments.assign(planned.segments.size(), {});
    live.remade.reset();
    live.excluded_targets = 0;
    live.retry_at_ms = 0;
    live.failed = false;
    live.marked = {};
    live.expires_ms = planned.expires_ms;
    live.deliver_by_ms = 0;
    live.position.route = stored(prepared.route);
    live.position.priority = planned.priority;
    live.position.not_before = not_before_ms.value_or(planned.not_before_ms);
    batch.put(table::queue, model::queue_key(live.position), live.expires_ms);
    store_links(live, planned, batch);
    if (is_for_others) index_parties(account_id{live.record().account()}, message, live.id, batch);
    messages_.write_outcome(live);
    messages_.note_wake(live);
    ++live.pins;
    ++count_.replaced;
}

void submissions::on_replaced(message_id id) {
    auto* live = messages_.find(id);
    --live->pins;
    if (live->pins == 0 && live->queued && live->where == live_message::place::idle &&
        live->in_flight == 0)
        messages_.enqueue(*live);
    else
        messages_.release(*live);
}

refusal submissions::cancel(account_id account, message_id id, reply_ticket ticket) {
    if (turn_.store_failing) return refusal::store_failing;
    auto* live = messages_.find_or_load(id);
    if (live == nullptr) return refusal::not_found;
    if (live->record().account() != stored(account)) {
        messages_.release(*live);
        return refusal::not_found;
    }
    if (!can_withdraw(*live)) {
        messages_.release(*live);
        return refusal::not_cancellable;
    }
    must_keep().then(after::cancelled{id, ticket});
    withdraw(*live);
    return refusal::none;
}

}  // namespace hikyaku::gateway
