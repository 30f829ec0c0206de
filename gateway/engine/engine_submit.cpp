// Submissions, cancellations and stored replies: from the application's request to the batch.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "smpp/text/octets.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

constexpr std::chrono::seconds pace_max{10};
constexpr std::int64_t idempotency_ms = std::int64_t{24} * 3600 * 1000;

std::string_view finished(const flatbuffers::FlatBufferBuilder& builder) {
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
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
            .reference = concat_reference_,
            .random = {}};
}

std::optional<submit_result> engine::impl::refuse_early(const account_state& account) const {
    submit_result result;
    result.detail = 1000;
    if (draining_) {
        result.why = refusal::shutting_down;
    } else if (store_failing_) {
        result.why = refusal::store_failing;
    } else if (committing_bytes_ > settings_.store.pending_bytes_max) {
        result.why = refusal::store_busy;
    } else if (account.queued >= account.settings->queued_max ||
               queued_total_ >= settings_.store.queued_messages_max) {
        result.why = refusal::queue_full;
        result.detail = 10000;
    } else {
        return std::nullopt;
    }
    return result;
}

submit_result engine::impl::submit(account_id id, submission&& message, reply_ticket ticket) {
    auto& account = accounts_[static_cast<std::size_t>(id)];
    if (const auto refused = refuse_early(account)) {
        return refuse(refused->why, refused->detail);
    }
    auto context = context_for(account);
    auto fill = [this](std::span<std::uint8_t> bytes) {
        for (auto& byte : bytes) {
            byte = static_cast<std::uint8_t>(random_() >> 24);
        }
    };
    context.random = links::random_source(fill);
    auto planned = plan_message(message, context);
    if (!planned) {
        return refuse(planned.error().why, planned.error().detail);
    }
    const auto route = router_.match(
        {account.settings->name, message.source.digits, message.destination.digits, message.tag});
    if (!route) {
        return refuse(refusal::no_route);
    }
    const auto segments = static_cast<std::uint32_t>(planned->segments.size());
    std::chrono::microseconds pace{0};
    if (account.settings->rate.excess == config::on_excess::pace) {
        if (account.rate.wait_for(segments, now_.steady) > pace_max) {
            return refuse(refusal::rate_exceeded, 10000);
        }
        pace = account.rate.take_in_debt(segments, now_.steady);
    } else if (!account.rate.try_take(segments, now_.steady)) {
        const auto wait = account.rate.wait_for(segments, now_.steady);
        return refuse(refusal::rate_exceeded, static_cast<std::uint32_t>(wait.count() / 1000 + 1));
    }

    ++concat_reference_;
    auto& live = live_.add(message_id{ids_.next(now_.wall_ms)});
    store_message(live, account, message, *planned, routes_[*route].number);
    ++account.queued;
    ++queued_total_;
    ++live.pins;
    acceptance().then.push_back({after::accepted, ticket.sequence,
                                 static_cast<std::uint64_t>(live.id),
                                 static_cast<std::uint64_t>(ticket.session), now_.steady + pace});
    submit_result result;
    result.id = live.id;
    result.segments = segments;
    result.encoding = planned->encoding;
    return result;
}

void engine::impl::store_message(live_message& live, const account_state& account,
                                 const submission& message, const planned_message& planned,
                                 std::uint32_t route) {
    auto& fb = builder_;
    fb.Clear();
    const auto address = [&fb](const phone_address& from) {
        return record::CreateAddressDirect(fb, from.ton, from.npi, from.digits.c_str());
    };
    const auto text = [&fb](const std::string& value) {
        return value.empty() ? flatbuffers::Offset<flatbuffers::String>{} : fb.CreateString(value);
    };
    const auto octets = [&fb](const std::string& value) {
        return fb.CreateVector(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
    };
    const auto source = address(message.source);
    const auto destination = address(message.destination);
    std::vector<flatbuffers::Offset<record::Octets>> parts;
    parts.reserve(planned.segments.size());
    for (const auto& segment : planned.segments) {
        parts.push_back(record::CreateOctets(fb, octets(segment)));
    }
    const auto segments = fb.CreateVector(parts);
    const auto service_type = text(message.service_type);
    const auto reference = text(message.reference);
    const auto tag = text(message.tag);
    const auto tlvs = message.tlvs.empty()
                          ? flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>{}
                          : octets(message.tlvs);
    std::vector<flatbuffers::Offset<flatbuffers::String>> codes;
    for (const auto& link : planned.links) {
        codes.push_back(fb.CreateString(link.code));
    }
    const auto links = codes.empty() ? 0 : fb.CreateVector(codes);
    fb.Finish(record::CreateMessage(
        fb, account.number, message.origin, route, source, destination, segments,
        static_cast<std::uint8_t>(planned.encoding), planned.data_coding, planned.esm_class,
        message.protocol_id, planned.priority, message.registered_delivery, planned.not_before_ms,
        planned.expires_ms, service_type, reference, tag, tlvs, links));

    live.set_record(finished(fb));
    live.segments.resize(planned.segments.size());
    live.position = {route, planned.priority, account.number, planned.not_before_ms,
                     static_cast<std::uint64_t>(live.id)};
    live.expires_ms = planned.expires_ms;
    live.queued = true;
    auto& batch = *acceptance().batch;
    const auto id = static_cast<std::uint64_t>(live.id);
    batch.put(table::messages, store::message_key(id), finished(fb));
    batch.put(table::queue, store::queue_key(live.position), store::queue_value(live.expires_ms));
    if (!message.reference.empty()) {
        batch.put(table::references, store::reference_key(account.number, message.reference, id),
                  "");
    }
    store_links(live, planned);
}

void engine::impl::store_links(const live_message& live, const planned_message& planned) {
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
        acceptance().batch->put(table::links, key, finished(builder_));
        acceptance().batch->put(table::expiry,
                                store::expiry_key(expires + kept.count(), table::links, key), "");
    }
}

void engine::impl::on_accepted(const continuation& next, bool ok) {
    auto* live = live_.find(message_id{next.a});
    const reply_ticket ticket{session_id{next.b}, next.c};
    --live->pins;
    if (!ok) {
        auto& account = accounts_[account_by_number_.at(live->position.account)];
        --account.queued;
        --queued_total_;
        live->queued = false;
        ++count_.refused[static_cast<std::size_t>(refusal::store_failing)];
        outputs_.submission_settled(ticket, live->id, refusal::store_failing);
        release(*live);
        return;
    }
    ++count_.accepted;
    count_.accepted_segments += live->segments.size();
    live->committed = true;
    if (next.due > now_.steady) {
        paced_.push({next.due, ticket, live->id});
        want_tick(next.due);
    } else {
        outputs_.submission_settled(ticket, live->id, refusal::none);
    }
    enqueue(*live);
}

void engine::impl::answer_due() {
    while (!paced_.empty() && (paced_.top().due <= now_.steady || draining_)) {
        outputs_.submission_settled(paced_.top().ticket, paced_.top().id, refusal::none);
        paced_.pop();
    }
}

refusal engine::impl::cancel(account_id account, message_id id, reply_ticket ticket) {
    if (store_failing_) {
        return refusal::store_failing;
    }
    auto* live = live_.find(id);
    if (live == nullptr) {
        live = load_message(id);
    }
    if (live == nullptr) {
        return refusal::not_found;
    }
    if (live->record().account() != accounts_[static_cast<std::size_t>(account)].number) {
        release(*live);
        return refusal::not_found;
    }
    const bool untouched =
        std::all_of(live->segments.begin(), live->segments.end(), [](const auto& segment) {
            // An attempt without any answer may have reached the phone.
            const bool unknown = segment.attempts > 0 && segment.error == 0;
            return segment.state == State::queued && !segment.in_flight && !unknown;
        });
    if (!live->queued || !live->committed || !untouched) {
        release(*live);
        return refusal::not_cancellable;
    }
    for (auto& segment : live->segments) {
        segment.state = State::deleted;
        segment.done_ms = now_.wall_ms;
    }
    state().then.push_back({after::cancelled,
                            ticket.sequence,
                            static_cast<std::uint64_t>(id),
                            static_cast<std::uint64_t>(ticket.session),
                            {}});
    finish(*live);
    return refusal::none;
}

idempotent_reply engine::impl::begin_idempotent(account_id account, std::string_view key,
                                                std::string_view body_hash) {
    const auto stored_key =
        store::idempotency_key(accounts_[static_cast<std::size_t>(account)].number, key);
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
            state().batch->erase(table::expiry,
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
    const auto stored_key =
        store::idempotency_key(accounts_[static_cast<std::size_t>(account)].number, key);
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
    auto& pending = acceptance();
    pending.batch->put(table::idempotency, stored_key, finished(fb));
    pending.batch->put(
        table::expiry,
        store::expiry_key(now_.wall_ms + idempotency_ms, table::idempotency, stored_key), "");
    pending.reply_keys.push_back(name);
    reply_hashes_.erase(hash);
}

}  // namespace hikyaku::gateway
