// The parts of long replies: each is kept in the store, and acknowledged when it is on disk, until
// all are there or their time is over. What has been delivered leaves a mark, by which a part that
// the carrier sends again is known.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/reply_part.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

constexpr std::size_t part_tlvs_bytes_max = 4096;
// Carriers send again what was not acknowledged within minutes; a reply that a phone sends again is
// another reply.
constexpr std::int64_t repeated_within_ms = 5 * 60 * 1000;

}  // namespace

void engine::impl::keep_reply_part(const store::reply_part_position& part,
                                   const carrier_message& message) {
    using outcome = reply_sets::outcome;
    const auto hash = content_hash(message);
    auto placed = reply_sets_.add(part, hash, now_.wall_ms);
    if (placed.what == outcome::crowded) {
        const auto oldest = reply_sets_.oldest_of(part)->position;
        if (!reply_sets_.find(oldest)->delivered) {
            close_reply(oldest);
        }
        forget_delivered_reply(oldest);
        placed = reply_sets_.add(part, hash, now_.wall_ms);
    }
    if (placed.what == outcome::duplicate) {
        ++count_.reply_parts_duplicate;
    } else if (placed.what == outcome::late) {
        deliver_late_part(placed.position, message);
    } else {
        store_reply_part(placed.position, message);
        if (placed.what == outcome::completed) {
            close_reply(placed.position);
        }
    }
    while (reply_sets_.incomplete() > settings_.replies.sets_max) {
        close_reply(reply_sets_.oldest_incomplete()->position);
    }
    if (const auto* oldest = reply_sets_.oldest_incomplete()) {
        want_tick_ms(oldest->since_ms + reply_timeout_ms());
    }
}

/// Its companions have been delivered after the time-out: it follows them by itself.
void engine::impl::deliver_late_part(const store::reply_part_position& part,
                                     const carrier_message& message) {
    const auto set = *reply_sets_.find(part);
    ++count_.replies_incomplete;
    deliver_reply(carrier_id{set.position.carrier}, message, reply_text(message),
                  {&set, part.sequence, std::nullopt, true});
    store_delivered_mark(set);
}

std::int64_t engine::impl::reply_timeout_ms() const {
    return std::chrono::milliseconds(settings_.replies.timeout).count();
}

void engine::impl::store_reply_part(const store::reply_part_position& part,
                                    const carrier_message& message) {
    auto& fb = builder_;
    fb.Clear();
    const auto source =
        record::CreateAddress(fb, message.source_ton, message.source_npi,
                              fb.CreateString(message.source.data(), message.source.size()));
    const auto destination = record::CreateAddress(
        fb, message.destination_ton, message.destination_npi,
        fb.CreateString(message.destination.data(), message.destination.size()));
    const auto octets = fb.CreateVector(message.octets.data(), message.octets.size());
    const auto raw = fb.CreateVector(tlvs_of_part(message.tlvs, part_tlvs_bytes_max));
    fb.Finish(record::CreateReplyPart(
        fb, reply_sets_.find(part)->since_ms, ids_.next(now_.wall_ms), source, destination,
        part.reference, part.total, part.sequence, (part.kind & reply_part_wide) != 0,
        (part.kind & reply_part_sar) != 0, message.esm_class, message.data_coding, octets, raw));
    const std::string key(store::reply_part_key(part).view());
    const std::string_view bytes{reinterpret_cast<const char*>(fb.GetBufferPointer()),
                                 fb.GetSize()};
    must_keep().rows().put(table::reply_parts, key, bytes);
    auto& fresh = uncommitted_parts_[key];
    fresh.bytes = bytes;
    ++fresh.batches;
    must_keep().then(after::part_stored{key});
}

void engine::impl::on_part_stored(const std::string& key) {
    const auto part = uncommitted_parts_.find(key);
    if (--part->second.batches == 0) {
        uncommitted_parts_.erase(part);
    }
}

/// Delivers what has come of a set, and keeps a mark that it was delivered.
void engine::impl::close_reply(const store::reply_part_position& part) {
    const auto set = *reply_sets_.find(part);
    std::vector<std::unique_ptr<kept_part>> parts(set.position.total);
    {
        const auto snapshot = environment_.read();
        for (const auto& come : set.parts) {
            auto position = set.position;
            position.sequence = come.sequence;
            const std::string key(store::reply_part_key(position).view());
            auto made = std::make_unique<kept_part>();
            const auto fresh = uncommitted_parts_.find(key);
            if (fresh != uncommitted_parts_.end()) {
                made->bytes = fresh->second.bytes;
            } else if (const auto stored = snapshot.get(table::reply_parts, key)) {
                made->bytes = *stored;
            }
            if (made->read()) {
                parts[come.sequence - 1U] = std::move(made);
            }
            must_keep().rows().erase(table::reply_parts, key);
        }
    }
    deliver_parts(set, parts);
    mark_reply_delivered(set);
}

void engine::impl::mark_reply_delivered(const reply_set& set) {
    reply_sets_.mark_delivered(set.position, now_.wall_ms);
    store_delivered_mark(set);
    while (reply_sets_.delivered() > settings_.replies.sets_max) {
        forget_delivered_reply(reply_sets_.oldest_delivered()->position);
    }
}

/// The mark (sequence 0) holds the hashes of the parts: one that comes again is known by them.
void engine::impl::store_delivered_mark(const reply_set& set) {
    auto& fb = builder_;
    fb.Clear();
    const auto nobody = record::CreateAddress(fb, 0, 0, fb.CreateString(""));
    const auto hashes = fb.CreateVector(write_hashes(set.parts));
    record::ReplyPartBuilder mark(fb);
    mark.add_at(now_.wall_ms);
    mark.add_source(nobody);
    mark.add_destination(nobody);
    mark.add_total(set.position.total);
    mark.add_short_message(hashes);
    fb.Finish(mark.Finish());
    must_keep().rows().put(table::reply_parts, store::reply_part_key(set.position),
                           {reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()});
}

void engine::impl::forget_delivered_reply(const store::reply_part_position& part) {
    auto mark = part;
    mark.sequence = 0;
    reply_sets_.erase(mark);
    must_keep().rows().erase(table::reply_parts, store::reply_part_key(mark));
}

void engine::impl::sweep_replies() {
    const auto timeout = reply_timeout_ms();
    constexpr std::size_t sweep_max = 1000;  // of one turn
    for (std::size_t i = 0; i < sweep_max; ++i) {
        const auto* oldest = reply_sets_.oldest_incomplete();
        if (oldest == nullptr || oldest->since_ms + timeout > now_.wall_ms) {
            break;
        }
        close_reply(oldest->position);
    }
    for (std::size_t i = 0; i < sweep_max; ++i) {
        const auto* oldest = reply_sets_.oldest_delivered();
        if (oldest == nullptr || oldest->since_ms + repeated_within_ms > now_.wall_ms) {
            break;
        }
        forget_delivered_reply(oldest->position);
    }
    if (const auto* oldest = reply_sets_.oldest_incomplete()) {
        want_tick_ms(oldest->since_ms + timeout);
    }
}

void engine::impl::load_reply_parts() {
    struct found_part {
        std::int64_t at = 0;
        store::reply_part_position position;
        std::uint64_t hash = 0;
        std::vector<reply_set::part> parts;
    };
    std::vector<found_part> found;
    {
        const auto snapshot = environment_.read();
        snapshot.for_each(
            table::reply_parts, "", [&](std::string_view key, std::string_view value) {
                const auto position = store::parse_reply_part_key(key);
                kept_part part;
                part.bytes = value;
                const auto* stored = part.reader.read<record::ReplyPart>(part.bytes);
                if (!position || !part.read() || position->sequence > position->total) {
                    return true;
                }
                auto& made = found.emplace_back();
                made.at = stored->at();
                made.position = *position;
                if (position->sequence != 0) {
                    made.hash = content_hash(part.message);
                } else {
                    made.parts = read_hashes(part.message.octets);
                }
                return true;
            });
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    for (auto& each : found) {
        if (each.position.sequence == 0) {
            reply_sets_.restore_delivered(each.position, each.at, std::move(each.parts));
        } else {
            reply_sets_.restore_part(each.position, each.hash, each.at);
        }
    }
}

}  // namespace hikyaku::gateway
