#include "gateway/engine/delivery/outboxes.hpp"

#include <algorithm>

#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;

namespace {

void insert_ready(outbox& into, std::uint64_t sequence) {
    auto& ready = into.ready;
    ready.insert(std::lower_bound(ready.begin(), ready.end(), sequence), sequence);
}

template <class Table>
std::uint64_t entries_of(const store::snapshot& snapshot, const Table& which, const outbox& of) {
    constexpr std::uint64_t counted_max = 1'000'000;
    std::uint64_t entries = 0;
    snapshot.for_each_with_prefix(which, model::outbox_prefix(stored(of.id)),
                                  [&](auto, auto) { return ++entries < counted_max; });
    return entries;
}

}  // namespace

outbox& outboxes::add(std::string_view name, outbox_kind kind, account_id account) {
    const endpoint_id id{directory_.number_of(model::name_kind::endpoint, name)};
    auto& added = outboxes_.emplace(id);
    added.id = id;
    added.kind = kind;
    added.account = account;
    const auto snapshot = environment_.read();
    added.depth = entries_of(snapshot, table::outbox, added);
    added.dead = entries_of(snapshot, table::dead_letters, added);
    added.more_on_disk = added.depth > 0;
    return added;
}

void outboxes::put(outbox& into, std::uint64_t sequence, std::string_view event, bool hurries) {
    auto& pending = hurries ? must_keep() : may_wait();
    pending.rows().put(table::outbox, model::outbox_key(stored(into.id), sequence), event);
    pending.then(after::outbox_added{into.id, sequence});
    into.busy.insert(sequence);  // may be seen in the store before on_added() is called
    ++into.depth;
}

void outboxes::on_added(outbox& to, std::uint64_t sequence) {
    to.busy.erase(sequence);
    if (to.more_on_disk || to.ready.size() >= limits_.outbox_ready_max)
        to.more_on_disk = true;
    else
        insert_ready(to, sequence);
}

void outboxes::remove(outbox& from, std::uint64_t sequence) {
    from.busy.insert(sequence);
    from.failures.erase(sequence);
    from.depth -= from.depth > 0 ? 1 : 0;
    must_keep().rows().erase(table::outbox, model::outbox_key(stored(from.id), sequence));
    must_keep().then(after::outbox_removed{from.id, sequence});
}

void outboxes::give_back(outbox& to, std::uint64_t sequence) {
    to.busy.erase(sequence);
    insert_ready(to, sequence);
}

void outboxes::reload(outbox& from) {
    if (!from.more_on_disk || !from.ready.empty()) return;
    from.more_on_disk = false;
    const auto snapshot = environment_.read();
    snapshot.for_each_with_prefix(table::outbox, model::outbox_prefix(stored(from.id)),
                                  [&](std::string_view key, std::string_view) {
                                      const auto position = model::outbox_key::parse(key);
                                      if (!position || from.busy.contains(position->sequence))
                                          return true;
                                      if (from.ready.size() >= limits_.outbox_ready_max) {
                                          from.more_on_disk = true;
                                          return false;
                                      }
                                      from.ready.push_back(position->sequence);
                                      return true;
                                  });
}

void outboxes::bury(outbox& from, std::uint64_t sequence) {
    const auto key = model::outbox_key(stored(from.id), sequence);
    {
        const auto snapshot = environment_.read();
        if (const auto value = snapshot.get(table::outbox, key)) {
            must_keep().rows().put(table::dead_letters, key, *value);
            ++from.dead;
            ++count_.dead_letters;
        }
    }
    remove(from, sequence);
}

std::size_t outboxes::replay_dead_letters(outbox& of, std::size_t limit) {
    std::size_t replayed = 0;
    const auto snapshot = environment_.read();
    snapshot.for_each_with_prefix(
        table::dead_letters, model::outbox_prefix(stored(of.id)),
        [&](auto key, std::string_view value) {
            const auto position = model::outbox_key::parse(key);
            if (replayed >= limit || !position) return false;
            if (!of.busy.insert(position->sequence).second)
                return true;  // replayed a moment ago, not on disk yet
            must_keep().rows().erase(table::dead_letters, key);
            must_keep().rows().put(table::outbox, key, value);
            must_keep().then(after::outbox_added{of.id, position->sequence});
            ++of.depth;
            of.dead -= of.dead > 0 ? 1 : 0;
            ++replayed;
            return true;
        });
    return replayed;
}

void outboxes::collect_old(const store::snapshot& snapshot, const event_table& which,
                           const outbox& of, std::int64_t before_ms, std::size_t limit) {
    old_.clear();
    snapshot.for_each_with_prefix(
        which, model::outbox_prefix(stored(of.id)), [&](std::string_view key, auto) {
            const auto position = model::outbox_key::parse(key);
            if (!position || store::id_milliseconds(position->sequence) >= before_ms ||
                old_.size() >= limit)
                return false;
            if (!of.busy.contains(position->sequence)) old_.push_back(position->sequence);
            return true;
        });
}

std::size_t outboxes::erase_old(const store::snapshot& snapshot, std::int64_t before_ms,
                                std::size_t limit) {
    std::size_t erased = 0;
    for (auto& one : outboxes_.all()) {
        if (erased >= limit) break;
        collect_old(snapshot, table::outbox, one, before_ms, limit - erased);
        for (const auto sequence : old_) {
            const auto at = std::lower_bound(one.ready.begin(), one.ready.end(), sequence);
            if (at != one.ready.end() && *at == sequence) one.ready.erase(at);
            remove(one, sequence);
        }
        erased += old_.size();
        collect_old(snapshot, table::dead_letters, one, before_ms, limit - erased);
        for (const auto sequence : old_) {
            must_keep().rows().erase(table::dead_letters,
                                     model::outbox_key(stored(one.id), sequence));
            one.dead -= one.dead > 0 ? 1 : 0;
        }
        erased += old_.size();
    }
    return erased;
}

void outboxes::want(outbox& one) {
    if (!one.wanted) {
        one.wanted = true;
        wanted_.push_back(&one);
    }
}

std::uint64_t outboxes::last_sequence(const store::snapshot& snapshot) const {
    std::uint64_t last = 0;
    for (const auto& one : outboxes_.all()) {
        for (const auto which : {table::outbox, table::dead_letters}) {
            const auto entry =
                snapshot.last_with_prefix(which, model::outbox_prefix(stored(one.id)));
            const auto position = entry ? model::outbox_key::parse(entry->key) : std::nullopt;
            last = std::max(last, position ? position->sequence : 0);
        }
    }
    return last;
}

}  // namespace hikyaku::gateway
