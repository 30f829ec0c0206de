// Which message a receipt speaks of, and what it does to it. The id alone does not tell: carriers
// write it in two forms, use it again, and give it to two messages at once. So every message that
// has the id in one of its readings is weighed by the receipt's addresses (receipt_evidence.hpp)
// and, where they do not decide, by the text and the date that it repeats. The rule of the ordinary
// case: one message, in memory, whose phone and sender are the receipt's, is taken without a look
// at the store.
#include <algorithm>

#include "gateway/engine/receiving/receiving.hpp"
#include "gateway/engine/record_values.hpp"
#include "gateway/engine/sending/carrier_dialect.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "gateway/model/tables.hpp"
#include "smpp/text/data_coding.hpp"

namespace hikyaku::gateway {

using config::address_rule;
namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::size_t targets_max = 64;  // messages with one id that are looked at, youngest first
constexpr std::size_t text_octets_min = 4;
constexpr std::int64_t zones_ms = std::int64_t{15} * 3600 * 1000;  // no time zone is further off

address_evidence weigh(const config::carrier& carrier, const live_message& live,
                       std::string_view source, std::string_view destination) {
    const auto& message = live.record();
    message_addresses addresses;
    addresses.phone = message.destination()->digits()->string_view();
    addresses.sender = message.source()->digits()->string_view();
    std::string phone, sender;
    if (!carrier.address_rules.empty()) {
        addresses.phone_sent = write_address(carrier, address_rule::side::destination,
                                             view_of(*message.destination()), phone)
                                   .digits;
        addresses.sender_sent =
            write_address(carrier, address_rule::side::source, view_of(*message.source()), sender)
                .digits;
    }
    return weigh_addresses(source, destination, addresses);
}

/// 1 if the message has the text that the receipt repeats, -1 if it was sent on another day.
std::int8_t weigh_content(const receipt_candidate& candidate, const receipt_content& content) {
    const auto& live = *candidate.live;
    int weight = 0;
    auto octets = live.segment_octets(candidate.target.segment);
    if (smpp::esm_class::has_udh(live.esm_class()) && !octets.empty())
        octets = octets.subspan(std::min<std::size_t>(octets.size(), std::size_t{octets[0]} + 1));
    const auto& text = content.text;
    if (text.size() >= text_octets_min && text.size() <= octets.size() &&
        std::equal(text.begin(), text.end(), octets.begin(), [](char one, std::uint8_t other) {
            return static_cast<std::uint8_t>(one) == other;
        }))
        ++weight;
    const auto submitted = live.segments[candidate.target.segment].submitted_ms;
    if (content.submit_ms && submitted != 0 &&
        (*content.submit_ms > submitted + zones_ms || *content.submit_ms < submitted - zones_ms))
        --weight;
    return static_cast<std::int8_t>(weight);
}

std::size_t choose(std::span<const receipt_candidate> candidates, const carrier_message& message) {
    if (candidates.size() < 2) return candidates.empty() ? no_owner : 0;
    const auto content = read_content(message);
    std::vector<ranked_candidate> ranked;
    for (const auto& one : candidates) {
        const auto& addresses = one.addresses;
        receipt_rank rank;
        rank.phone = addresses.phone == verdict::agrees;
        rank.exact = one.reading == 0 && addresses.exact();
        rank.unswapped = !addresses.swapped;
        rank.digits = addresses.digits;
        rank.sender = addresses.sender == verdict::agrees;
        rank.likelier_reading = static_cast<std::int8_t>(-static_cast<int>(one.reading));
        rank.content = weigh_content(one, content);
        rank.open = one.open;
        ranked.push_back(
            {rank, one.live->record().account(), one.target.message, one.target.segment});
    }
    return choose_receipt_owner(ranked);
}

}  // namespace

/// Of the keys in memory and the likeliest form of the id alone; false leaves the receipt to
/// try_receipt(), which may have to wait for a response that is read in this turn.
bool receiving::try_fresh(carrier_id carrier, const carrier_receipt& receipt,
                          const carrier_message& message) {
    const auto& settings = *directory_[carrier].settings;
    const auto form = likeliest_form(settings.response_id, settings.receipt_id);
    const auto key = canonical_key(carrier, receipt.id, form);
    const auto& known = young_targets_of(environment_.hash(key));
    if (known.empty()) return false;
    if (known.size() == 1) {
        const auto target = known.front();
        auto* live = messages_.find_or_load(message_id{target.message});
        if (live == nullptr) return false;
        address_evidence addresses;
        if (target.segment < live->segments.size()) {
            addresses = weigh(settings, *live, message.source, message.destination);
            if (addresses.certain() &&
                is_open(live->segments[target.segment], key, target, receipt)) {
                apply_receipt(key, *live, target, receipt, true);
                return true;
            }
        }
        messages_.release(*live);
        if (addresses.phone == verdict::differs) return false;
    }
    const std::string ids[] = {canonical_id(receipt.id, form)};
    return try_readings(carrier, ids, receipt, message) == receipt_fate::applied;
}

receipt_fate receiving::try_receipt(carrier_id carrier, const carrier_receipt& receipt,
                                    const carrier_message& message) {
    const auto& settings = *directory_[carrier].settings;
    const auto ids = candidate_ids(receipt.id, settings.response_id, settings.receipt_id);
    const auto fate =
        try_readings(carrier, std::span(ids.forms).first(ids.count), receipt, message);
    if (fate == receipt_fate::applied || fate == receipt_fate::ambiguous) return fate;
    const auto former = try_former_forms(carrier, receipt, message);
    return former == receipt_fate::unknown_id ? fate : former;
}

/// Messages that were accepted after `submitted_until_ms` do not count.
receipt_fate receiving::try_readings(carrier_id carrier, std::span<const std::string> ids,
                                     const carrier_receipt& receipt, const carrier_message& message,
                                     std::int64_t submitted_until_ms) {
    const auto& from = directory_[carrier];
    const bool guesses = ids.size() > 1 || submitted_until_ms != never_ms;
    const bool compares =
        guesses || from.settings->addresses_of_receipts == config::receipt_addresses::compare;
    auto& found = candidates_;
    found.clear();
    bool contradicted = false, certain = false;
    for (std::size_t reading = 0; reading < ids.size() && !certain; ++reading) {
        const auto key = model::receipt_key(stored(carrier), ids[reading]);
        for (const auto& target : targets_of(key)) {
            if (static_cast<std::int64_t>(store::id_milliseconds(target.message)) >
                    submitted_until_ms ||
                (message.arrival_id != 0 && target.message > message.arrival_id))
                continue;
            auto* live = messages_.find_or_load(message_id{target.message});
            if (live == nullptr) continue;
            if (target.segment >= live->segments.size()) {
                messages_.release(*live);
                continue;
            }
            auto addresses = weigh(*from.settings, *live, message.source, message.destination);
            if (addresses.phone == verdict::differs && compares) {
                contradicted = true;
                messages_.release(*live);
                continue;
            }
            // Where no address says whose it is, it has come after the segment was sent.
            const auto came_ms =
                static_cast<std::int64_t>(store::id_milliseconds(message.arrival_id));
            if (message.arrival_id != 0 && addresses.phone != verdict::agrees &&
                live->segments[target.segment].submitted_ms > came_ms) {
                messages_.release(*live);
                continue;
            }
            const bool open = is_open(live->segments[target.segment], key, target, receipt);
            ++live->pins;
            found.push_back({live, target, reading, addresses, open});
            certain =
                certain || (open && (addresses.certain() || (reading == 0 && addresses.exact())));
        }
    }
    const auto chosen = choose(found, message);
    for (std::size_t i = 0; i < found.size(); ++i) {
        --found[i].live->pins;
        if (chosen == no_owner || found[i].live != found[chosen].live)
            messages_.release(*found[i].live);
    }
    if (chosen == no_owner) {
        return !found.empty() ? receipt_fate::ambiguous
               : contradicted ? receipt_fate::contradicts
                              : receipt_fate::unknown_id;
    }
    const auto owner = found[chosen];
    apply_receipt(model::receipt_key(stored(carrier), ids[owner.reading]), *owner.live,
                  owner.target, receipt, owner.open);
    return receipt_fate::applied;
}

receipt_fate receiving::try_former_forms(carrier_id carrier, const carrier_receipt& receipt,
                                         const carrier_message& message) {
    const auto& from = directory_[carrier];
    if (!from.former_form) return receipt_fate::unknown_id;
    const auto ids = former_candidate_ids(receipt.id, from.settings->response_id,
                                          from.settings->receipt_id, *from.former_form);
    return try_readings(carrier, ids, receipt, message, from.form_changed_ms);
}

/// A receipt with an id that no response has told. If it comes from where exactly one message waits
/// for its outcome, and nothing else is under way to that phone, then it is that message's.
bool receiving::try_waiting(carrier_id carrier, const carrier_receipt& receipt,
                            std::string_view source) {
    if (!receipt.final || !messages_.any_waiting()) return false;
    // Where the carrier has another way of writing the number, as it was before that.
    std::string scratch;
    const auto& settings = *directory_[carrier].settings;
    const auto own =
        restore_address(settings, config::address_rule::side::destination, 0, source, scratch);
    std::string phone(without_plus(source));
    if (messages_.count_waiting(carrier, phone) == 0) phone = without_plus(own);
    if (messages_.count_waiting(carrier, phone) != 1) return false;
    const auto id = messages_.any_waiting_for(carrier, phone);
    for (const auto& other : attempts_.all()) {
        if (other.carrier != carrier || (other.message == id && other.timed_out)) continue;
        auto* live = messages_.find_or_load(other.message);
        if (live == nullptr) continue;
        const bool same_phone = live->record().destination()->digits()->string_view() == phone;
        messages_.release(*live);
        if (same_phone) return false;
    }
    auto* live = messages_.find_or_load(id);
    if (live == nullptr) return false;
    const auto segment =
        std::find_if(live->segments.begin(), live->segments.end(),
                     [&](const auto& one) { return one.waiting() && one.carrier == carrier; });
    // Of a segment that was sent twice, one receipt is known by its id and the other is not.
    const bool ambiguous = std::any_of(
        live->segments.begin(), live->segments.end(),
        [](const auto& one) { return !one.waiting() && one.may_get_strange_receipt(); });
    if (segment == live->segments.end() || ambiguous) {
        messages_.release(*live);
        return false;
    }
    ++count_.receipts;
    on_segment_accepted(*live, static_cast<std::size_t>(segment - live->segments.begin()), carrier,
                        segment->attempts,
                        response_id_of(receipt.id, settings.response_id, settings.receipt_id),
                        no_response);
    if (!is_final(
            segment->told_state()))  // else a copy of the receipt that came before has settled it
        messages_.settle_segment(*live, *segment, receipt.state, receipt);
    if (!live->has_waiting()) messages_.forget_waiting(*live);
    return true;
}

/// The receipt with this id has ended another segment of the message that waited as well. That one
/// counts in the place of this one, which goes on waiting: one receipt must not end both.
bool receiving::was_taken_for_another(const live_message& live, const attempt& late,
                                      std::string_view carrier_message_id) {
    if (!live.segments[late.segment].waiting() || carrier_message_id.empty()) return false;
    const auto key = receipt_key_of(late.carrier, carrier_message_id);
    const auto& targets = targets_of(key);
    return std::any_of(targets.begin(), targets.end(), [&](const auto& target) {
        return target.message == static_cast<std::uint64_t>(live.id) &&
               target.segment != late.segment;
    });
}

/// Of one segment the last attempt comes first, and is the one that counts.
void receiving::add_target(const model::receipt_target& target) {
    const bool is_known = std::any_of(targets_.begin(), targets_.end(), [&](const auto& other) {
        return other.message == target.message && other.segment == target.segment;
    });
    if (!is_known && targets_.size() < targets_max) targets_.push_back(target);
}

void receiving::find_fresh_targets(std::uint64_t hash) {
    targets_.clear();
    fresh_keys_.visit(hash, [this](const model::receipt_target& target) {
        targets_.push_back(target);
        return targets_.size() < targets_max;
    });
}

/// The segments that have the receipt key with this hash and are in memory, youngest first. Valid
/// until the next call.
const std::vector<model::receipt_target>& receiving::young_targets_of(std::uint64_t hash) {
    find_fresh_targets(hash);
    environment_.find_young(table::receipt_index, hash, targets_max, entries_);
    for (const auto& entry : entries_)
        add_target(model::receipt_target_of(entry));
    return targets_;
}

/// The segments that have this receipt key: those in memory, then those of the store, youngest
/// first. Valid until the next call.
const std::vector<model::receipt_target>& receiving::targets_of(std::string_view key) {
    const auto hash = environment_.hash(key);
    find_fresh_targets(hash);
    const auto& found = targets_;
    const auto snapshot = environment_.read();
    snapshot.find(table::receipt_index, hash, targets_max, entries_);
    for (const auto& entry : entries_)
        add_target(model::receipt_target_of(entry));
    if (snapshot.count(table::receipt_keys) == 0) return found;
    store::cursor at(snapshot, table::receipt_keys);
    bool there = at.seek_before(model::receipt_keys_end(key));
    for (std::size_t seen = 0; there && seen < targets_max && found.size() < targets_max;
         there = at.previous(), ++seen) {
        if (!at.key().starts_with(key)) break;
        const auto target = model::parse_receipt_entry(key, at.key(), at.value());
        if (target) add_target(*target);
    }
    return found;
}

/// False for a repeated receipt, and for one that tells of the failure of an attempt that has been
/// replaced. An outcome that was only given up as unknown can still be learnt.
bool receiving::is_open(const live_segment& segment, std::string_view key,
                        const model::receipt_target& target, const carrier_receipt& receipt) const {
    const bool settled =
        is_final(segment.told_state()) &&
        (segment.state != segment_state::unknown || receipt.state == State::unknown);
    return !settled && (receipt.state == State::delivered || lost_its_id(segment, key, target) ||
                        is_key_of_last(segment, key));
}

/// The process died between the response, which stored the key, and the outcome.
bool receiving::lost_its_id(const live_segment& segment, std::string_view key,
                            const model::receipt_target& target) {
    return segment.waiting() && segment.carrier_message_id.empty() &&
           target.attempt == segment.attempts &&
           key.starts_with(model::receipt_key(stored(segment.carrier), "").view());
}

/// This receipt is of an attempt before the one that the segment waits for, and receipts with
/// strange ids have ended other segments that waited with it: one of them may have been of this
/// segment. That one counts in the place of this one, as in was_taken_for_another().
bool receiving::may_have_counted(const live_message& live, const live_segment& segment) {
    return segment.waiting() && std::any_of(
                                    live.segments.begin(), live.segments.end(),
                                    [&](const auto& other) {
                                        return other.ended_by_strange_receipt() &&
                                               other.carrier == segment.carrier;
                                    });
}

/// `open`: what is_open() says.
void receiving::apply_receipt(std::string_view key, live_message& live,
                              const model::receipt_target& target, const carrier_receipt& receipt,
                              bool open) {
    auto& segment = live.segments[target.segment];
    ++count_.receipts;
    if (lost_its_id(segment, key, target)) {
        segment.carrier_message_id =
            key.substr(model::receipt_key(stored(segment.carrier), "").size());
    } else if (open) {
        open = !may_have_counted(live, segment);
    }
    if (!open) {
        ++count_.receipts_duplicate;
        // Of an attempt that another has taken the place of: its phone has opted out all the same.
        if (receipt.final && receipt.state != State::delivered)
            messages_.note_opt_out(live, segment.carrier, receipt);
        messages_.release(live);
    } else if (!receipt.final) {
        delivery_.emit_intermediate(live, segment, receipt);
        messages_.release(live);
    } else {
        if (receipt.state == State::delivered) messages_.note_delivered(live, segment.carrier);
        messages_.settle_segment(live, segment, receipt.state, receipt);
    }
}

/// The receipt key of each reading of its ids.
std::vector<std::string> receiving::early_keys(carrier_id carrier,
                                               const carrier_receipt& receipt) const {
    const auto& settings = *directory_[carrier].settings;
    std::vector<std::string> keys;
    for (const std::string& id : {receipt.id, receipt.text_id}) {
        if (id.empty()) continue;
        const auto ids = candidate_ids(id, settings.response_id, settings.receipt_id);
        for (std::size_t i = 0; i < ids.count; ++i)
            keys.emplace_back(model::receipt_key(stored(carrier), ids.forms[i]).view());
    }
    return keys;
}

void receiving::remember_early(carrier_id carrier, early_receipt&& early,
                               const carrier_message& message) {
    early.keys = early_keys(carrier, early.receipt);
    early.source = message.source;
    early.destination = message.destination;
    early_.add(std::move(early));
}

/// A response has named the key: is one of the receipts that have come before it this segment's? A
/// final one rather than one on the way, then by the addresses, then the oldest. Where no address
/// says so, it must have come after the segment was sent.
void receiving::match_early(carrier_id carrier, std::string_view key, live_message& live,
                            const model::receipt_target& target, steady_time sent_at) {
    const auto& settings = *directory_[carrier].settings;
    std::optional<std::uint64_t> best;
    std::tuple<bool, receipt_rank> rank_of_best;
    for (const auto number : early_.waiting(key)) {
        const auto& early = early_.at(number);
        if (early.position.counter < static_cast<std::uint64_t>(live.id))
            continue;  // it came before the message did; both numbers are of one source
        const auto addresses = weigh(settings, live, early.source, early.destination);
        const bool compares = early.keys.size() > 1 ||
                              settings.addresses_of_receipts == config::receipt_addresses::compare;
        if (addresses.phone == verdict::differs && compares) continue;
        const bool phone = addresses.phone == verdict::agrees;
        if (!phone && early.came < sent_at) continue;
        const std::tuple rank{early.receipt.final,
                              receipt_rank{.phone = phone,
                                           .exact = early.keys.front() == key && addresses.exact(),
                                           .unswapped = !addresses.swapped,
                                           .digits = addresses.digits,
                                           .sender = addresses.sender == verdict::agrees}};
        if (!best || rank > rank_of_best) {
            best = number;
            rank_of_best = rank;
        }
    }
    if (!best) return;
    const auto early = early_.at(*best);
    early_.forget(*best);
    const bool open = is_open(live.segments[target.segment], key, target, early.receipt);
    apply_receipt(key, live, target, early.receipt, open);
    ++count_.receipts_early;
    unmatched_.erase(early.position);
}

}  // namespace hikyaku::gateway
