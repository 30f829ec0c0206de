// Submissions, cancellations and stored replies: from the application's request to the batch.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/record_values.hpp"
#include "smpp/text/octets.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

constexpr std::chrono::seconds pace_max{10};
constexpr std::int64_t idempotency_ms = std::int64_t{24} * 3600 * 1000;

flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> octets_in(flatbuffers::FlatBufferBuilder& fb,
                                                                 const std::string& value) {
    return fb.CreateVector(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
}

/// The codes of the message's links, those of the text it replaces first; null if there are none.
auto links_in(flatbuffers::FlatBufferBuilder& fb, const prepared_message& prepared)
    -> flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> {
    std::vector<flatbuffers::Offset<flatbuffers::String>> codes;
    for (const auto& code : prepared.earlier_links)
        codes.push_back(fb.CreateString(code));
    for (const auto& link : prepared.planned.links)
        codes.push_back(fb.CreateString(link.code));
    if (codes.empty()) return {};
    return fb.CreateVector(codes);
}

/// What transliteration changed; null if it is nothing.
auto changes_in(flatbuffers::FlatBufferBuilder& fb, const planned_message& planned)
    -> flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<record::Replacement>>> {
    std::vector<flatbuffers::Offset<record::Replacement>> changes;
    for (const auto& change : planned.replaced) {
        changes.push_back(
            record::CreateReplacementDirect(fb, static_cast<std::uint32_t>(change.position),
                                            change.from.c_str(), change.to.c_str()));
    }
    if (changes.empty()) return {};
    return fb.CreateVector(changes);
}

}  // namespace

submit_result engine::impl::refuse(refusal why, std::uint32_t detail) {
    ++count_.refused[static_cast<std::size_t>(why)];
    submit_result result;
    result.why = why;
    result.detail = detail;
    return result;
}

plan_context engine::impl::context_for(const account_state& account) {
    return {.account = account.settings,
            .links = &settings_.links,
            .now_ms = now_.wall_ms,
            .random = {}};
}

/// Why nothing new is taken now, whoever brings it.
refusal engine::impl::refuse_now() const {
    // What this turn has gathered counts too, and an eighth stays free for what responses and
    // receipts add to the turn: the writer could only refuse the whole batch, answered or not.
    const auto most = settings_.store.pending_bytes_max - settings_.store.pending_bytes_max / 8;
    return turn_.draining                    ? refusal::shutting_down
           : turn_.store_failing             ? refusal::store_failing
           : batches_.waiting_bytes() > most ? refusal::store_busy
                                             : refusal::none;
}

std::optional<submit_result> engine::impl::refuse_early(const account_state& account) const {
    submit_result result;
    result.detail = 1000;
    result.why = refuse_now();
    if (result.why != refusal::none) {
        return result;
    }
    if (account.queued >= account.settings->queued_max ||
        queued_total_ >= settings_.store.queued_messages_max) {
        result.why = refusal::queue_full;
        result.detail = 10000;
    } else {
        return std::nullopt;
    }
    return result;
}

boost::system::result<prepared_message, plan_refusal> engine::impl::prepare(
    const account_state& account, submission& message) {
    auto context = context_for(account);
    auto fill = [this](std::span<std::uint8_t> bytes) {
        for (auto& byte : bytes) {
            byte = static_cast<std::uint8_t>(random_() >> 24);
        }
    };
    context.random = links::random_source(fill);
    prepared_message prepared;
    auto& planned = prepared.planned;
    if (const auto why = check_message(message, context, planned); why.why != refusal::none) {
        return why;
    }
    const auto route =
        directory_.match({account.settings->name, message.source.digits, message.destination.digits,
                          message.tag, message.source.ton == ton_alphanumeric});
    if (!route) {
        return plan_refusal{refusal::no_route};
    }
    if (lacks_required_tlv(directory_[*route], message)) {
        return plan_refusal{refusal::tlv_missing};
    }
    if (const auto why = unwritable(directory_[*route], message); why != refusal::none) {
        return plan_refusal{why};
    }
    prepared.route = *route;
    if (const auto why = plan_for_route(directory_[*route], message, context, planned);
        why.why != refusal::none) {
        return why;
    }
    return prepared;
}

plan_refusal engine::impl::take_rate(account_state& account, std::uint32_t segments,
                                     std::chrono::microseconds& pace) {
    if (account.settings->rate.excess == config::on_excess::pace) {
        if (account.rate.wait_for(segments, now_.steady) > pace_max) {
            return {refusal::rate_exceeded, 10000};
        }
        pace = account.rate.take_in_debt(segments, now_.steady);
    } else if (!account.rate.try_take(segments, now_.steady)) {
        const auto wait = account.rate.wait_for(segments, now_.steady);
        return {refusal::rate_exceeded, static_cast<std::uint32_t>(wait.count() / 1000 + 1)};
    }
    return {};
}

submit_result engine::impl::submit(account_id id, submission&& message, reply_ticket ticket) {
    auto& account = directory_[id];
    if (const auto refused = refuse_early(account)) {
        return refuse(refused->why, refused->detail);
    }
    message.at_most_once |= account.settings->at_most_once;
    auto prepared = prepare(account, message);
    if (!prepared) {
        return refuse(prepared.error().why, prepared.error().detail);
    }
    submit_result result;
    result.segments = prepared->planned.parts;
    result.encoding = prepared->planned.encoding;
    result.replaced = prepared->planned.replaced;
    if (message.replace_if_present && scans_full(id)) {
        return refuse(refusal::rate_exceeded, 1000);
    }
    std::chrono::microseconds pace{0};
    if (const auto why = take_rate(account, result.segments, pace); why.why != refusal::none) {
        return refuse(why.why, why.detail);
    }
    if (message.replace_if_present) {
        scan_for_replacement(id, std::move(message), std::move(*prepared), ticket,
                             now_.steady + pace);
        return result;
    }
    result.id = take_new(account, message, *prepared, ticket, now_.steady + pace);
    return result;
}

message_id engine::impl::take_new(account_state& account, const submission& message,
                                  prepared_message& prepared, reply_ticket ticket,
                                  steady_time due) {
    const message_id id{ids_.next(now_.wall_ms)};
    if (message.short_id) {
        prepared.alias = new_alias(id, may_refuse().rows());
    }
    accept(account, message, prepared, id);
    may_refuse().then(after::accepted{id, ticket, due});
    return id;
}

live_message& engine::impl::accept(account_state& account, const submission& message,
                                   const prepared_message& prepared, message_id id) {
    const auto& planned = prepared.planned;
    auto& live = live_.add(id);
    const auto bytes = build_record(account.id, message, prepared);
    const auto number = static_cast<std::uint64_t>(id);
    live.set_record(bytes);
    live.segments.resize(planned.segments.size());
    live.position = {stored(prepared.route), planned.priority, stored(account.id),
                     planned.not_before_ms, number};
    live.expires_ms = planned.expires_ms;
    live.queued = true;
    auto& batch = may_refuse().rows();
    batch.put(table::messages, store::message_key(number), bytes);
    batch.put(table::queue, store::queue_key(live.position), store::queue_value(live.expires_ms));
    if (!message.reference.empty()) {
        batch.put(table::references,
                  store::reference_key(stored(account.id), message.reference, number), "");
    }
    store_links(live, planned, batch);
    ++account.queued;
    ++queued_total_;
    ++live.pins;
    return live;
}

std::string_view engine::impl::build_record(account_id account, const submission& message,
                                            const prepared_message& prepared) {
    const auto& planned = prepared.planned;
    auto& fb = builder_;
    fb.Clear();
    const auto address = [&fb](const phone_address& from) {
        return record::CreateAddressDirect(fb, from.ton, from.npi, from.digits.c_str());
    };
    const auto text = [&fb](const std::string& value) {
        return value.empty() ? flatbuffers::Offset<flatbuffers::String>{} : fb.CreateString(value);
    };
    const auto source = address(message.source);
    const auto destination = address(message.destination);
    auto& parts = record_parts_;
    parts.clear();
    for (const auto& segment : planned.segments) {
        parts.push_back(record::CreateOctets(fb, octets_in(fb, segment)));
    }
    const auto segments = fb.CreateVector(parts);
    const auto service_type = text(message.service_type);
    const auto reference = text(message.reference);
    const auto tag = text(message.tag);
    const auto callback = text(message.callback);
    const auto tlvs = message.tlvs.empty()
                          ? flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>{}
                          : octets_in(fb, message.tlvs);
    const auto links = links_in(fb, prepared);
    const auto group = prepared.group.empty() ? 0 : fb.CreateVector(prepared.group);
    const auto replaced = changes_in(fb, planned);
    record::MessageBuilder made(fb);
    made.add_account(stored(account));
    made.add_origin(message.origin);
    made.add_route(stored(prepared.route));
    made.add_source(source);
    made.add_destination(destination);
    made.add_segments(segments);
    made.add_encoding(static_cast<std::uint8_t>(planned.encoding));
    made.add_data_coding(planned.data_coding);
    made.add_esm_class(planned.esm_class);
    made.add_plan(planned.profile);
    made.add_concatenation(static_cast<std::uint8_t>(planned.concatenation));
    made.add_concat_reference(planned.reference);
    made.add_languages(planned.languages);
    made.add_choice(planned.choice);
    made.add_parts_max(static_cast<std::uint16_t>(planned.parts_max));
    made.add_parts(static_cast<std::uint16_t>(planned.parts));
    made.add_replaced(replaced);
    if (!message.text && !message.binary) {
        made.add_submitted_data_coding(message.data_coding);
    }
    made.add_protocol_id(message.protocol_id);
    made.add_priority(planned.priority);
    made.add_registered_delivery(message.registered_delivery);
    made.add_not_before(planned.not_before_ms);
    made.add_expires(planned.expires_ms);
    made.add_service_type(service_type);
    made.add_reference(reference);
    made.add_tag(tag);
    made.add_tlvs(tlvs);
    made.add_links(links);
    made.add_at_most_once(message.at_most_once);
    made.add_shown_id(prepared.shown_id);
    made.add_group(group);
    made.add_alias(prepared.alias);
    made.add_callback(callback);
    made.add_callback_mask(message.callback_mask);
    fb.Finish(made.Finish());
    return finished(fb);
}

void engine::impl::store_links(const live_message& live, const planned_message& planned,
                               store::batch& into) {
    const auto lifetime =
        std::chrono::duration_cast<std::chrono::milliseconds>(settings_.links.expires_after);
    const auto expires = now_.wall_ms + lifetime.count();
    // The record outlives the link by the retention, so that its hits can still be explained.
    const auto kept =
        std::chrono::duration_cast<std::chrono::milliseconds>(settings_.store.retention);
    for (const auto& link : planned.links) {
        builder_.Clear();
        builder_.Finish(record::CreateLinkDirect(builder_, live.position.account,
                                                 static_cast<std::uint64_t>(live.id),
                                                 link.target.c_str(), now_.wall_ms, expires));
        const auto key = store::link_key(link.code);
        into.put(table::links, key, finished(builder_));
        into.put(table::expiry, store::expiry_key(expires + kept.count(), table::links, key), "");
    }
}

void engine::impl::on_accepted(const after::accepted& what, bool ok) {
    auto& live = *live_.find(what.message);
    if (!settle_acceptance(live, ok)) {
        outputs_.submission_settled(what.ticket, what.message, refusal::store_failing);
        release(live);
        return;
    }
    answer_at(what.due, what.ticket, what.message);
    enqueue(live);
}

void engine::impl::on_joined(message_id id, bool ok) {
    auto& live = *live_.find(id);
    if (settle_acceptance(live, ok)) {
        enqueue(live);
    } else {
        release(live);
    }
}

bool engine::impl::settle_acceptance(live_message& live, bool ok) {
    --live.pins;
    if (!ok) {
        --directory_[account_id{live.position.account}].queued;
        --queued_total_;
        live.queued = false;
        ++count_.refused[static_cast<std::size_t>(refusal::store_failing)];
        return false;
    }
    ++count_.accepted;
    count_.accepted_segments += live.segments.size();
    live.committed = true;
    return true;
}

void engine::impl::answer_at(steady_time due, reply_ticket ticket, message_id id) {
    if (due > now_.steady) {
        answer_early(id);  // a message that was replaced may have an answer due
        paced_.push({due, ticket, id});
        paced_tickets_[id] = ticket;
        want_tick(due);
    } else {
        outputs_.submission_settled(ticket, id, refusal::none);
    }
}

void engine::impl::answer_due() {
    while (!paced_.empty() && (paced_.top().due <= now_.steady || turn_.draining)) {
        answer_early(paced_.top().id);
        paced_.pop();
    }
}

/// No receipt is told before its submission was answered, so whatever is about to be told ends the
/// pause of the answer (it has been sent, after all).
void engine::impl::answer_early(message_id id) {
    const auto at = paced_tickets_.find(id);
    if (at == paced_tickets_.end()) {
        return;
    }
    const auto ticket = at->second;
    paced_tickets_.erase(at);
    outputs_.submission_settled(ticket, id, refusal::none);
}

refusal engine::impl::cancel(account_id account, message_id id, reply_ticket ticket) {
    if (turn_.store_failing) {
        return refusal::store_failing;
    }
    auto* live = live_.find(id);
    if (live == nullptr) {
        live = load_message(id);
    }
    if (live == nullptr) {
        return refusal::not_found;
    }
    if (live->record().account() != stored(account)) {
        release(*live);
        return refusal::not_found;
    }
    if (!can_withdraw(*live)) {
        release(*live);
        return refusal::not_cancellable;
    }
    must_keep().then(after::cancelled{id, ticket});
    withdraw(*live);
    return refusal::none;
}

idempotent_reply engine::impl::begin_idempotent(account_id account, std::string_view key,
                                                std::string_view body_hash) {
    const auto stored_key = store::idempotency_key(stored(account), key);
    const std::string name(stored_key.view());
    if (replies_in_flight_.contains(name)) {
        return {.what = idempotent_reply::kind::in_flight, .content_type = {}, .body = {}};
    }
    const auto snapshot = environment_.read();
    if (const auto value = snapshot.get(table::idempotency, stored_key)) {
        store::record_reader reader;
        const auto* stored = reader.read<record::StoredReply>(*value);
        if (stored != nullptr && stored->created() + idempotency_ms > now_.wall_ms) {
            const auto* hash = stored->body_hash();
            const bool same =
                hash != nullptr && std::equal(hash->begin(), hash->end(), body_hash.begin(),
                                              body_hash.end(), [](std::uint8_t a, char b) {
                                                  return a == static_cast<std::uint8_t>(b);
                                              });
            if (!same) {
                return {.what = idempotent_reply::kind::mismatch, .content_type = {}, .body = {}};
            }
            return {idempotent_reply::kind::replay, stored->status(),
                    stored->content_type() != nullptr ? stored->content_type()->str() : "",
                    stored->body() != nullptr ? stored->body()->str() : ""};
        }
        if (stored != nullptr) {  // too old: its expiry must not erase the new one
            must_keep().rows().erase(table::expiry,
                                     store::expiry_key(stored->created() + idempotency_ms,
                                                       table::idempotency, stored_key));
        }
    }
    replies_in_flight_.insert(name);
    reply_hashes_[name] = body_hash;
    return {.what = idempotent_reply::kind::fresh, .content_type = {}, .body = {}};
}

void engine::impl::store_reply(account_id account, std::string_view key, std::uint32_t status,
                               std::string_view content_type, std::string_view body) {
    const auto stored_key = store::idempotency_key(stored(account), key);
    const std::string name(stored_key.view());
    const auto hash = reply_hashes_.find(name);
    if (hash == reply_hashes_.end()) {
        return;  // begin_idempotent() was not called, or forget_reply() was
    }
    auto& fb = builder_;
    fb.Clear();
    const auto bytes = fb.CreateVector(reinterpret_cast<const std::uint8_t*>(hash->second.data()),
                                       hash->second.size());
    const auto type = fb.CreateString(content_type.data(), content_type.size());
    const auto text = fb.CreateString(body.data(), body.size());
    fb.Finish(record::CreateStoredReply(fb, bytes, static_cast<std::uint16_t>(status), type, text,
                                        now_.wall_ms));
    auto& pending = may_refuse();
    pending.rows().put(table::idempotency, stored_key, finished(fb));
    pending.rows().put(
        table::expiry,
        store::expiry_key(now_.wall_ms + idempotency_ms, table::idempotency, stored_key), "");
    pending.then(after::reply_stored{name});
    reply_hashes_.erase(hash);
}

}  // namespace hikyaku::gateway
