// The parts of long replies: each is kept in the store, and acknowledged when it is on disk, until
// all are there or their time is over. What has been delivered leaves a note, by which a part that
// the carrier sends again is known.
#include <algorithm>

#include "gateway/engine/message_records.hpp"
#include "gateway/engine/replies/replies.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::size_t part_tlvs_bytes_max = 4096;
// Carriers send again what was not acknowledged within minutes; a reply that a phone sends again is
// another reply.
constexpr std::int64_t repeated_within_ms = 5 * 60 * 1000;

}  // namespace

void replies::keep_part(const model::reply_part_position& part, const carrier_message& message) {
    using outcome = reply_sets::outcome;
    const auto hash = content_hash(message);
    auto placed = sets_.add(part, hash, now_.wall_ms);
    if (placed.what == outcome::crowded) {
        const auto oldest = sets_.oldest_of(part)->position;
        if (!sets_.find(oldest)->delivered) close(oldest);
        forget_delivered(oldest);
        placed = sets_.add(part, hash, now_.wall_ms);
    }
    if (placed.what == outcome::duplicate) {
        ++count_.reply_parts_duplicate;
    } else if (placed.what == outcome::late) {
        deliver_late_part(placed.position, message);
    } else {
        store_part(placed.position, message);
        if (placed.what == outcome::completed) close(placed.position);
    }
    while (sets_.incomplete() > settings_->replies.sets_max)
        close(sets_.oldest_incomplete()->position);
    if (const auto* oldest = sets_.oldest_incomplete())
        turn_.want_tick_ms(oldest->since_ms + timeout_ms());
}

/// Its companions have been delivered after the time-out: it follows them by itself.
void replies::deliver_late_part(const model::reply_part_position& part,
                                const carrier_message& message) {
    const auto set = *sets_.find(part);
    ++count_.replies_incomplete;
    deliver(carrier_id{set.position.carrier}, message, reply_text(message),
            {&set, part.sequence, std::nullopt, true, delivery::audience::everybody});
    store_delivered_note(set);
}

std::int64_t replies::timeout_ms() const {
    return std::chrono::milliseconds(settings_->replies.timeout).count();
}

void replies::store_part(const model::reply_part_position& part, const carrier_message& message) {
    auto& fb = builder_;
    fb.Clear();
    const auto source = record_address(fb, message.source_ton, message.source_npi, message.source);
    const auto destination =
        record_address(fb, message.destination_ton, message.destination_npi, message.destination);
    const auto octets = fb.CreateVector(message.octets.data(), message.octets.size());
    const auto raw = fb.CreateVector(tlvs_to_keep(message.tlvs, part_tlvs_bytes_max));
    fb.Finish(record::CreateReplyPart(
        fb, sets_.find(part)->since_ms, ids_.next(now_.wall_ms), source, destination,
        part.reference, part.total, part.sequence, (part.kind & reply_part_wide) != 0,
        (part.kind & reply_part_sar) != 0, message.esm_class, message.data_coding, octets, raw));
    const model::reply_part_key stored_key(part);
    const std::string key(stored_key.view());
    must_keep().rows().put(table::reply_parts, stored_key, built());
    auto& fresh = uncommitted_[key];
    fresh.bytes = built();
    ++fresh.batches;
    must_keep().then(after::part_stored{key});
}

void replies::on_part_stored(const std::string& key) {
    const auto part = uncommitted_.find(key);
    if (--part->second.batches == 0) uncommitted_.erase(part);
}

/// Delivers what has come of a set, and keeps a note that it was delivered.
void replies::close(const model::reply_part_position& part) {
    const auto set = *sets_.find(part);
    std::vector<std::unique_ptr<kept_part>> parts(set.position.total);
    {
        const auto snapshot = environment_.read();
        for (const auto& come : set.parts) {
            auto position = set.position;
            position.sequence = come.sequence;
            const model::reply_part_key stored_key(position);
            const std::string key(stored_key.view());
            auto made = std::make_unique<kept_part>();
            const auto fresh = uncommitted_.find(key);
            if (fresh != uncommitted_.end())
                made->bytes = fresh->second.bytes;
            else if (const auto stored = snapshot.get(table::reply_parts, stored_key))
                made->bytes = *stored;
            if (made->read()) parts[come.sequence - 1U] = std::move(made);
            must_keep().rows().erase(table::reply_parts, stored_key);
        }
    }
    deliver_parts(set, parts);
    note_delivered(set);
}

void replies::note_delivered(const reply_set& set) {
    sets_.note_delivered(set.position, now_.wall_ms);
    store_delivered_note(set);
    while (sets_.delivered() > settings_->replies.sets_max)
        forget_delivered(sets_.oldest_delivered()->position);
}

/// The note (sequence 0) holds the hashes of the parts: one that comes again is known by them.
void replies::store_delivered_note(const reply_set& set) {
    auto& fb = builder_;
    fb.Clear();
    const auto nobody = record_address(fb, 0, 0, "");
    const auto hashes = fb.CreateVector(write_hashes(set.parts));
    record::ReplyPartBuilder note(fb);
    note.add_at(now_.wall_ms);
    note.add_source(nobody);
    note.add_destination(nobody);
    note.add_total(set.position.total);
    note.add_short_message(hashes);
    fb.Finish(note.Finish());
    must_keep().rows().put(table::reply_parts, model::reply_part_key(set.position), built());
}

void replies::forget_delivered(const model::reply_part_position& part) {
    auto note = part;
    note.sequence = 0;
    sets_.erase(note);
    must_keep().rows().erase(table::reply_parts, model::reply_part_key(note));
}

void replies::sweep() {
    const auto timeout = timeout_ms();
    constexpr std::size_t sweep_max = 1000;  // of one turn
    for (std::size_t i = 0; i < sweep_max; ++i) {
        const auto* oldest = sets_.oldest_incomplete();
        if (oldest == nullptr || oldest->since_ms + timeout > now_.wall_ms) break;
        close(oldest->position);
    }
    for (std::size_t i = 0; i < sweep_max; ++i) {
        const auto* oldest = sets_.oldest_delivered();
        if (oldest == nullptr || oldest->since_ms + repeated_within_ms > now_.wall_ms) break;
        forget_delivered(oldest->position);
    }
    if (const auto* oldest = sets_.oldest_incomplete())
        turn_.want_tick_ms(oldest->since_ms + timeout);
}

void replies::load() {
    struct found_part {
        std::int64_t at = 0;
        model::reply_part_position position;
        std::uint64_t hash = 0;
        std::vector<reply_set::part> parts;
    };
    std::vector<found_part> found;
    {
        const auto snapshot = environment_.read();
        snapshot.for_each(table::reply_parts, "",
                          [&](std::string_view key, std::string_view value) {
                              const auto position = model::reply_part_key::parse(key);
                              kept_part part;
                              part.bytes = value;
                              const auto* stored = part.reader.read<record::ReplyPart>(part.bytes);
                              if (!position || !part.read() || position->sequence > position->total)
                                  return true;
                              auto& made = found.emplace_back();
                              made.at = stored->at();
                              made.position = *position;
                              if (position->sequence != 0)
                                  made.hash = content_hash(part.message);
                              else
                                  made.parts = read_hashes(part.message.octets);
                              return true;
                          });
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    for (auto& each : found)
        if (each.position.sequence == 0)
            sets_.restore_delivered(each.position, each.at, std::move(each.parts));
        else
            sets_.restore_part(each.position, each.hash, each.at);
}

}  // namespace hikyaku::gateway
