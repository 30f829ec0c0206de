// The list of the gateway's tables, and records through them.
#include "gateway/model/tables.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/temporary_folder.hpp"
#include "tests/unit/gateway/model/support.hpp"

namespace hikyaku::gateway::model {
namespace {

// As docs/store.md has them. The numbers are in stores: none may change.
TEST(tables, have_their_numbers_and_names) {
    const std::map<int, std::string_view> expected = {{0, "messages"},
                                                      {1, "outcomes"},
                                                      {2, "queue"},
                                                      {3, "receipt_keys"},
                                                      {4, "unmatched"},
                                                      {5, "outbox"},
                                                      {6, "dead_letters"},
                                                      {7, "links"},
                                                      {8, "hits"},
                                                      {9, "hit_counts"},
                                                      {10, "idempotency"},
                                                      {11, "expiry"},
                                                      {12, "references"},
                                                      {13, "names"},
                                                      {15, "reply_parts"},
                                                      {16, "aliases"},
                                                      {17, "concat_slots"},
                                                      {18, "link_records"},
                                                      {19, "replies"},
                                                      {24, "concat_pages"},
                                                      {40, "cancels"},
                                                      {43, "link_seen"},
                                                      {44, "reclassification"},
                                                      {48, "link_uses"},
                                                      {49, "used_names"},
                                                      {51, "withdrawals"}};
    std::map<int, std::string_view> found;
    for (const auto* one : tables)
        found[static_cast<int>(one->number)] = one->name;
    EXPECT_EQ(found, expected);
    const std::map<int, std::string_view> expected_indexes = {{20, "receipt_index"},
                                                              {21, "reference_index"},
                                                              {22, "link_index"},
                                                              {23, "reply_index"},
                                                              {25, "party_index"}};
    found.clear();
    for (const auto* one : indexes)
        found[static_cast<int>(one->number)] = one->name;
    EXPECT_EQ(found, expected_indexes);
    EXPECT_EQ(static_cast<int>(table::meta.number), 14);
    EXPECT_EQ(table::meta.name, "meta");
}

TEST(tables, only_those_in_the_order_of_time_are_appended_to) {
    for (const auto* one : tables) {
        const bool in_order = one == &table::messages || one == &table::hits ||
                              one == &table::link_records || one == &table::replies;
        EXPECT_EQ(one->traits.appends, in_order) << one->name;
        EXPECT_EQ(one->traits.bytes_to_finish > 0, one == &table::queue) << one->name;
    }
}

std::string outcome(record::State state) {
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(record::CreateOutcome(builder, state, 1'767'225'660'000));
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

TEST(tables, records_are_read_by_key_and_in_a_scan) {
    const hikyaku::temporary_folder folder;
    const auto store = open_tables(folder / "data");
    ASSERT_TRUE(store);
    store::batch changes;
    changes.put(table::outcomes, message_key(1), outcome(record::State::delivered));
    changes.put(table::outcomes, message_key(2), "damaged");
    changes.put(table::outcomes, message_key(3), outcome(record::State::expired));
    ASSERT_TRUE(store::testing::apply(*store, changes).has_value());
    const auto view = store->read();
    store::record_reader reader;
    const record::Outcome* found = view.get(table::outcomes, message_key(1), reader);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->state(), record::State::delivered);
    EXPECT_EQ(view.get(table::outcomes, message_key(2), reader), nullptr);
    EXPECT_EQ(view.get(table::outcomes, message_key(4), reader), nullptr);
    EXPECT_EQ(view.get(table::outcomes, message_key(2)), "damaged") << "its octets";
    std::vector<std::pair<std::uint64_t, record::State>> scanned;
    view.scan(table::outcomes, "", [&](std::uint64_t id, const record::Outcome& each) {
        scanned.emplace_back(id, each.state());
        return true;
    });
    EXPECT_EQ(scanned, (std::vector<std::pair<std::uint64_t, record::State>>{
                           {1, record::State::delivered}, {3, record::State::expired}}));
}

// Keys of one table do not fit another one with the same octets.
template <class Table, class Key>
concept takes = requires(store::batch into, const Table& which, const Key& key) {
    into.erase(which, key);
};
static_assert(takes<decltype(table::messages), message_key>);
static_assert(takes<decltype(table::dead_letters), outbox_key>);
static_assert(!takes<decltype(table::queue), message_key>);
static_assert(!takes<decltype(table::messages), queue_key>);
static_assert(!takes<decltype(table::aliases), concat_slot_key>);
static_assert(!takes<decltype(table::queue), decltype(queue_prefix(1))>, "a prefix is no key");
static_assert(!takes<decltype(table::receipt_keys), decltype(receipt_key(1, ""))>);
static_assert(!takes<decltype(table::links), std::string>);

}  // namespace
}  // namespace hikyaku::gateway::model
