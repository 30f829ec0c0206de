#include "gateway/engine/unmatched/unmatched.hpp"

#include <algorithm>
#include <limits>

#include "gateway/engine/directory/reply_owner.hpp"
#include "gateway/engine/message_records.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::size_t receipt_octets_max = 4096;   // and as many of its TLVs
constexpr std::size_t page_entries_max = 1000;     // entries, for one page: a millisecond or two
constexpr std::size_t page_bytes_max = 256 << 10;  // of the entries that are looked at

}  // namespace

unmatched::unmatched(engine_context& context, const directory& names)
    : room(context), directory_(names) {
    take_carriers();
}

void unmatched::take_carriers() {
    for (const auto& carrier : directory_.carriers().all())
        if (!counts_.contains(carrier.id)) counts_.emplace(carrier.id);
}

model::unmatched_position unmatched::keep(carrier_id carrier, const carrier_message& message,
                                          UnmatchedWhy why, std::string_view carrier_message_id,
                                          bool as_sent) {
    const model::unmatched_position position{stored(carrier), now_.wall_ms,
                                             ids_.next(now_.wall_ms)};
    put(position, message, why, carrier_message_id, as_sent);
    // Not there: the last parts of a long reply by a carrier that is configured no more.
    if (auto* const counts = counts_.find(carrier)) ++counts->kept[static_cast<std::size_t>(why)];
    return position;
}

void unmatched::keep_for_another_reason(const model::unmatched_position& position,
                                        const unmatched_entry& entry, UnmatchedWhy why) {
    const auto* id = entry.record->carrier_message_id();
    put(position, entry.message, why, id == nullptr ? "" : id->string_view(),
        entry.record->as_sent());
}

void unmatched::put(const model::unmatched_position& position, const carrier_message& message,
                    UnmatchedWhy why, std::string_view carrier_message_id, bool as_sent) {
    auto& fb = builder_;
    fb.Clear();
    const auto source = record_address(fb, message.source_ton, message.source_npi, message.source);
    const auto destination =
        record_address(fb, message.destination_ton, message.destination_npi, message.destination);
    const auto id = carrier_message_id.empty()
                        ? flatbuffers::Offset<flatbuffers::String>{}
                        : fb.CreateString(carrier_message_id.data(), carrier_message_id.size());
    // A reply may go to an account yet, whole: the limit of PDUs bounds it.
    const bool is_reply = why == UnmatchedWhy::no_owner || why == UnmatchedWhy::no_delivery;
    const auto most = is_reply ? std::numeric_limits<std::size_t>::max() : receipt_octets_max;
    const auto octets =
        fb.CreateVector(message.octets.data(), std::min(message.octets.size(), most));
    const auto tlvs = fb.CreateVector(tlvs_to_keep(message.tlvs, most));
    fb.Finish(record::CreateUnmatched(fb, position.carrier, position.at, source, destination, id,
                                      message.esm_class, message.data_coding, octets, tlvs,
                                      is_reply, why, as_sent));
    must_keep().rows().put(table::unmatched, unmatched_key_of(position), built());
}

void unmatched::erase(const model::unmatched_position& position) {
    auto& pending = must_keep();
    pending.rows().erase(table::unmatched, unmatched_key_of(position));
    pending.then(after::unmatched_gone{position.counter});
    gone_.insert(position.counter);
}

void unmatched::count_replayed(carrier_id carrier, bool is_reply, std::size_t entries) {
    auto& counts = counts_[carrier];
    (is_reply ? counts.replies_replayed : counts.receipts_replayed) += entries;
}

unmatched_view unmatched::view_of(const model::unmatched_position& position,
                                  const unmatched_entry& entry) const {
    unmatched_view out;
    out.id = position;
    out.carrier = directory_.name_of(model::name_kind::carrier, position.carrier);
    out.is_reply = entry.record->is_reply();
    out.why = entry.why();
    const auto& message = entry.message;
    out.source = message.source;
    out.destination = message.destination;
    if (out.is_reply) {
        auto* const carrier = directory_.find(carrier_id{position.carrier});
        const bool restore = entry.record->as_sent() && carrier != nullptr;
        restored_addresses kept;
        const auto own =
            restore ? with_our_addresses(directory_, carrier->id, message, kept) : message;
        out.destination_is_ours = directory_.account_by_reply_number(own.destination).has_value();
    }
    out.esm_class = message.esm_class;
    out.data_coding = message.data_coding;
    out.octets.assign(message.octets.begin(), message.octets.end());
    const auto tlvs = message.tlvs.raw();
    out.tlvs.assign(tlvs.begin(), tlvs.end());
    return out;
}

unmatched_page unmatched::page(const unmatched_query& query) const {
    unmatched_page out;
    std::optional<std::uint32_t> only;
    if (!query.carrier.empty()) {
        only = directory_.known_number(model::name_kind::carrier, query.carrier);
        out.carrier_known = only.has_value();
        if (!out.carrier_known) return out;
    }
    store::key from;
    if (only && (!query.after || query.after->carrier < *only))
        from = model::unmatched_prefix(*only);
    else if (query.after)
        from = unmatched_key_of(*query.after);
    const auto limit = std::min(query.limit, unmatched_query::limit_max);
    unmatched_entry entry;
    std::optional<model::unmatched_position> last;
    std::size_t looked_at = 0, bytes = 0;
    const auto snapshot = environment_.read();
    snapshot.for_each(table::unmatched, from.view(), [&](auto key, std::string_view value) {
        const auto position = model::unmatched_key::parse(key);
        if (!position || position == query.after) return true;
        if (only && position->carrier != *only) return false;
        if (out.found.size() == limit || looked_at == page_entries_max ||
            (looked_at > 0 && bytes + value.size() > page_bytes_max)) {
            out.next = last;
            return false;
        }
        ++looked_at;
        bytes += value.size();
        last = position;
        entry.bytes = value;
        if (!gone_.contains(position->counter) && entry.read() &&
            (!query.is_reply || *query.is_reply == entry.record->is_reply()))
            out.found.push_back(view_of(*position, entry));
        return true;
    });
    return out;
}

std::unique_ptr<unmatched_entry> unmatched::read(const model::unmatched_position& position) const {
    const auto snapshot = environment_.read();
    const auto value = snapshot.get(table::unmatched, unmatched_key_of(position));
    if (!value || gone_.contains(position.counter)) return nullptr;
    auto entry = std::make_unique<unmatched_entry>();
    entry->bytes = *value;
    return entry->read() ? std::move(entry) : nullptr;
}

std::optional<unmatched_view> unmatched::find(const model::unmatched_position& position) const {
    const auto entry = read(position);
    return entry ? std::optional(view_of(position, *entry)) : std::nullopt;
}

model::retention_step unmatched::erase_old(const store::snapshot& snapshot, std::int64_t before_ms,
                                           std::size_t limit) {
    return model::erase_unmatched(snapshot, before_ms, limit, must_keep().rows());
}

}  // namespace hikyaku::gateway
