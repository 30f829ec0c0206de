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

constexpr std::uint32_t hits_stored_max = 1000;  // of one message, one by one; then only counted

model::message_key hit_counts_key(message_id message) {
    return model::message_key(static_cast<std::uint64_t>(message));
}

}  // namespace

hits::hits(engine_context& context)
    : room(context),
      hit_log_(model::hit_log_path(environment_.path()),
               hit_meta_number(environment_, hits_stored_name).value_or(0)) {}

std::optional<link_view> hits::read_link(const store::snapshot& snapshot,
                                         std::string_view code) const {
    constexpr std::size_t looked_at_max = 8;  // of one hash: a second one would be a miracle
    std::vector<store::index_entry> entries;
    snapshot.find(table::link_index, environment_.hash(code), looked_at_max, entries);
    store::record_reader reader;
    const record::Link* link = nullptr;
    for (const auto& entry : entries) {
        link = snapshot.get(table::link_records, model::link_record_key(entry.id, code), reader);
        if (link != nullptr) break;
    }
    if (link == nullptr) link = snapshot.get(table::links, model::link_key(code), reader);
    if (link == nullptr) return std::nullopt;
    return link_view{message_id{link->message()}, link->target()->str(), link->created(),
                     link->expires(), account_id{link->account()}};
}

std::optional<link_view> hits::find_link(std::string_view code) const {
    return read_link(environment_.read(), code);
}

bool hits::on_hit(const hit_facts& hit, const link_view& link) {
    taken_ = true;
    if (pending_ >= settings_->links.hits_pending_max) {
        ++count_.hits_lost;
        return false;
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
    logged_.append(built());
    const auto sequence = hit_log_.append(logged_);
    return count_hit(hit, std::string_view(logged_).substr(head.size()), link, now_.wall_ms,
                     sequence);
}

/// `octets` are the hit as it is stored, `sequence` its number in the hit log. True if the hit is
/// stored by itself.
bool hits::count_hit(const hit_facts& hit, std::string_view octets, const link_view& link,
                     std::int64_t at_ms, std::uint64_t sequence) {
    ++count_.hits;
    auto& batch = may_wait().rows();
    auto& counters = loaded(link.message);
    counters.add(hit.hit_class, at_ms, sequence);
    ++pending_;
    ++in_batch_;
    logged_to_ = std::max(logged_to_, sequence);
    // Beyond a bound somebody plays with the link: the store must not grow with each request.
    if (counters.total > hits_stored_max) {
        counters.changed = true;
        if (uncovered_.empty() || uncovered_.back() != link.message)
            uncovered_.push_back(link.message);
        return false;
    }
    batch.put(table::hits, model::hit_key(at_ms, hit.code, sequence), octets);
    cache_.changed(link.message, counters, at_ms, now_.steady);
    if (at_ms < counted_ms_) set_counted(at_ms);  // the first one of all, or the clock was set back
    return true;
}

hit_counters& hits::loaded(message_id message) {
    if (auto* known = cache_.find(message)) return *known;
    hit_counters counters;
    const auto snapshot = environment_.read();
    const auto value = snapshot.get(table::hit_counts, hit_counts_key(message));
    store::record_reader reader;
    if (const auto* stored = value ? reader.read<record::HitCounts>(*value) : nullptr) {
        counters.total = stored->total();
        counters.first_human_ms = stored->first_human();
        counters.counted_to = stored->counted_to();
        const auto* classes = stored->by_class();
        for (std::size_t i = 0;
             classes != nullptr && i < counters.by_class.size() && i < classes->size(); ++i)
            counters.by_class[i] = classes->Get(static_cast<flatbuffers::uoffset_t>(i));
    }
    return cache_.add(message, counters);
}

hit_counters hits::counters_of(message_id message) {
    const auto counters = loaded(message);
    cache_.release(message);
    return counters;
}

void hits::write_counters(message_id message) {
    auto* found = cache_.find(message);
    if (found == nullptr || !found->changed || found->gone) return;
    auto& counters = *found;
    auto& fb = builder_;
    fb.Clear();
    fb.Finish(record::CreateHitCounts(
        fb, counters.total, fb.CreateVector(counters.by_class.data(), counters.by_class.size()),
        counters.first_human_ms, counters.counted_to));
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
    if (ok) hit_log_.release(what.last);
}

model::retention_step hits::erase_old(const store::snapshot& snapshot, std::int64_t before_ms,
                                      std::size_t limit) {
    return model::erase_hits(snapshot, before_ms, limit, must_keep().rows());
}

}  // namespace hikyaku::gateway
