// fresh_keys: what is under way to the disk.
#include "gateway/engine/receiving/fresh_keys.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace hikyaku::gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr model::receipt_target first{7, 0, 1};
constexpr model::receipt_target second{8, 2, 1};

std::vector<model::receipt_target> targets_of(const fresh_keys& keys, std::uint64_t hash) {
    std::vector<model::receipt_target> found;
    keys.visit(hash, [&found](const model::receipt_target& target) {
        found.push_back(target);
        return true;
    });
    return found;
}

TEST(fresh_keys, a_key_is_found_until_its_commit) {
    fresh_keys keys;
    keys.add({1, first});
    EXPECT_THAT(targets_of(keys, 1), ElementsAre(first));
    EXPECT_THAT(targets_of(keys, 2), IsEmpty());
    keys.committed({1, first});
    EXPECT_THAT(targets_of(keys, 1), IsEmpty());
    EXPECT_EQ(keys.size(), 0U);
}

TEST(fresh_keys, a_key_that_comes_again_speaks_of_both_messages_youngest_first) {
    fresh_keys keys;
    keys.add({1, first});
    keys.add({1, second});
    EXPECT_THAT(targets_of(keys, 1), ElementsAre(second, first));
    keys.committed({1, first});
    EXPECT_THAT(targets_of(keys, 1), ElementsAre(second));
    keys.committed({1, second});
    EXPECT_EQ(keys.size(), 0U);
}

TEST(fresh_keys, a_later_attempt_of_the_same_segment_takes_the_place_of_the_earlier_one) {
    fresh_keys keys;
    keys.add({1, first});
    const model::receipt_target again{first.message, first.segment, 2};
    keys.add({1, again});
    EXPECT_THAT(targets_of(keys, 1), ElementsAre(again));
    keys.committed({1, first});
    EXPECT_THAT(targets_of(keys, 1), ElementsAre(again)) << "one of its batches is under way";
    keys.committed({1, again});
    EXPECT_EQ(keys.size(), 0U);
}

}  // namespace
}  // namespace hikyaku::gateway
