#include "store/batch.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hikyaku::store {
namespace {

std::vector<std::string> listed(const batch& changes) {
    std::vector<std::string> out;
    for (const auto& one : changes) {
        out.push_back(std::string(table_name(one.which)) + (one.erases ? " - " : " + ") +
                      std::string(one.key) + "=" + std::string(one.value));
    }
    return out;
}

using lines = std::vector<std::string>;

TEST(batch, keeps_operations_in_order) {
    batch changes;
    EXPECT_TRUE(changes.empty());
    EXPECT_EQ(listed(changes), lines{});
    changes.put(table::queue, "k1", "value");
    changes.erase(table::messages, "k2");
    changes.put(table::meta, "k3", "");
    EXPECT_EQ(listed(changes), (lines{"queue + k1=value", "messages - k2=", "meta + k3="}));
    EXPECT_EQ(changes.operations(), 3U);
    EXPECT_EQ(changes.bytes(), 3 * 8 + 2 + 5 + 2 + 2U);
    EXPECT_FALSE(changes.empty());
}

TEST(batch, clear_keeps_the_memory) {
    batch changes;
    changes.put(table::messages, "key", std::string(5000, 'v'));
    auto capacity = changes.capacity();
    changes.clear();
    EXPECT_TRUE(changes.empty());
    EXPECT_EQ(changes.bytes(), 0U);
    EXPECT_EQ(changes.capacity(), capacity);
    changes.put(table::links, "a", "b");
    EXPECT_EQ(listed(changes), lines{"links + a=b"});
}

TEST(batch, append_adds_behind) {
    batch first;
    batch second;
    first.put(table::links, "a", "1");
    second.erase(table::links, "a");
    second.put(table::links, std::string(key_bytes_max, 'k'), "2");
    first.append(second);
    EXPECT_EQ(
        listed(first),
        (lines{"links + a=1", "links - a=", "links + " + std::string(key_bytes_max, 'k') + "=2"}));
    EXPECT_EQ(second.operations(), 2U);
}

TEST(batch, values_hold_any_bytes) {
    batch changes;
    std::string every;
    for (int i = 0; i < 256; ++i)
        every += static_cast<char>(i);
    changes.put(table::outbox, every, every + every);
    auto one = *changes.begin();
    EXPECT_EQ(one.key, every);
    EXPECT_EQ(one.value, every + every);
}

TEST(batch_death, refuses_keys_that_lmdb_cannot_hold) {
    batch changes;
    EXPECT_DEATH(changes.put(table::meta, "", "v"), "key");
    EXPECT_DEATH(changes.put(table::meta, std::string(512, 'k'), "v"), "key");
}

}  // namespace
}  // namespace hikyaku::store
