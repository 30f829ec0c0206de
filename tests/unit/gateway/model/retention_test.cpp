#include "gateway/model/retention.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "store/ids.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/gateway/model/support.hpp"

namespace hikyaku::gateway::model {
namespace {

using record::State;
using store::batch;
using store::first_id_at;

constexpr std::int64_t day = 86'400'000;
constexpr std::int64_t start = 1'767'225'600'000;

std::string message_record(std::uint32_t account, const std::string& reference) {
    flatbuffers::FlatBufferBuilder builder;
    auto address = record::CreateAddress(builder, 1, 1, builder.CreateString("4917012345"));
    std::vector<std::uint8_t> octets = {0x68, 0x69};
    std::vector<flatbuffers::Offset<record::Octets>> segments = {
        record::CreateOctets(builder, builder.CreateVector(octets))};
    auto parts = builder.CreateVector(segments);
    auto own = builder.CreateString(reference);
    record::MessageBuilder message(builder);
    message.add_account(account);
    message.add_source(address);
    message.add_destination(address);
    message.add_segments(parts);
    message.add_reference(own);
    builder.Finish(message.Finish());
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::string outcome_record(State state) {
    flatbuffers::FlatBufferBuilder builder;
    auto id = builder.CreateString("carrier-id");
    std::vector<flatbuffers::Offset<record::SegmentOutcome>> segments = {
        record::CreateSegmentOutcome(builder, state, 5, 1, id)};
    auto parts = builder.CreateVector(segments);
    record::OutcomeBuilder outcome(builder);
    outcome.add_state(state);
    outcome.add_segments(parts);
    builder.Finish(outcome.Finish());
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

class retention : public ::testing::Test {
protected:
    void SetUp() override {
        store_ = open_tables(folder_ / "data");
        ASSERT_TRUE(store_);
    }
    void apply_changes(batch& changes) {
        ASSERT_TRUE(store::testing::apply(*store_, changes).has_value());
        changes.clear();
    }
    std::uint64_t count(const store::table_info& which) { return store_->read().count(which); }

    hikyaku::temporary_folder folder_;
    std::unique_ptr<store::environment> store_;
};

TEST_F(retention, old_messages_go_with_all_that_is_theirs) {
    batch changes;
    std::vector<std::uint64_t> ids;
    for (int i = 0; i < 10; ++i) {  // one a day; the fourth and sixth are still queued
        auto id = first_id_at(start + i * day);
        ids.push_back(id);
        auto reference = "invoice-" + std::to_string(i % 2);
        changes.put(table::messages, message_key(id), message_record(7, reference));
        changes.put(table::references, reference_key(7, reference, id));
        if (i != 3) {
            auto state = i == 5 ? State::queued : State::delivered;
            changes.put(table::outcomes, message_key(id), outcome_record(state));
        }
        changes.put(table::hit_counts, message_key(id), "counts");
        const receipt_target target{id, 0, 1};
        changes.put(table::receipt_keys, receipt_entry_key(receipt_key(5, "carrier-id"), target),
                    target.attempt);
    }
    apply_changes(changes);
    auto also = [](std::uint64_t id, const record::Message& message, const record::Outcome* outcome,
                   batch& into) {
        EXPECT_EQ(message.account(), 7U);
        ASSERT_NE(outcome, nullptr);
        const auto* segment = outcome->segments()->Get(0);
        const auto of_id =
            receipt_key(segment->carrier(), segment->carrier_message_id()->string_view());
        into.erase(table::receipt_keys, receipt_entry_key(of_id, {id, 0, 1}));
    };
    std::uint64_t resume = 0;
    std::vector<std::size_t> steps;
    std::vector<std::uint64_t> kept;
    const auto keep = [&](std::uint64_t id, const record::Outcome&, batch&) { kept.push_back(id); };
    for (bool more = true; more;) {
        auto step = erase_messages(store_->read(), start + 8 * day, 3, resume, changes, also, keep);
        steps.push_back(step.erased);
        more = step.more;
        apply_changes(changes);
        ASSERT_LT(steps.size(), 10U);
    }
    EXPECT_EQ(steps, (std::vector<std::size_t>{3, 1, 2}));  // at most three looked at each time
    EXPECT_EQ(resume, 0U);                                  // ready for the next round
    for (int i = 0; i < 10; ++i) {
        bool expected = i == 3 || i == 5 || i >= 8;
        auto id = ids[static_cast<std::size_t>(i)];
        auto view = store_->read();
        EXPECT_EQ(view.has(table::messages, message_key(id)), expected) << i;
        EXPECT_EQ(view.has(table::outcomes, message_key(id)), expected && i != 3) << i;
        EXPECT_EQ(view.has(table::hit_counts, message_key(id)), expected) << i;
        auto reference = "invoice-" + std::to_string(i % 2);
        EXPECT_EQ(view.has(table::references, reference_key(7, reference, id)), expected) << i;
    }
    EXPECT_EQ(count(table::receipt_keys), 4U);
    EXPECT_EQ(kept, std::vector{ids[5]}) << "whose outcome may have receipt keys";
    // The next round knows that the indexes may begin behind the kept ones, the third changes
    // nothing.
    EXPECT_EQ(
        erase_messages(store_->read(), start + 8 * day, 100, resume, changes, also, keep).erased,
        0U);
    apply_changes(changes);
    EXPECT_EQ(store_->read().get(table::meta, table::index_begin), first_id_at(start + 8 * day));
    auto again = erase_messages(store_->read(), start + 8 * day, 100, resume, changes, also, keep);
    EXPECT_EQ(again.erased, 0U);
    EXPECT_FALSE(again.more);
    EXPECT_TRUE(changes.empty());
}

TEST_F(retention, the_reference_of_a_kept_message_moves_to_the_table) {
    batch changes;
    const auto id = first_id_at(start);
    changes.put(table::messages, message_key(id), message_record(7, "debt-1"));
    apply_changes(changes);
    std::uint64_t resume = 0;
    const auto step = erase_messages(store_->read(), start + day, 10, resume, changes, {});
    EXPECT_EQ(step.erased, 0U);
    apply_changes(changes);
    EXPECT_TRUE(store_->read().has(table::references, reference_key(7, "debt-1", id)));
    EXPECT_EQ(store_->read().get(table::meta, table::index_begin), first_id_at(start + day));
}

TEST_F(retention, a_damaged_message_is_erased_and_a_damaged_outcome_keeps_its_message) {
    batch changes;
    changes.put(table::messages, message_key(1), "garbage");
    changes.put(table::outcomes, message_key(1), outcome_record(State::delivered));
    changes.put(table::messages, message_key(2), message_record(1, ""));
    changes.put(table::outcomes, message_key(2), "garbage");
    apply_changes(changes);
    std::uint64_t resume = 0;
    auto step = erase_messages(store_->read(), start, 10, resume, changes,
                               [](auto, const auto&, const auto*, auto&) { FAIL(); });
    EXPECT_EQ(step.erased, 1U);
    apply_changes(changes);
    EXPECT_FALSE(store_->read().has(table::messages, message_key(1)));
    EXPECT_TRUE(store_->read().has(table::messages, message_key(2)));
}

TEST_F(retention, old_hits_go_in_steps) {
    batch changes;
    for (std::uint64_t i = 0; i < 10; ++i)
        changes.put(table::hits, hit_key(start + static_cast<std::int64_t>(i), "code", i), "hit");
    apply_changes(changes);
    auto step = erase_hits(store_->read(), start + 7, 4, changes);
    EXPECT_EQ(step.erased, 4U);
    EXPECT_TRUE(step.more);
    apply_changes(changes);
    step = erase_hits(store_->read(), start + 7, 4, changes);
    EXPECT_EQ(step.erased, 3U);
    EXPECT_FALSE(step.more);
    apply_changes(changes);
    auto view = store_->read();
    EXPECT_EQ(view.count(table::hits), 3U);
    EXPECT_EQ(view.first(table::hits)->key, hit_key(start + 7, "code", 7).view());
}

TEST_F(retention, a_step_that_ends_exactly_at_its_limit_has_no_more) {
    batch changes;
    for (std::uint64_t i = 0; i < 4; ++i)
        changes.put(table::hits, hit_key(0, "code", i), "hit");
    apply_changes(changes);
    auto step = erase_hits(store_->read(), 1, 4, changes);
    EXPECT_EQ(step.erased, 4U);
    EXPECT_FALSE(step.more);
}

TEST_F(retention, unmatched_of_every_carrier) {
    batch changes;
    constexpr auto last_carrier = std::numeric_limits<std::uint32_t>::max();
    for (std::uint32_t carrier : {0U, 1U, 7U, last_carrier})
        for (std::int64_t i = 0; i < 4; ++i)
            changes.put(table::unmatched, unmatched_key(carrier, start + i, 1), "receipt");
    apply_changes(changes);
    std::size_t erased = 0;
    int steps = 0;
    for (bool more = true; more; ++steps) {
        auto step = erase_unmatched(store_->read(), start + 3, 5, changes);
        erased += step.erased;
        more = step.more;
        apply_changes(changes);
        ASSERT_LT(steps, 10);
    }
    EXPECT_EQ(erased, 12U);
    EXPECT_EQ(steps, 3);
    auto view = store_->read();
    EXPECT_EQ(view.count(table::unmatched), 4U);
    for (std::uint32_t carrier : {0U, 1U, 7U, last_carrier})
        EXPECT_TRUE(view.has(table::unmatched, unmatched_key(carrier, start + 3, 1))) << carrier;
}

TEST_F(retention, expired_entries_go_with_their_expiry) {
    batch changes;
    auto reply = idempotency_key(7, "request-1");
    changes.put(table::idempotency, reply, "stored reply");
    changes.put(table::expiry, expiry_key(start + day, table::idempotency, reply));
    changes.put(table::links, link_key("CODE"), "target");
    changes.put(table::expiry, expiry_key(start + 2 * day, table::links, link_key("CODE")));
    changes.put(table::expiry, expiry_key(start, table::links, link_key("GONE")));
    apply_changes(changes);
    EXPECT_EQ(erase_expired(store_->read(), start - 1, 10, changes).erased, 0U);
    auto step = erase_expired(store_->read(), start + day, 1, changes);
    EXPECT_EQ(step.erased, 1U);
    EXPECT_TRUE(step.more);
    apply_changes(changes);
    step = erase_expired(store_->read(), start + day, 10, changes);
    EXPECT_EQ(step.erased, 1U);
    EXPECT_FALSE(step.more);
    apply_changes(changes);
    EXPECT_FALSE(store_->read().has(table::idempotency, reply));
    EXPECT_TRUE(store_->read().has(table::links, link_key("CODE")));
    EXPECT_EQ(count(table::expiry), 1U);
    auto forever = std::numeric_limits<std::int64_t>::max();
    EXPECT_EQ(erase_expired(store_->read(), forever, 10, changes).erased, 1U);
}

}  // namespace
}  // namespace hikyaku::gateway::model
