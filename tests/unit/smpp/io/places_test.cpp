// Who keeps a place, who makes room and who is refused when strangers fill a door.
#include "smpp/io/places.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace hikyaku::smpp::io {
namespace {

boost::asio::ip::address address(const std::string& text) {
    return boost::asio::ip::make_address(text);
}

struct places_test : ::testing::Test {
    places door{{.total_max = 6, .strangers_max = 4, .per_address_max = 2},
                [](const boost::asio::ip::address& from) { return from == address("10.9.9.9"); }};
    std::vector<std::string> closed;

    std::shared_ptr<place> enter(const std::string& name, const std::string& from) {
        auto made = door.enter(address(from));
        if (made) made->on_eviction([this, name] { closed.push_back(name); });
        return made;
    }
};

TEST_F(places_test, the_oldest_of_an_address_makes_room_for_its_next) {
    const auto first = enter("first", "10.0.0.1");
    const auto second = enter("second", "10.0.0.1");
    const auto other = enter("other", "10.0.0.2");
    const auto third = enter("third", "10.0.0.1");
    ASSERT_TRUE(first && second && other && third);
    EXPECT_EQ(closed, std::vector<std::string>{"first"});
    EXPECT_EQ(door.strangers(), 3U);
    EXPECT_EQ(door.counters().evicted, 1U);
}

TEST_F(places_test, the_oldest_of_all_makes_room_in_a_full_house) {
    const auto a = enter("a", "10.0.0.1");
    const auto b = enter("b", "10.0.0.2");
    const auto c = enter("c", "10.0.0.3");
    const auto d = enter("d", "10.0.0.4");
    const auto e = enter("e", "10.0.0.5");
    EXPECT_EQ(closed, std::vector<std::string>{"a"});
    EXPECT_EQ(door.total(), 4U);
}

TEST_F(places_test, whoever_is_known_keeps_the_place_and_is_no_stranger) {
    const auto a = enter("a", "10.0.0.1");
    a->be_known();
    const auto b = enter("b", "10.0.0.1");
    const auto c = enter("c", "10.0.0.1");
    EXPECT_TRUE(closed.empty());
    EXPECT_EQ(door.strangers(), 2U);
    EXPECT_EQ(door.total(), 3U);
    const auto d = enter("d", "10.0.0.1");
    EXPECT_EQ(closed, std::vector<std::string>{"b"});
}

TEST_F(places_test, a_house_full_of_known_ones_refuses) {
    std::vector<std::shared_ptr<place>> known;
    for (int i = 0; i < 6; ++i) {
        known.push_back(enter("known", "10.0.0.1"));
        known.back()->be_known();
    }
    EXPECT_FALSE(door.enter(address("10.0.0.2")));
    EXPECT_EQ(door.counters().refused, 1U);
    known.pop_back();
    EXPECT_TRUE(enter("late", "10.0.0.2"));
    EXPECT_TRUE(closed.empty());
}

TEST_F(places_test, the_busy_are_not_asked_and_are_the_youngest_afterwards) {
    const auto a = enter("a", "10.0.0.1");
    const auto b = enter("b", "10.0.0.1");
    a->be_busy(true);
    const auto c = enter("c", "10.0.0.1");
    EXPECT_EQ(closed, std::vector<std::string>{"b"});
    c->be_busy(true);
    EXPECT_FALSE(door.enter(address("10.0.0.1")));  // both are busy
    c->be_busy(false);
    a->be_busy(false);
    const auto d = enter("d", "10.0.0.1");
    EXPECT_EQ(closed, (std::vector<std::string>{"b", "c"}));
}

TEST_F(places_test, whoever_made_room_changes_nothing_any_more) {
    auto a = enter("a", "10.0.0.1");
    const auto b = enter("b", "10.0.0.1");
    const auto c = enter("c", "10.0.0.1");
    a->be_busy(true);
    a->be_known();
    EXPECT_FALSE(a->move_to(address("10.0.0.7")));
    EXPECT_EQ(door.total(), 2U);
    a.reset();
    EXPECT_EQ(door.total(), 2U);
    EXPECT_EQ(closed, std::vector<std::string>{"a"});
}

TEST_F(places_test, an_ipv6_network_of_64_bits_is_one_address_and_a_mapped_one_is_ipv4) {
    EXPECT_EQ(address_key_of(address("2001:db8::1")), address_key_of(address("2001:db8::ffff:2")));
    EXPECT_FALSE(address_key_of(address("2001:db8::1")) ==
                 address_key_of(address("2001:db8:0:1::1")));
    EXPECT_EQ(address_key_of(address("::ffff:10.0.0.1")), address_key_of(address("10.0.0.1")));
    EXPECT_FALSE(address_key_of(address("10.0.0.1")) == address_key_of(address("10.0.0.2")));
}

TEST_F(places_test, behind_a_balancer_the_client_it_names_counts) {
    std::vector<std::shared_ptr<place>> made;
    for (int i = 0; i < 3; ++i) {
        made.push_back(door.enter({}));  // no share yet: three from one balancer
        ASSERT_TRUE(made.back());
        made.back()->on_eviction([this, i] { closed.push_back(std::to_string(i)); });
    }
    for (const auto& each : made)
        EXPECT_TRUE(each->move_to(address("10.0.0.1")));
    EXPECT_EQ(closed, std::vector<std::string>{"0"});
    EXPECT_EQ(door.strangers(), 2U);
    const auto next = enter("next", "10.0.0.1");
    EXPECT_EQ(closed, (std::vector<std::string>{"0", "1"}));
}

TEST_F(places_test, an_address_without_a_share_counts_in_total_only) {
    std::vector<std::shared_ptr<place>> made;
    for (int i = 0; i < 4; ++i)
        made.push_back(enter(std::to_string(i), "10.9.9.9"));
    EXPECT_TRUE(closed.empty());
    const auto more = enter("more", "10.9.9.9");
    EXPECT_EQ(closed, std::vector<std::string>{"0"});
}

TEST_F(places_test, a_place_may_outlive_the_door) {
    auto short_lived = std::make_unique<places>(place_limits{});
    const auto kept = short_lived->enter(address("10.0.0.1"));
    short_lived.reset();
    kept->be_known();
}

// Against a model that counts by walking over everything.
TEST(places_property, any_course_keeps_the_limits_and_the_counts) {
    struct guest {
        std::shared_ptr<place> own;
        int from = 0;
        char state = 's';  // silent, busy, known, evicted
    };
    for (unsigned seed = 1; seed <= 50; ++seed) {
        std::mt19937 random(seed);
        const place_limits limits{.total_max = 12, .strangers_max = 8, .per_address_max = 3};
        places door(limits);
        std::map<int, guest> guests;
        for (int step = 0; step < 2000; ++step) {
            const int from = static_cast<int>(random() % 5);
            const auto any =
                guests.empty() ? guests.end() : std::next(guests.begin(), random() % guests.size());
            switch (any == guests.end() ? 0 : random() % 5) {
                case 0:
                case 1:
                    if (auto own = door.enter(address("10.0.0." + std::to_string(from)))) {
                        own->on_eviction([&guests, step] { guests.at(step).state = 'e'; });
                        guests.emplace(step, guest{std::move(own), from});
                    }
                    break;
                case 2:
                    any->second.own->be_busy(random() % 2 == 0);
                    break;
                case 3:
                    if (any->second.state == 's') any->second.state = 'k';
                    any->second.own->be_known();
                    break;
                default:
                    guests.erase(any);
                    break;
            }
            std::uint32_t total = 0, strangers = 0;
            std::map<int, std::uint32_t> by_address;
            for (const auto& [number, each] : guests) {
                if (each.state == 'e') continue;
                ++total;
                if (each.state == 'k') continue;
                ++strangers;
                ++by_address[each.from];
            }
            ASSERT_EQ(door.total(), total) << "seed " << seed << " step " << step;
            ASSERT_EQ(door.strangers(), strangers) << "seed " << seed << " step " << step;
            ASSERT_LE(total, limits.total_max);
            ASSERT_LE(strangers, limits.strangers_max);
            for (const auto& [address_number, count] : by_address)
                ASSERT_LE(count, limits.per_address_max) << "seed " << seed << " step " << step;
        }
    }
}

}  // namespace
}  // namespace hikyaku::smpp::io
