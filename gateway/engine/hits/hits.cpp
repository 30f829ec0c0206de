#include "gateway/engine/hits/hits.hpp"

#include <algorithm>

#include "gateway/engine/hits/hit_meta.hpp"
#include "gateway/model/files.hpp"
#include "gateway/model/tables.hpp"
#include "smpp/text/utf8.hpp"
#include "store/environment.hpp"
#include "store/key.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::int64_t day_ms = 86'400'000;

model::message_key hit_counts_key(message_id message) {
    return model::message_key(static_cast<std::uint64_t>(message));
}

}  // namespace

hits::hits(engine_context& context, const directory& known)
    : room(context),
      directory_(known),
      hit_log_(model::hit_log_path(environment_.path()),
               hit_meta_number(environment_, hits_stored_name).value_or(0)) {
    take_settings();
}

hit_told hits::on_hit(const hit_facts& hit, const link_view& link) {
    taken_ = true;
    if (pending_ >= settings_->links.hits_pending_max) {
        ++count_.hits_lost;
        return hit_told::no;
    }
    auto& fb = builder_;
    fb.Clear();
    const auto user_agent = smpp::text::cut_utf8(hit.user_agent, user_agent_octets_max);
    const auto method = fb.CreateString(hit.method.data(), hit.method.size());
    const auto network = fb.CreateString(hit.network.data(), hit.network.size());
    const auto agent = fb.CreateString(user_agent.data(), user_agent.size());
    fb.Finish(record::CreateHit(fb, hit.hit_class, hit.reasons, method, network, agent,
                                static_cast<std::uint64_t>(link.message)));
    // What the hit log keeps: time, octets of the code, the code, the record.
    store::key head;
    const auto code = smpp::text::cut_utf8(hit.code, store::key_text_max);
    head.i64(now_.wall_ms).u16(static_cast<std::uint16_t>(code.size())).bytes(code);
    logged_.assign(head.view());
    logged_.append(built());
    const auto sequence = hit_log_.append(logged_);
    taken_to_ = sequence;
    return count_hit(hit, std::string_view(logged_).substr(head.size()), link, now_.wall_ms,
                     sequence);
}

/// Of all that is stored of it, so that the start can make it again.
std::uint64_t hits::visit_of(const visitor& who, std::int64_t at_ms) {
    const auto day = static_cast<std::uint64_t>(at_ms / day_ms);
    visit_.assign(who.code);
    visit_.append(1, '\0').append(who.network).append(1, '\0');
    visit_.append(reinterpret_cast<const char*>(&day), sizeof(day));
    visit_.append(smpp::text::cut_utf8(who.user_agent, user_agent_octets_max));
    return environment_.hash(visit_);
}

/// `octets` are the hit as it is stored, `sequence` its number in the hit log.
hit_told hits::count_hit(const hit_facts& hit, std::string_view octets, const link_view& link,
                         std::int64_t at_ms, std::uint64_t sequence) {
    ++count_.hits;
    ++count_.hits_by_class[std::min<std::size_t>(hit.hit_class, links::hit_class_count - 1)];
    auto& batch = may_wait().rows();
    auto& counters = loaded(link.message);
    const auto visit = visit_of({hit.code, hit.network, hit.user_agent}, at_ms);
    const bool first = counters.add({hit.hit_class, hit.reasons, at_ms, sequence, visit});
    if (first) ++count_.visits;
    ++pending_;
    ++in_batch_;
    logged_to_ = std::max(logged_to_, sequence);
    spend(hit, link, sequence);
    // Beyond a bound somebody plays with the link: the store must not grow with each request.
    if (counters.total > hits_stored_max) {
        write_soon(link.message, counters);
        return hit_told::no;
    }
    batch.put(table::hits, model::hit_key(at_ms, hit.code, sequence), octets);
    cache_.changed(link.message, counters, at_ms, now_.steady);
    if (at_ms < counted_ms_) set_counted(at_ms);  // the first one of all, or the clock was set back
    return first ? hit_told::first_of_visit : hit_told::yes;
}

void hits::write_soon(message_id message, hit_counters& counters) {
    counters.changed = true;
    if (uncovered_.empty() || uncovered_.back() != message) uncovered_.push_back(message);
}

std::uint32_t hits::raise(const visitor& who, const link_view& link, bool by_person) {
    auto& counters = loaded(link.message);
    const auto raised = counters.raise(visit_of(who, now_.wall_ms), by_person, now_.wall_ms);
    count_.hits_raised += raised;
    if (!counters.changed || counters.gone) {
        cache_.release(link.message);
        return raised;
    }
    write_soon(link.message, counters);
    if (by_person) (void)must_keep();  // does not wait for others
    return raised;
}

std::optional<std::int64_t> hits::seen_at(const link_view& link, std::string_view code) const {
    const auto waiting = seen_waiting_.find(code);
    if (waiting != seen_waiting_.end()) return waiting->second;
    const auto snapshot = environment_.read();
    store::record_reader reader;
    const auto* seen = snapshot.get(
        table::link_seen, model::link_record_key(static_cast<std::uint64_t>(link.message), code),
        reader);
    return seen == nullptr ? std::nullopt : std::optional(seen->at());
}

void hits::put_seen(const link_view& link, std::string_view code, std::int64_t at_ms,
                    model::record::SeenBy by) {
    auto& pending = must_keep();
    auto& fb = builder_;
    fb.Clear();
    fb.Finish(record::CreateLinkSeen(fb, at_ms, now_.wall_ms, by));
    const model::link_record_key key(static_cast<std::uint64_t>(link.message), code);
    pending.rows().put(table::link_seen, key, built());
    pending.rows().put(table::expiry, model::expiry_key(link.expires_ms, table::link_seen, key));
    pending.then(after::seen_stored{std::string(code)});
    seen_waiting_.emplace(code, at_ms);
    auto& counters = loaded(link.message);
    if (counters.seen_ms == 0 || at_ms < counters.seen_ms) counters.seen_ms = at_ms;
    write_soon(link.message, counters);
    ++count_.links_seen;
}

bool hits::reclass(message_id message, std::uint8_t before, const counted_hit& now) {
    auto& counters = loaded(message);
    const bool changed = !counters.gone && counters.reclass(before, now);
    if (changed)
        write_soon(message, counters);
    else
        cache_.release(message);
    return changed;
}

hit_counters& hits::loaded(message_id message) {
    if (auto* known = cache_.find(message)) return *known;
    hit_counters counters;
    const auto snapshot = environment_.read();
    const auto value = snapshot.get(table::hit_counts, hit_counts_key(message));
    store::record_reader reader;
    if (const auto* stored = value ? reader.read<record::HitCounts>(*value) : nullptr)
        counters.read(*stored);
    return cache_.add(message, counters);
}

hit_counters hits::counters_of(message_id message) {
    auto counters = loaded(message);
    cache_.release(message);
    return counters;
}

void hits::write_counters(message_id message) {
    auto* found = cache_.find(message);
    if (found == nullptr || !found->changed || found->gone) return;
    auto& counters = *found;
    counters.write(builder_);
    auto& pending = may_wait();
    pending.rows().put(table::hit_counts, hit_counts_key(message), built());
    pending.then(after::hits_counted{message});
    cache_.writing(counters);
}

void hits::forget_counters(message_id message) {
    cache_.forget(message);
    auto& pending = must_keep();
    pending.rows().erase(table::hit_counts, hit_counts_key(message));
    pending.then(after::hits_counted{message});
}

void hits::set_counted(std::int64_t before_ms) {
    counted_ms_ = std::max<std::int64_t>(before_ms, 0);
    may_wait().rows().put(table::meta, hits_counted_name, static_cast<std::uint64_t>(counted_ms_));
}

/// Behind the hits of this turn's batch: up to where the log is stored with it, and the counters
/// whose time has come. Then their answers may go.
void hits::flush() {
    for (const auto message : uncovered_)
        write_counters(message);
    uncovered_.clear();
    if (in_batch_ > 0) {
        auto& pending = may_wait();
        pending.rows().put(table::meta, hits_stored_name, logged_to_);
        pending.then(after::hits_stored{in_batch_, logged_to_});
        in_batch_ = 0;
    }
    if (taken_) {
        taken_ = false;
        hit_log_.flush();
        count_.hits_unlogged = hit_log_.unlogged();
        if (survives_power_ && hit_log_.descriptor() >= 0)
            outputs_.sync_hit_log(hit_log_.descriptor(), hit_log_.written());
    }
    for (;;) {
        const auto slice = cache_.take(now_.steady, turn_.draining);
        for (const auto message : slice.messages)
            write_counters(message);
        if (!slice.ends_round) break;
        set_counted(cache_.uncounted_since(now_.wall_ms));
    }
    if (const auto next = cache_.next()) turn_.want_tick(*next);
}

bool hits::hurries() const {
    return pending_ >= settings_->links.hits_pending_max / 2;
}

void hits::on_stored(const after::hits_stored& what, bool ok) {
    pending_ -= what.count;
    if (!ok) return;
    hit_log_.release(what.last);
    stored_to_ = std::max(stored_to_, what.last);
    for (; !spending_.empty() && spending_.front().first <= what.last; spending_.pop_front()) {
        const auto at = spent_.find(spending_.front().second);
        if (at != spent_.end() && at->second.sequence <= what.last) spent_.erase(at);
    }
}

model::retention_step hits::erase_old(const store::snapshot& snapshot, std::int64_t before_ms,
                                      std::size_t limit) {
    return model::erase_hits(snapshot, before_ms, limit, must_keep().rows());
}

}  // namespace hikyaku::gateway
