#include "store/ids.hpp"

#include <gtest/gtest.h>

#include <random>

namespace hikyaku::store {
namespace {

constexpr std::int64_t some_time = 1'767'225'600'123;  // 2026-01-01 00:00:00.123 UTC

TEST(ids, layout) {
    id_source source(5);
    auto id = source.next(some_time);
    EXPECT_EQ(id, (std::uint64_t{189'388'800'123} << 22) | (5U << 12));
    EXPECT_EQ(id_milliseconds(id), some_time);
    EXPECT_EQ(id_node(id), 5U);
    EXPECT_EQ(source.next(some_time), id + 1);
}

TEST(ids, always_rise_whatever_the_clock_does) {
    std::mt19937_64 random(7);
    id_source source(1023);
    std::uint64_t last = 0;
    auto now = some_time;
    for (int i = 0; i < 200'000; ++i) {
        auto roll = random() % 1000;
        if (roll == 0) now -= 3'600'000;
        if (roll == 1) now = -5;  // before the epoch
        if (roll == 2) now = some_time + i;
        if (roll > 900) ++now;
        auto id = source.next(now);
        ASSERT_GT(id, last);
        ASSERT_EQ(id_node(id), 1023U);
        ASSERT_EQ(id >> 63, 0U);
        last = id;
    }
}

TEST(ids, a_used_up_millisecond_goes_on_in_the_next) {
    id_source source(0);
    auto first = source.next(some_time);
    for (int i = 1; i < 4096; ++i)
        EXPECT_EQ(source.next(some_time), first + static_cast<unsigned>(i));
    auto next = source.next(some_time);
    EXPECT_EQ(id_milliseconds(next), some_time + 1);
    EXPECT_EQ(next & id_sequence_max, 0U);
    EXPECT_EQ(source.next(some_time + 1), next + 1);
    EXPECT_EQ(id_milliseconds(source.next(some_time + 9)), some_time + 9);
}

TEST(ids, go_on_after_the_last_one_in_the_store) {
    id_source before(3);
    std::uint64_t last = 0;
    for (int i = 0; i < 10; ++i)
        last = before.next(some_time);
    EXPECT_EQ(id_source(3, last).next(some_time - 100'000), last + 1);
    EXPECT_GT(id_source(2, last).next(some_time), last);  // another node number, same clock
    EXPECT_GT(id_source(4, last).next(some_time), last);
    EXPECT_EQ(id_milliseconds(id_source(3, last).next(some_time + 1)), some_time + 1);
    EXPECT_GT(id_source(0).next(0), 0U);  // 0 is never an id
}

TEST(ids, last_until_2089) {
    constexpr std::int64_t september_2089 = 3'776'803'200'000;  // 2089-09-06 00:00 UTC
    EXPECT_EQ(id_milliseconds(id_source(0).next(september_2089)), september_2089);
}

TEST(ids, first_id_at_bounds_a_range) {
    id_source source(0);
    auto id = source.next(some_time);
    EXPECT_EQ(first_id_at(some_time), id);
    EXPECT_LT(first_id_at(some_time - 1), id);
    EXPECT_GT(first_id_at(some_time + 1), id + id_sequence_max);
    EXPECT_EQ(first_id_at(0), 0U);
    EXPECT_EQ(first_id_at(-1), 0U);
    EXPECT_EQ(first_id_at(INT64_MAX), INT64_MAX);
}

TEST(ids, text) {
    EXPECT_EQ(format_id(1), "1");
    EXPECT_EQ(parse_id("1"), 1U);
    EXPECT_EQ(parse_id("9223372036854775807"), 9'223'372'036'854'775'807U);
    EXPECT_EQ(parse_id(format_id(123'456'789'012'345)), 123'456'789'012'345U);
    for (auto bad : {"", "0", "01", "-1", "+1", " 1", "1 ", "1a", "0x1", "9223372036854775808",
                     "99999999999999999999", "18446744073709551616"})
        EXPECT_FALSE(parse_id(bad)) << bad;
}

}  // namespace
}  // namespace hikyaku::store
