#include "gateway/engine/reply_sets.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway {
namespace {

using outcome = reply_sets::outcome;

store::reply_part_position part(std::uint8_t sequence, std::uint16_t reference = 7,
                                std::uint8_t total = 3) {
    return {1, 42, reference, 0, total, sequence};
}

TEST(reply_sets, is_complete_when_every_part_has_come_in_any_order) {
    reply_sets sets;
    EXPECT_EQ(sets.add(part(3), 30, 100), outcome::kept);
    EXPECT_EQ(sets.add(part(1), 10, 200), outcome::kept);
    EXPECT_EQ(sets.add(part(2), 20, 300), outcome::completed);
    ASSERT_NE(sets.find(part(1)), nullptr);
    EXPECT_EQ(sets.find(part(1))->since_ms, 100);
    EXPECT_EQ(sets.find(part(1))->hashes, (std::vector<std::uint64_t>{10, 20, 30}));
    EXPECT_EQ(sets.incomplete(), 1U);
}

TEST(reply_sets, tells_repeated_parts_from_other_content) {
    reply_sets sets;
    EXPECT_EQ(sets.add(part(1), 10, 0), outcome::kept);
    EXPECT_EQ(sets.add(part(1), 10, 0), outcome::duplicate);
    EXPECT_EQ(sets.add(part(1), 11, 0), outcome::conflict);
    EXPECT_EQ(sets.find(part(1))->received, 1U);
}

TEST(reply_sets, what_was_delivered_is_known_until_it_is_erased) {
    reply_sets sets;
    EXPECT_EQ(sets.add(part(1, 7, 2), 10, 0), outcome::kept);
    EXPECT_EQ(sets.add(part(2, 7, 2), 20, 0), outcome::completed);
    sets.mark_delivered(part(2, 7, 2), 500);
    EXPECT_EQ(sets.incomplete(), 0U);
    EXPECT_EQ(sets.add(part(2, 7, 2), 20, 600), outcome::duplicate);
    EXPECT_EQ(sets.add(part(2, 7, 2), 21, 600), outcome::conflict);
    EXPECT_EQ(sets.oldest_delivered()->since_ms, 500);
    sets.erase(part(1, 7, 2));
    EXPECT_EQ(sets.delivered(), 0U);
    EXPECT_EQ(sets.add(part(2, 7, 2), 21, 700), outcome::kept);
}

TEST(reply_sets, keeps_sets_apart_and_in_the_order_of_time) {
    reply_sets sets;
    for (std::uint16_t reference = 1; reference <= 3; ++reference) {
        EXPECT_EQ(sets.add(part(1, reference), 10, reference * 100), outcome::kept);
    }
    auto other_kind = part(1, 1);
    other_kind.kind = 1;
    EXPECT_EQ(sets.add(other_kind, 10, 400), outcome::kept);
    auto other_phone = part(1, 1);
    other_phone.addresses = 43;
    EXPECT_EQ(sets.add(other_phone, 10, 500), outcome::kept);
    EXPECT_EQ(sets.incomplete(), 5U);
    EXPECT_EQ(sets.oldest_incomplete()->position.reference, 1);
    sets.erase(part(2, 1));
    EXPECT_EQ(sets.oldest_incomplete()->position.reference, 2);
}

TEST(reply_sets, restores_what_was_delivered) {
    reply_sets sets;
    sets.restore_delivered(part(0), 900, {10, 20, 30});
    EXPECT_EQ(sets.add(part(2), 20, 1000), outcome::duplicate);
    EXPECT_EQ(sets.add(part(2), 99, 1000), outcome::conflict);
    EXPECT_EQ(sets.delivered(), 1U);
}

}  // namespace
}  // namespace hikyaku::gateway
