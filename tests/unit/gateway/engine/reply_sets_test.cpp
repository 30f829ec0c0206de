#include "gateway/engine/replies/reply_sets.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway {
namespace {

using outcome = reply_sets::outcome;

model::reply_part_position part(std::uint8_t sequence, std::uint16_t reference = 7,
                                std::uint8_t total = 3) {
    return {1, 42, reference, 0, total, sequence};
}

TEST(reply_sets, is_complete_when_every_part_has_come_in_any_order) {
    reply_sets sets;
    EXPECT_EQ(sets.add(part(3), 30, 100).what, outcome::kept);
    EXPECT_EQ(sets.add(part(1), 10, 200).what, outcome::kept);
    const auto last = sets.add(part(2), 20, 300);
    EXPECT_EQ(last.what, outcome::completed);
    EXPECT_EQ(last.position, part(2));
    ASSERT_NE(sets.find(part(1)), nullptr);
    EXPECT_EQ(sets.find(part(1))->since_ms, 100);
    EXPECT_EQ(sets.find(part(1))->hash_of(3), 30U);
    EXPECT_EQ(sets.incomplete(), 1U);
}

TEST(reply_sets, other_content_in_the_same_place_is_another_reply) {
    reply_sets sets;
    EXPECT_EQ(sets.add(part(1, 7, 2), 10, 0).what, outcome::kept);
    EXPECT_EQ(sets.add(part(1, 7, 2), 10, 0).what, outcome::duplicate);
    const auto other = sets.add(part(1, 7, 2), 11, 1);
    EXPECT_EQ(other.what, outcome::kept);
    EXPECT_NE(other.position, part(1, 7, 2));
    EXPECT_EQ(sets.incomplete(), 2U);
    // The parts that follow belong to the one that has waited longer.
    EXPECT_EQ(sets.add(part(2, 7, 2), 20, 2).position, part(2, 7, 2));
    EXPECT_EQ(sets.add(part(1, 7, 2), 11, 3).what, outcome::duplicate);
    sets.note_delivered(part(1, 7, 2), 4);
    const auto last = sets.add(part(2, 7, 2), 21, 5);
    EXPECT_EQ(last.what, outcome::completed);
    EXPECT_EQ(last.position.kind, other.position.kind);
}

TEST(reply_sets, what_was_delivered_is_known_until_it_is_erased) {
    reply_sets sets;
    (void)sets.add(part(1, 7, 2), 10, 0);
    EXPECT_EQ(sets.add(part(2, 7, 2), 20, 0).what, outcome::completed);
    sets.note_delivered(part(2, 7, 2), 500);
    EXPECT_EQ(sets.incomplete(), 0U);
    EXPECT_EQ(sets.add(part(2, 7, 2), 20, 600).what, outcome::duplicate);
    EXPECT_EQ(sets.oldest_delivered()->since_ms, 500);
    sets.erase(part(1, 7, 2));
    EXPECT_EQ(sets.delivered(), 0U);
    EXPECT_EQ(sets.add(part(2, 7, 2), 20, 700).what, outcome::kept);
}

TEST(reply_sets, a_part_may_come_after_its_companions_were_delivered) {
    reply_sets sets;
    (void)sets.add(part(1), 10, 0);
    sets.note_delivered(part(1), 500);
    EXPECT_EQ(sets.add(part(3), 30, 600).what, outcome::late);
    EXPECT_EQ(sets.add(part(3), 30, 600).what, outcome::duplicate);
    EXPECT_EQ(sets.find(part(0))->parts.size(), 2U);
}

TEST(reply_sets, keeps_sets_apart_and_in_the_order_of_time) {
    reply_sets sets;
    for (std::uint16_t reference = 1; reference <= 3; ++reference)
        EXPECT_EQ(sets.add(part(1, reference), 10, reference * 100).what, outcome::kept);
    auto other_kind = part(1, 1);
    other_kind.kind = 1;
    EXPECT_EQ(sets.add(other_kind, 10, 400).what, outcome::kept);
    auto other_phone = part(1, 1);
    other_phone.addresses = 43;
    EXPECT_EQ(sets.add(other_phone, 10, 500).what, outcome::kept);
    auto other_carrier = part(1, 1);
    other_carrier.carrier = 2;
    EXPECT_EQ(sets.add(other_carrier, 10, 600).what, outcome::kept);
    EXPECT_EQ(sets.incomplete(), 6U);
    EXPECT_EQ(sets.oldest_incomplete()->position.reference, 1);
    sets.erase(part(2, 1));
    EXPECT_EQ(sets.oldest_incomplete()->position.reference, 2);
}

TEST(reply_sets, so_many_with_one_reference_and_no_more) {
    reply_sets sets;
    for (std::uint64_t number = 0; number <= reply_sets::generation_max; ++number) {
        EXPECT_EQ(sets.add(part(1), 100 + number, static_cast<std::int64_t>(number)).what,
                  outcome::kept);
    }
    EXPECT_EQ(sets.add(part(1), 99, 50).what, outcome::crowded);
    ASSERT_NE(sets.oldest_of(part(1)), nullptr);
    EXPECT_EQ(sets.oldest_of(part(1))->hash_of(1), 100U);
    sets.erase(sets.oldest_of(part(1))->position);
    EXPECT_EQ(sets.add(part(1), 99, 50).what, outcome::kept);
}

TEST(reply_sets, restores_what_the_store_held) {
    reply_sets sets;
    sets.restore_delivered(part(0), 900, {{1, 10}, {2, 20}});
    sets.restore_part(part(1, 8), 10, 950);
    EXPECT_EQ(sets.add(part(2), 20, 1000).what, outcome::duplicate);
    EXPECT_EQ(sets.add(part(2), 99, 1000).what, outcome::kept);
    EXPECT_EQ(sets.delivered(), 1U);
    EXPECT_EQ(sets.find(part(1, 8))->since_ms, 950);
}

}  // namespace
}  // namespace hikyaku::gateway
