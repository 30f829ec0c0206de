// What the room `hits` does at the start: after a crash some hits are in the log and not in the
// store, others are in the store and not in the counters of their messages.
#include <boost/unordered/unordered_flat_map.hpp>

#include "gateway/engine/hits/hit_meta.hpp"
#include "gateway/engine/hits/hits.hpp"
#include "gateway/model/tables.hpp"
#include "store/key.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::size_t logged_head_octets = 10;  // time and length of the code

std::string_view text_in(const flatbuffers::String* value) {
    return value == nullptr ? std::string_view{} : value->string_view();
}

}  // namespace

void hits::recount() {
    const auto since = hit_meta_number(environment_, hits_counted_name);
    if (!since) return;
    counted_ms_ = static_cast<std::int64_t>(*since);
    const auto snapshot = environment_.read();
    store::record_reader reader;
    // Up to where each was counted before: the hits of one message need not come in their order.
    boost::unordered_flat_map<message_id, std::uint64_t> counted_before;
    snapshot.for_each(table::hits, model::hit_key(counted_ms_, {}, 0), [&](auto key, auto value) {
        const auto where = model::hit_key::parse(key);
        const auto* hit = where ? reader.read<record::Hit>(value) : nullptr;
        const auto link =
            hit == nullptr ? std::nullopt : read_link(snapshot, where->code, hit->message());
        if (!link) return true;
        auto& counters = loaded(link->message);
        const auto before =
            counted_before.try_emplace(link->message, counters.counted_to).first->second;
        if (where->counter > before) {
            const visitor who{where->code, text_in(hit->network()), text_in(hit->user_agent())};
            (void)counters.add({hit->hit_class(), hit->reasons(), where->at, where->counter,
                                visit_of(who, where->at)});
            cache_.changed(link->message, counters, where->at, now_.steady);
        } else {
            cache_.release(link->message);
        }
        return true;
    });
}

/// `logged` is one record of the hit log. Empty if the hit is not to be told; the facts of others
/// hold as long as `logged` and `reader` do.
std::optional<hits::recovered_hit> hits::recover_one(std::uint64_t sequence,
                                                     std::string_view logged,
                                                     store::record_reader& reader) {
    store::key_reader head(logged);
    const auto at_ms = head.i64();
    const auto code = head.bytes(head.u16());
    const auto octets = logged.substr(head.ok() ? logged_head_octets + code.size() : 0);
    const auto* hit = head.ok() ? reader.read<record::Hit>(octets) : nullptr;
    auto link =
        hit == nullptr ? std::nullopt : read_link(environment_.read(), code, hit->message());
    if (!link) return std::nullopt;
    const hit_facts facts{code,
                          hit->hit_class(),
                          hit->reasons(),
                          text_in(hit->method()),
                          text_in(hit->network()),
                          text_in(hit->user_agent())};
    const auto told = count_hit(facts, octets, *link, at_ms, sequence);
    if (told == hit_told::no) return std::nullopt;
    return recovered_hit{facts, std::move(*link), at_ms, told};
}

}  // namespace hikyaku::gateway
