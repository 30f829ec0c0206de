// Receipt keys: under which id, in which form, a carrier's receipts will name a segment.
#include <algorithm>

#include "gateway/engine/receiving/receiving.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

/// How a carrier's ids were written, as it stands in the table `meta`.
struct id_forms {
    static constexpr std::uint8_t none = 0xFF;

    std::uint8_t response = none;
    std::uint8_t receipt = none;
    std::uint8_t former = none;   // the response form before `changed`
    std::uint64_t changed_s = 0;  // seconds since 1970, 40 bits

    [[nodiscard]] std::uint64_t packed() const {
        return std::uint64_t{response} << 56 | std::uint64_t{receipt} << 48 |
               std::uint64_t{former} << 40 | (changed_s & 0xFFFFFFFFFFULL);
    }
    static id_forms unpacked(std::uint64_t value) {
        return {static_cast<std::uint8_t>(value >> 56), static_cast<std::uint8_t>(value >> 48),
                static_cast<std::uint8_t>(value >> 40), value & 0xFFFFFFFFFFULL};
    }
};

constexpr std::size_t earlier_ids_max = 8;  // of one segment; the oldest are forgotten first

}  // namespace

void receiving::on_segment_accepted(live_message& live, std::size_t index, carrier_id carrier,
                                    std::uint16_t attempt_number,
                                    std::string_view carrier_message_id, steady_time sent_at) {
    auto& segment = live.segments[index];
    used_names_.note(live.record());
    // A late response of an earlier attempt does not replace the id of the last one.
    const bool newest = attempt_number >= segment.attempts || segment.carrier_message_id.empty();
    segment.attempts = std::max(segment.attempts, attempt_number);
    segment.submitted_ms = sent_at == no_response ? 0 : now_.wall_ms;
    if (segment.is_queued()) {
        segment.state = segment_state::submitted;
        segment.clear_error();  // of refusals before
    } else if (segment.waiting()) {
        segment.state = segment_state::submitted;
    }
    if (carrier_message_id.empty()) return;  // no receipt can ever name it
    const model::receipt_target target{static_cast<std::uint64_t>(live.id),
                                       static_cast<std::uint16_t>(index), attempt_number};
    const auto key = receipt_key_of(carrier, carrier_message_id);
    auto& pending = must_keep();
    if (!newest) {
        segment.earlier_ids.emplace_back(key.view());
    } else {
        if (!segment.carrier_message_id.empty()) {
            const auto earlier = receipt_key_of(segment.carrier, segment.carrier_message_id);
            segment.earlier_ids.emplace_back(earlier.view());
        }
        segment.carrier = carrier;
        segment.carrier_message_id = carrier_message_id;
    }
    if (segment.earlier_ids.size() > earlier_ids_max)
        forget_earliest_id(segment, target, pending.rows());
    const fresh_key fresh{environment_.hash(key), target};
    pending.rows().add(table::receipt_index, model::receipt_entry(fresh.hash, target));
    // The index begins behind a message that is older than the retention, or was when it was
    // shorter; it may do so before this batch is on disk.
    const std::chrono::milliseconds kept = settings_->store.retention;
    if (target.message < index_begin_ ||
        store::id_milliseconds(target.message) < now_.wall_ms - kept.count() / 2)
        pending.rows().put(table::receipt_keys, model::receipt_entry_key(key, target),
                           target.attempt);
    fresh_keys_.add(fresh);
    if (!early_.empty()) {
        ++live.pins;  // whoever called goes on with it
        match_early(carrier, key, live, target, sent_at);
        --live.pins;
    }
    must_keep().then(after::receipt_key_stored{fresh});
}

store::key receiving::canonical_key(carrier_id carrier, std::string_view id,
                                    config::message_id_form form) const {
    write_canonical_id(id, form, id_);
    return model::receipt_key(stored(carrier), id_);
}

store::key receiving::receipt_key_of(carrier_id carrier, std::string_view id) const {
    auto* const known = directory_.find(carrier);
    const auto form =
        known == nullptr ? config::message_id_form::automatic : known->settings->response_id;
    return canonical_key(carrier, id, form);
}

/// With its receipt key of an older schema, which retention would not know any more.
void receiving::forget_earliest_id(live_segment& segment, const model::receipt_target& target,
                                   store::batch& into) {
    auto& ids = segment.earlier_ids;
    const auto oldest = std::move(ids.front());
    ids.erase(ids.begin());
    const auto last = receipt_key_of(segment.carrier, segment.carrier_message_id);
    if (oldest != last.view() && std::find(ids.begin(), ids.end(), oldest) == ids.end()) {
        if (environment_.read().count(table::receipt_keys) > 0)
            into.erase(table::receipt_keys, model::receipt_entry_key(oldest, target));
    }
}

/// Compares the forms in which the carrier's ids are stored with the configuration's, and keeps
/// what they were before for as long as messages of that time may get receipts.
void receiving::read_id_forms(carrier_state& carrier) {
    const auto& settings = *carrier.settings;
    const auto name = "id_forms:" + settings.name;
    id_forms stored;
    {
        const auto snapshot = environment_.read();
        const auto number = snapshot.get(table::meta, name);
        if (number) stored = id_forms::unpacked(*number);
    }
    id_forms wanted = stored;
    wanted.response = static_cast<std::uint8_t>(settings.response_id);
    wanted.receipt = static_cast<std::uint8_t>(settings.receipt_id);
    if (stored.response != id_forms::none && stored.response != wanted.response) {
        wanted.former = stored.response;
        wanted.changed_s = static_cast<std::uint64_t>(now_.wall_ms / 1000);
    }
    if (wanted.packed() != stored.packed()) {
        must_keep().rows().put(table::meta, name, wanted.packed());
        carrier.replay = stored.response != id_forms::none;
    }
    const auto changed_ms = static_cast<std::int64_t>(wanted.changed_s) * 1000 + 999;
    const std::chrono::milliseconds kept = settings_->store.retention;
    if (wanted.former != id_forms::none && changed_ms + kept.count() > now_.wall_ms) {
        carrier.former_form = static_cast<config::message_id_form>(wanted.former);
        carrier.form_changed_ms = changed_ms;
    }
}

/// The receipt key as it was stored before response_id was corrected; empty if it was not.
std::optional<store::key> receiving::former_key_of(carrier_id carrier, std::string_view id) const {
    auto* const known = directory_.find(carrier);
    if (known == nullptr || !known->former_form) return {};
    return canonical_key(carrier, id, *known->former_form);
}

/// Whether this receipt key, in the form of today or of before the last correction, is that of the
/// segment's last attempt.
bool receiving::is_key_of_last(const live_segment& segment, std::string_view key) const {
    const auto& id = segment.carrier_message_id;
    if (key == receipt_key_of(segment.carrier, id).view()) return true;
    const auto former = former_key_of(segment.carrier, id);
    return former && key == former->view();
}

/// After a start with other forms than before: receipts that found nothing are tried once more.
void receiving::replay_early() {
    std::vector<std::uint64_t> found;
    for (const auto& [number, early] : early_.all()) {
        auto* const at = directory_.find(carrier_id{early.position.carrier});
        if (at == nullptr || !at->replay) continue;
        carrier_message addresses;
        addresses.source = early.source;
        addresses.destination = early.destination;
        addresses.arrival_id = early.position.counter;
        if (try_receipt(at->id, early.receipt, addresses) == receipt_fate::applied) {
            unmatched_.erase(early.position);
            unmatched_.count_replayed(at->id, false, 1);
            ++count_.receipts_replayed;
            found.push_back(number);
        }
    }
    for (const auto number : found)
        early_.forget(number);
}

void receiving::keep_receipt_keys(std::uint64_t id, const record::Outcome& outcome,
                                  const store::snapshot& snapshot, store::batch& into) {
    if (outcome.segments() == nullptr) return;
    std::uint16_t index = 0;
    for (const auto* segment : *outcome.segments()) {
        const auto keep = [&](std::string_view of_id, std::uint16_t attempt) {
            const model::receipt_entry_key key(of_id, {id, index, attempt});
            if (!snapshot.has(table::receipt_keys, key))
                into.put(table::receipt_keys, key, attempt);
        };
        if (segment->carrier_message_id() != nullptr)
            keep(receipt_key_of(carrier_id{segment->carrier()},
                                segment->carrier_message_id()->string_view()),
                 segment->attempts());
        if (segment->earlier_ids() != nullptr)
            for (const auto* earlier : *segment->earlier_ids())
                keep(earlier->string_view(), segment->attempts());
        ++index;
    }
}

void receiving::erase_receipt_keys(std::uint64_t id, const record::Outcome* outcome,
                                   const store::snapshot& snapshot, store::batch& into) {
    // The index forgets them with the message; those of older schemas are erased.
    if (snapshot.count(table::receipt_keys) == 0) return;
    const auto erase = [&](std::string_view key, std::uint16_t segment) {
        into.erase(table::receipt_keys, model::receipt_entry_key(key, {id, segment, 0}));
        // Of schema 1, which had one entry for an id: it may speak of a younger message.
        const auto value =
            snapshot.octets(table::receipt_keys, model::receipt_entry_key::of_schema_1(key));
        const auto target = value ? model::parse_receipt_entry(key, key, *value) : std::nullopt;
        if (target && target->message == id)
            into.erase(table::receipt_keys, model::receipt_entry_key::of_schema_1(key));
    };
    if (outcome == nullptr || outcome->segments() == nullptr) return;
    std::uint16_t index = 0;
    for (const auto* segment : *outcome->segments()) {
        if (segment->carrier_message_id() != nullptr) {
            const auto last = segment->carrier_message_id()->string_view();
            erase(receipt_key_of(carrier_id{segment->carrier()}, last), index);
            const auto former = former_key_of(carrier_id{segment->carrier()}, last);
            if (former) erase(*former, index);
        }
        if (segment->earlier_ids() != nullptr)
            for (const auto* earlier : *segment->earlier_ids())
                erase(earlier->string_view(), index);
        ++index;
    }
}

}  // namespace hikyaku::gateway
