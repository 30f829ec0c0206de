#include "gateway/model/retention.hpp"

#include <limits>

#include "gateway/model/tables.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::model {

using store::batch;
using store::record_reader;
using store::snapshot;

namespace {

bool is_queued(const record::Outcome* outcome) {
    return outcome == nullptr || outcome->state() == record::State::queued;
}

void erase_message(const snapshot& from, std::uint64_t id, const record::Message* message,
                   const record::Outcome* outcome, batch& into, const erase_of_message& also) {
    auto own_key = message_key(id);
    into.erase(table::messages, own_key);
    into.erase(table::outcomes, own_key);
    if (from.has(table::hit_counts, own_key)) into.erase(table::hit_counts, own_key);
    if (message == nullptr) return;
    if (message->reference() != nullptr && message->reference()->size() > 0) {
        if (from.count(table::references) > 0)
            into.erase(table::references,
                       reference_key(message->account(), message->reference()->string_view(), id));
    }
    if (also) also(id, *message, outcome, into);
}

void keep_message(const snapshot& from, std::uint64_t id, const record::Message* message,
                  const record::Outcome* outcome, batch& into, const keep_of_message& keep) {
    if (message != nullptr && message->reference() != nullptr && message->reference()->size() > 0) {
        const auto key = reference_key(message->account(), message->reference()->string_view(), id);
        if (!from.has(table::references, key)) into.put(table::references, key);
    }
    if (keep && outcome != nullptr) keep(id, *outcome, into);
}

// The message of a link, if the link has outlived it.
template <class Key>
std::optional<std::uint64_t> lost_message(const snapshot& from,
                                          const store::table<Key, record::Link>& links,
                                          std::string_view link) {
    record_reader reader;
    const auto* found = from.get(links, store::key_view<Key>(link), reader);
    if (found == nullptr || from.has(table::messages, message_key(found->message()))) return {};
    return found->message();
}

}  // namespace

retention_step erase_messages(const snapshot& from, std::int64_t before, std::size_t limit,
                              std::uint64_t& resume, batch& into, const erase_of_message& also,
                              const keep_of_message& keep) {
    retention_step step;
    std::size_t looked_at = 0;
    bool has_kept = false;
    auto end = store::first_id_at(before);
    record_reader messages;
    record_reader outcomes;
    from.for_each(table::messages, message_key(resume), [&](auto found, auto value) {
        auto id = message_key::parse(found);
        if (!id || *id >= end) return false;
        step.more = looked_at == limit;
        if (step.more) return false;
        ++looked_at;
        resume = *id + 1;
        const auto* outcome = from.get(table::outcomes, found, outcomes);
        if (is_queued(outcome)) {
            keep_message(from, *id, messages.read<record::Message>(value), outcome, into, keep);
            has_kept = true;
            return true;
        }
        erase_message(from, *id, messages.read<record::Message>(value), outcome, into, also);
        ++step.erased;
        return true;
    });
    const auto passed = step.more ? resume : end;
    if (has_kept && passed > from.get(table::meta, table::index_begin).value_or(0))
        into.put(table::meta, table::index_begin, passed);
    if (!step.more) resume = 0;
    return step;
}

retention_step erase_hits(const snapshot& from, std::int64_t before, std::size_t limit,
                          batch& into) {
    retention_step step;
    const auto end = hit_key(before, {}, 0);
    from.for_each(table::hits, {}, [&](auto found, auto) {
        if (found >= end.view()) return false;
        step.more = step.erased == limit;
        if (step.more) return false;
        into.erase(table::hits, found);
        ++step.erased;
        return true;
    });
    return step;
}

retention_step erase_unmatched(const snapshot& from, std::int64_t before, std::size_t limit,
                               batch& into) {
    retention_step step;
    store::cursor at(from, table::unmatched);
    bool there = at.seek({});
    while (there) {
        auto carrier = store::key_reader(at.key()).u32();
        if (at.key() >= unmatched_key(carrier, before, 0).view()) {
            if (carrier == std::numeric_limits<std::uint32_t>::max()) break;
            there = at.seek(unmatched_prefix(carrier + 1));
            continue;
        }
        if (step.erased == limit) {
            step.more = true;
            break;
        }
        into.erase(table::unmatched, at.key());
        ++step.erased;
        there = at.next();
    }
    return step;
}

retention_step erase_expired(const snapshot& from, std::int64_t now, std::size_t limit, batch& into,
                             const erase_of_link& also) {
    retention_step step;
    auto end = store::key{}.i64(now == std::numeric_limits<std::int64_t>::max() ? now : now + 1);
    from.for_each(table::expiry, {}, [&](auto found, auto) {
        if (found >= end.view()) return false;
        step.more = step.erased == limit;
        if (step.more) return false;
        if (auto expired = expiry_key::parse(found)) {
            std::optional<std::uint64_t> message;
            if (expired->which == table::link_records.number)
                message = lost_message(from, table::link_records, expired->target);
            else if (expired->which == table::links.number)
                message = lost_message(from, table::links, expired->target);
            if (also && message) also(*message);
            into.erase_octets(expired->which, expired->target);
        }
        into.erase(table::expiry, found);
        ++step.erased;
        return true;
    });
    return step;
}

}  // namespace hikyaku::gateway::model
