// Tracked links: looking a code up for the redirector, and storing hits with their counters. A hit
// goes into the hit log first, because its answer does not wait for the commit, then into the
// store, and into the counters of its message a little later (hit_tally.hpp).
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/record_values.hpp"
#include "gateway/links/classify.hpp"
#include "smpp/text/utf8.hpp"
#include "store/environment.hpp"
#include "store/key.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

constexpr std::size_t logged_head_octets = 10;  // time and length of the code
constexpr std::size_t user_agent_octets_max = 256;
constexpr std::uint32_t hits_stored_max = 1000;  // of one message, one by one; then only counted

std::optional<link_view> read_link(const store::snapshot& snapshot, std::string_view code) {
    const auto value = snapshot.get(table::links, store::link_key(code));
    store::record_reader reader;
    const auto* link = value ? reader.read<record::Link>(*value) : nullptr;
    if (link == nullptr) {
        return std::nullopt;
    }
    return link_view{message_id{link->message()}, link->target()->str(), link->created(),
                     link->expires(), account_id{link->account()}};
}

void add_hit(hit_counters& counters, std::uint8_t hit_class, std::int64_t at_ms,
             std::uint64_t sequence) {
    ++counters.total;
    ++counters.by_class[std::min<std::size_t>(hit_class, counters.by_class.size() - 1)];
    const bool human = hit_class == static_cast<std::uint8_t>(links::hit_class::human_likely);
    if (human && counters.first_human_ms == 0) {
        counters.first_human_ms = at_ms;
    }
    counters.counted_to = std::max(counters.counted_to, sequence);
}

struct told_message {
    std::string reference;
    phone_address destination;
};

// What the event of a hit says about its message; empty once retention has removed that.
std::optional<told_message> read_message(store::environment& environment, message_id id) {
    const auto snapshot = environment.read();
    const auto value =
        snapshot.get(table::messages, store::message_key(static_cast<std::uint64_t>(id)));
    store::record_reader reader;
    const auto* message = value ? reader.read<record::Message>(*value) : nullptr;
    if (message == nullptr) {
        return std::nullopt;
    }
    const auto* to = message->destination();
    return told_message{message->reference() == nullptr ? "" : message->reference()->str(),
                        {to->ton(), to->npi(), to->digits()->str()}};
}

}  // namespace

std::optional<link_view> engine::find_link(std::string_view code) const {
    return read_link(impl_->environment_.read(), code);
}

hit_counters& engine::impl::counters_of(message_id message) {
    if (auto* known = hit_tally_.find(message)) {
        return *known;
    }
    hit_counters counters;
    const auto snapshot = environment_.read();
    const auto value =
        snapshot.get(table::hit_counts, store::message_key(static_cast<std::uint64_t>(message)));
    store::record_reader reader;
    if (const auto* stored = value ? reader.read<record::HitCounts>(*value) : nullptr) {
        counters.total = stored->total();
        counters.first_human_ms = stored->first_human();
        counters.counted_to = stored->counted_to();
        const auto* classes = stored->by_class();
        for (std::size_t i = 0;
             classes != nullptr && i < counters.by_class.size() && i < classes->size(); ++i) {
            counters.by_class[i] = classes->Get(static_cast<flatbuffers::uoffset_t>(i));
        }
    }
    return hit_tally_.add(message, counters);
}

std::optional<std::uint64_t> engine::impl::meta_number(std::string_view name) const {
    const auto snapshot = environment_.read();
    const auto value = snapshot.get(table::meta, name);
    return value ? store::parse_meta_value(*value) : std::nullopt;
}

/// Hits that are in the store and, since the program died, not in their counters.
void engine::impl::recount_hits() {
    const auto since = meta_number(hits_counted_name);
    if (!since) {
        return;
    }
    hits_counted_ms_ = static_cast<std::int64_t>(*since);
    const auto snapshot = environment_.read();
    store::record_reader reader;
    // Up to where each was counted before: the hits of one message need not come in their order.
    boost::unordered_flat_map<message_id, std::uint64_t> counted_before;
    snapshot.for_each(
        table::hits, store::hit_key(hits_counted_ms_, {}, 0), [&](auto key, auto value) {
            const auto where = store::parse_hit_key(key);
            const auto* hit = where ? reader.read<record::Hit>(value) : nullptr;
            const auto link = hit == nullptr ? std::nullopt : read_link(snapshot, where->code);
            if (!link) {
                return true;
            }
            auto& counters = counters_of(link->message);
            const auto before =
                counted_before.try_emplace(link->message, counters.counted_to).first->second;
            if (where->counter > before) {
                add_hit(counters, hit->hit_class(), where->at, where->counter);
                hit_tally_.changed(link->message, counters, where->at, now_.steady);
            } else {
                hit_tally_.release(link->message);
            }
            return true;
        });
}

/// Hits that were answered and, since the program died, not stored.
void engine::impl::recover_hits() {
    hit_log_.take_found([this](std::uint64_t sequence, std::string_view bytes) {
        store::key_reader head(bytes);
        const auto at = head.i64();
        const auto code = head.bytes(head.u16());
        const auto octets = bytes.substr(head.ok() ? logged_head_octets + code.size() : 0);
        store::record_reader reader;
        const auto* hit = head.ok() ? reader.read<record::Hit>(octets) : nullptr;
        const auto link = hit == nullptr ? std::nullopt : read_link(environment_.read(), code);
        if (!link) {
            return;
        }
        const auto text = [](const flatbuffers::String* value) {
            return value == nullptr ? std::string_view{} : value->string_view();
        };
        const hit_facts facts{code,
                              hit->hit_class(),
                              hit->reasons(),
                              text(hit->method()),
                              text(hit->network()),
                              text(hit->user_agent())};
        count_hit(facts, octets, *link, at, sequence);
    });
}

void engine::impl::on_hit(const hit_facts& hit, const link_view& link) {
    hits_taken_ = true;
    if (hits_pending_ >= settings_.links.hits_pending_max) {
        ++count_.hits_lost;
        return;
    }
    auto& fb = builder_;
    fb.Clear();
    const auto user_agent = smpp::text::cut_utf8(hit.user_agent, user_agent_octets_max);
    const auto method = fb.CreateString(hit.method.data(), hit.method.size());
    const auto network = fb.CreateString(hit.network.data(), hit.network.size());
    const auto agent = fb.CreateString(user_agent.data(), user_agent.size());
    fb.Finish(record::CreateHit(fb, hit.hit_class, hit.reasons, method, network, agent));
    // What the hit log keeps: time, octets of the code, the code, the record.
    store::key head;
    const auto code = smpp::text::cut_utf8(hit.code, store::key_text_max);
    head.i64(now_.wall_ms).u16(static_cast<std::uint16_t>(code.size())).bytes(code);
    logged_.assign(head.view());
    logged_.append(finished(fb));
    const auto sequence = hit_log_.append(logged_);
    count_hit(hit, std::string_view(logged_).substr(head.size()), link, now_.wall_ms, sequence);
}

/// `octets` are the hit as it is stored, `sequence` its number in the hit log.
void engine::impl::count_hit(const hit_facts& hit, std::string_view octets, const link_view& link,
                             std::int64_t at_ms, std::uint64_t sequence) {
    ++count_.hits;
    auto& batch = may_wait().rows();
    auto& counters = counters_of(link.message);
    add_hit(counters, hit.hit_class, at_ms, sequence);
    ++hits_pending_;
    ++hits_in_batch_;
    hits_logged_ = std::max(hits_logged_, sequence);
    // Beyond a bound somebody plays with the link: the store must not grow with each request.
    if (counters.total > hits_stored_max) {
        counters.changed = true;
        if (uncovered_.empty() || uncovered_.back() != link.message) {
            uncovered_.push_back(link.message);
        }
        return;
    }
    batch.put(table::hits, store::hit_key(at_ms, hit.code, sequence), octets);
    hit_tally_.changed(link.message, counters, at_ms, now_.steady);
    if (at_ms < hits_counted_ms_) {
        set_hits_counted(at_ms);  // the first one of all, or the clock was set back
    }
    emit_hit(hit, link, at_ms);
}

void engine::impl::write_counters(message_id message) {
    auto* found = hit_tally_.find(message);
    if (found == nullptr || !found->changed || found->gone) {
        return;
    }
    auto& counters = *found;
    auto& fb = builder_;
    fb.Clear();
    fb.Finish(record::CreateHitCounts(
        fb, counters.total, fb.CreateVector(counters.by_class.data(), counters.by_class.size()),
        counters.first_human_ms, counters.counted_to));
    auto& pending = may_wait();
    pending.rows().put(table::hit_counts, store::message_key(static_cast<std::uint64_t>(message)),
                       finished(fb));
    pending.then(after::hits_counted{message});
    hit_tally_.writing(counters);
}

void engine::impl::set_hits_counted(std::int64_t before_ms) {
    hits_counted_ms_ = std::max<std::int64_t>(before_ms, 0);
    may_wait().rows().put(table::meta, hits_counted_name,
                          store::meta_value(static_cast<std::uint64_t>(hits_counted_ms_)));
}

/// Behind the hits of the state batch: up to where the log is stored with it, and the counters
/// whose time has come. Then their answers may go.
void engine::impl::flush_hits() {
    for (const auto message : uncovered_) {
        write_counters(message);
    }
    uncovered_.clear();
    if (hits_in_batch_ > 0) {
        auto& pending = may_wait();
        pending.rows().put(table::meta, hits_stored_name, store::meta_value(hits_logged_));
        pending.then(after::hits_stored{hits_in_batch_, hits_logged_});
        hits_in_batch_ = 0;
    }
    if (hits_taken_) {
        hits_taken_ = false;
        hit_log_.flush();
        count_.hits_unlogged = hit_log_.unlogged();
    }
    for (;;) {
        const auto slice = hit_tally_.take(now_.steady, turn_.draining);
        for (const auto message : slice.messages) {
            write_counters(message);
        }
        if (!slice.ends_round) {
            break;
        }
        set_hits_counted(hit_tally_.uncounted_since(now_.wall_ms));
    }
    if (const auto next = hit_tally_.next()) {
        want_tick(*next);
    }
}

void engine::impl::on_hits_stored(const after::hits_stored& what, bool ok) {
    hits_pending_ -= what.count;
    if (ok) {
        hit_log_.release(what.last);
    }
}

void engine::impl::emit_hit(const hit_facts& hit, const link_view& link, std::int64_t at_ms) {
    auto& fb = builder_;
    const auto message = link.message;
    auto* const account = directory_.find(link.account);
    const auto endpoint = account == nullptr ? std::nullopt : webhook_for(*account, "hit");
    if (!endpoint) {
        return;
    }
    fb.Clear();
    const auto code = fb.CreateString(hit.code.data(), hit.code.size());
    const auto target = fb.CreateString(link.target);
    const auto user_agent = smpp::text::cut_utf8(hit.user_agent, user_agent_octets_max);
    const auto agent = fb.CreateString(user_agent.data(), user_agent.size());
    flatbuffers::Offset<flatbuffers::String> reference;
    flatbuffers::Offset<record::Address> destination;
    if (const auto about = read_message(environment_, message)) {
        const auto& to = about->destination;
        reference = fb.CreateString(about->reference);
        destination = record::CreateAddress(fb, to.ton, to.npi, fb.CreateString(to.digits));
    }
    record::EventBuilder event(fb);
    event.add_kind(EventKind::hit);
    event.add_at(at_ms);
    event.add_message(static_cast<std::uint64_t>(message));
    event.add_reference(reference);
    event.add_destination(destination);
    event.add_link(code);
    event.add_target(target);
    event.add_hit_class(hit.hit_class);
    event.add_hit_reasons(hit.reasons);
    event.add_user_agent(agent);
    put_event(*endpoint, event.Finish(), false);
}

}  // namespace hikyaku::gateway
