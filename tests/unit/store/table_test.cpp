// Declared tables: what is written and read through them, and what does not compile.
#include "store/table.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <optional>
#include <utility>
#include <vector>

#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;

struct place {
    std::uint32_t street = 0;
    std::uint16_t house = 0;

    friend bool operator==(const place&, const place&) = default;
};

class place_key : public key {
public:
    place_key(std::uint32_t street, std::uint16_t house) { u32(street).u16(house); }
    static std::optional<place> parse(std::string_view octets) {
        key_reader reader(octets);
        place read;
        read.street = reader.u32();
        read.house = reader.u16();
        return reader.checked(read);
    }
};

class other_key : public key {
public:
    explicit other_key(std::uint32_t number) { u32(number); }
};

constexpr table<place_key, std::uint32_t> people{30, "people"};
constexpr table<place_key, nothing> empty_houses{31, "empty_houses"};
constexpr table<other_key, std::int64_t> times{32, "times"};
constexpr table<text_key, std::uint16_t> shorts{33, "shorts"};
constexpr std::array<const table_info*, 4> town_tables{&people, &empty_houses, &times, &shorts};
constexpr domain town{.version_name = "town", .tables = town_tables};

template <class Table, class... Arguments>
concept can_put = requires(batch into, const Table& which, Arguments... arguments) {
    into.put(which, arguments...);
};
template <class Table, class Key>
concept can_erase = requires(batch into, const Table& which, Key key) {
    into.erase(which, key);
};
template <class Table, class Key>
concept can_get = requires(const snapshot& from, const Table& which, Key key) {
    from.get(which, key);
    from.has(which, key);
};
using people_table = std::remove_const_t<decltype(people)>;
using shorts_table = std::remove_const_t<decltype(shorts)>;
using empty_table = std::remove_const_t<decltype(empty_houses)>;

static_assert(can_put<people_table, place_key, int>);
static_assert(can_put<people_table, key_view<place_key>, int>);
static_assert(can_erase<people_table, place_key> && can_get<people_table, place_key>);
static_assert(!can_put<people_table, other_key, int>, "the key of another table");
static_assert(!can_erase<people_table, other_key> && !can_get<people_table, other_key>);
static_assert(!can_erase<people_table, key_view<other_key>>);
static_assert(!can_put<people_table, key, int>, "a prefix, or a key of nobody");
static_assert(!can_put<people_table, std::string_view, int>, "octets of unknown origin");
static_assert(!can_erase<people_table, std::string> && !can_get<people_table, const char*>);
static_assert(!can_put<people_table, place_key>, "no number");
static_assert(!can_put<people_table, place_key, std::string_view>, "octets instead of a number");
static_assert(can_put<empty_table, place_key>);
static_assert(!can_put<empty_table, place_key, std::string_view>, "a value where none is kept");
static_assert(can_put<shorts_table, const char*, int> && can_get<shorts_table, std::string>);

class table_test : public ::testing::Test {
protected:
    void SetUp() override {
        store_ = open_or_fail(settings_for(folder_ / "data"), town);
        ASSERT_TRUE(store_);
    }
    void write(const batch& changes) { ASSERT_TRUE(apply(*store_, changes).has_value()); }

    temporary_folder folder_;
    std::unique_ptr<environment> store_;
};

TEST_F(table_test, numbers_are_big_endian_and_sort) {
    batch changes;
    changes.put(people, place_key(1, 2), 0x01020304);
    changes.put(times, other_key(1), -1);
    changes.put(times, other_key(2), 1);
    changes.put(shorts, "short", 258);
    write(changes);
    const auto view = store_->read();
    EXPECT_EQ(view.get(people, place_key(1, 2)), 0x01020304U);
    EXPECT_EQ(view.octets(people, place_key(1, 2)), "\x01\x02\x03\x04");
    EXPECT_EQ(view.get(times, other_key(1)), -1);
    EXPECT_EQ(view.octets(times, other_key(1)), "\x7f\xff\xff\xff\xff\xff\xff\xff");
    EXPECT_LT(*view.octets(times, other_key(1)), *view.octets(times, other_key(2)));
    EXPECT_EQ(view.octets(shorts, "short"), "\x01\x02");
    EXPECT_EQ(view.get(people, place_key(1, 3)), std::nullopt);
    EXPECT_FALSE(view.has(people, place_key(1, 3)));
}

TEST_F(table_test, a_number_of_another_length_is_none) {
    batch changes;
    changes.put_octets(people.number, place_key(1, 2), "123");
    changes.put_octets(people.number, place_key(1, 3), "12345");
    changes.put_octets(people.number, place_key(1, 4), "");
    write(changes);
    const auto view = store_->read();
    for (std::uint16_t house = 2; house <= 4; ++house) {
        EXPECT_TRUE(view.has(people, place_key(1, house)));
        EXPECT_EQ(view.get(people, place_key(1, house)), std::nullopt) << house;
    }
}

TEST_F(table_test, a_scan_gives_what_can_be_read) {
    batch changes;
    for (const auto house : std::initializer_list<std::uint16_t>{1, 2, 3})
        changes.put(people, place_key(7, house), house * 10U);
    changes.put_octets(people.number, place_key(7, 2), "damaged");
    changes.put_octets(people.number, "no key of a place", write_number(std::uint32_t{1}));
    changes.put(people, place_key(8, 1), 80);
    changes.put(empty_houses, place_key(9, 9));
    write(changes);
    const auto view = store_->read();
    std::vector<std::pair<place, std::uint32_t>> found;
    view.scan(people, place_key(7, 1), [&](const place& where, std::uint32_t number) {
        found.emplace_back(where, number);
        return true;
    });
    EXPECT_EQ(found, (std::vector<std::pair<place, std::uint32_t>>{
                         {{7, 1}, 10}, {{7, 3}, 30}, {{8, 1}, 80}}));
    found.clear();
    view.scan(people, "", [&](const place& where, std::uint32_t number) {
        found.emplace_back(where, number);
        return false;
    });
    EXPECT_EQ(found.size(), 1U) << "stopped by the visitor";
    std::vector<place> empty;
    view.scan(empty_houses, "", [&](const place& where) {
        empty.push_back(where);
        return true;
    });
    EXPECT_EQ(empty, (std::vector<place>{{9, 9}}));
}

TEST_F(table_test, what_was_found_can_be_written_again_under_its_key) {
    batch changes;
    changes.put(people, place_key(1, 1), 5);
    write(changes);
    changes.clear();
    const auto view = store_->read();
    cursor at(view, people);
    ASSERT_TRUE(at.seek(""));
    changes.erase(people, at.key());
    changes.put(empty_houses, at.key());
    const auto last = view.last(people);
    ASSERT_TRUE(last);
    EXPECT_EQ(last->key, at.key());
    EXPECT_EQ(place_key::parse(last->key), (place{1, 1}));
    write(changes);
    EXPECT_EQ(store_->read().count(people), 0U);
    EXPECT_TRUE(store_->read().has(empty_houses, place_key(1, 1)));
}

}  // namespace
}  // namespace hikyaku::store
