#include "store/batch.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;

std::vector<std::string> listed(const batch& changes) {
    std::vector<std::string> out;
    for (const auto& one : changes) {
        const auto of_table = [&](const auto* each) { return each->number == one.which; };
        const auto* which = *std::find_if(sample::tables.begin(), sample::tables.end(), of_table);
        out.push_back(std::string(which->name) + (one.erases ? " - " : " + ") +
                      std::string(one.key) + "=" + std::string(one.value));
    }
    return out;
}

using lines = std::vector<std::string>;

TEST(batch, keeps_operations_in_order) {
    batch changes;
    EXPECT_TRUE(changes.empty());
    EXPECT_EQ(listed(changes), lines{});
    changes.put(sample::work, "k1", "value");
    changes.erase(sample::rows, "k2");
    changes.put(sample::texts, "k3", "");
    EXPECT_EQ(listed(changes), (lines{"work + k1=value", "rows - k2=", "texts + k3="}));
    EXPECT_EQ(changes.operations(), 3U);
    EXPECT_EQ(changes.bytes(), 3 * 8 + 2 + 5 + 2 + 2U);
    EXPECT_FALSE(changes.empty());
}

TEST(batch, clear_keeps_the_memory) {
    batch changes;
    changes.put(sample::rows, "key", std::string(5000, 'v'));
    auto capacity = changes.capacity();
    changes.clear();
    EXPECT_TRUE(changes.empty());
    EXPECT_EQ(changes.bytes(), 0U);
    EXPECT_EQ(changes.capacity(), capacity);
    changes.put(sample::texts, "a", "b");
    EXPECT_EQ(listed(changes), lines{"texts + a=b"});
}

TEST(batch, append_adds_behind) {
    batch first;
    batch second;
    first.put(sample::texts, "a", "1");
    second.erase(sample::texts, "a");
    second.put(sample::texts, std::string(key_bytes_max, 'k'), "2");
    first.append(second);
    EXPECT_EQ(
        listed(first),
        (lines{"texts + a=1", "texts - a=", "texts + " + std::string(key_bytes_max, 'k') + "=2"}));
    EXPECT_EQ(second.operations(), 2U);
}

TEST(batch, values_hold_any_bytes) {
    batch changes;
    std::string every;
    for (int i = 0; i < 256; ++i)
        every += static_cast<char>(i);
    changes.put(sample::series, every, every + every);
    auto one = *changes.begin();
    EXPECT_EQ(one.key, every);
    EXPECT_EQ(one.value, every + every);
}

TEST(batch_death, refuses_keys_that_lmdb_cannot_hold) {
    batch changes;
    EXPECT_DEATH(changes.put(sample::texts, "", "v"), "key");
    EXPECT_DEATH(changes.put(sample::texts, std::string(512, 'k'), "v"), "key");
}

}  // namespace
}  // namespace hikyaku::store
