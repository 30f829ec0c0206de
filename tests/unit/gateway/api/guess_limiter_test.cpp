// Who is held up by whose wrong passwords.
#include "gateway/api/guess_limiter.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway::api {
namespace {

using std::chrono::milliseconds;

peer_address address(std::uint8_t third, std::uint8_t last) {
    return {{203, 0, third, last}};
}

struct guesses : ::testing::Test {
    static constexpr account_id shop{1}, bank{2};
    guess_limiter limiter;
    milliseconds now{1'000'000};
    const peer_address home = address(1, 1);

    bool may(const peer_address& from, std::string_view name, bool is_listed = false) {
        return limiter.may_try(from, name, account_of(name), is_listed, now);
    }
    /// Tries as often as it is let; how often that was, at most `count`.
    std::uint32_t guess(const peer_address& from, std::string_view name, std::uint32_t count) {
        std::uint32_t tried = 0;
        while (tried < count && may(from, name)) {
            limiter.failed(from, name, account_of(name), now);
            ++tried;
        }
        return tried;
    }
    static std::optional<account_id> account_of(std::string_view name) {
        if (name == "shop") return shop;
        if (name == "bank") return bank;
        return {};
    }
    /// From more addresses than the account's limit needs, until nobody is let in.
    std::uint32_t siege(std::string_view name) {
        std::uint32_t tried = 0;
        for (int i = 0; i < 200; ++i)
            tried += guess(address(2, static_cast<std::uint8_t>(i)), name, 1000);
        return tried;
    }
};

TEST_F(guesses, a_pair_has_ten_then_one_in_six_seconds) {
    EXPECT_EQ(guess(home, "shop", 1000), guess_limiter::pair_failures_max);
    EXPECT_TRUE(may(home, "bank")) << "another name from there";
    EXPECT_TRUE(may(address(1, 2), "shop")) << "the name from elsewhere";
    now += milliseconds(5900);
    EXPECT_EQ(guess(home, "shop", 1000), 0U);
    now += milliseconds(200);
    EXPECT_EQ(guess(home, "shop", 1000), 1U);
}

TEST_F(guesses, a_siege_does_not_lock_out_the_networks_of_the_account) {
    siege("shop");
    EXPECT_FALSE(may(home, "shop"));
    EXPECT_TRUE(may(home, "shop", true));
    limiter.failed(home, "shop", shop, now);
    EXPECT_EQ(guess(home, "bank", 1000), guess_limiter::pair_failures_max);
}

TEST_F(guesses, one_customer_does_not_lock_out_another_behind_the_same_address) {
    limiter.succeeded(home, "bank", now);
    for (int minute = 0; minute < 10; ++minute) {
        guess(home, "shop", 1000);
        EXPECT_TRUE(may(home, "bank"));
        now += milliseconds(60000);
    }
}

TEST_F(guesses, an_address_is_limited_over_all_names_but_not_for_those_it_knows) {
    limiter.succeeded(home, "bank", now);
    std::uint32_t tried = 0;
    for (int i = 0; i < 1000; ++i)
        tried += guess(home, "name" + std::to_string(i), 1);
    EXPECT_EQ(tried, guess_limiter::address_failures_max);
    EXPECT_FALSE(may(home, "shop"));
    EXPECT_TRUE(may(home, "bank"));
    EXPECT_TRUE(may(address(1, 2), "shop"));
}

TEST_F(guesses, many_addresses_guess_one_name_slowly_and_lock_nobody_out) {
    limiter.succeeded(home, "shop", now);
    EXPECT_EQ(siege("shop"), guess_limiter::account_failures_max);
    EXPECT_FALSE(may(address(3, 1), "shop")) << "a new address has to wait";
    EXPECT_TRUE(may(home, "shop")) << "a known one has not";
    EXPECT_TRUE(may(address(3, 1), "bank"));
    now += milliseconds(60000);
    EXPECT_EQ(siege("shop"), guess_limiter::account_failures_max) << "in each minute";
    EXPECT_TRUE(may(home, "shop"));
}

TEST_F(guesses, a_known_pair_is_still_a_pair_and_is_forgotten_after_a_day) {
    limiter.succeeded(home, "shop", now);
    EXPECT_EQ(guess(home, "shop", 1000), guess_limiter::pair_failures_max);
    now += guess_limiter::known_for;
    siege("shop");
    EXPECT_FALSE(may(home, "shop"));
}

TEST_F(guesses, strangers_cannot_push_a_customer_out_of_the_tables) {
    limiter.succeeded(home, "shop", now);
    for (std::uint32_t i = 0; i < 200000; ++i) {
        peer_address from{{0x20, 0x01, 0x0d, 0xb8, 0, static_cast<std::uint8_t>(i >> 16),
                           static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)},
                          true};
        limiter.failed(from, "name" + std::to_string(i), {}, now);
    }
    siege("shop");
    EXPECT_TRUE(may(home, "shop"));
}

TEST_F(guesses, an_ipv6_network_is_one_address) {
    peer_address first{{0x20, 0x01, 0x0d, 0xb8}, true};
    peer_address second = first;
    second.bytes[15] = 9;
    EXPECT_EQ(guess(first, "shop", 1000), guess_limiter::pair_failures_max);
    EXPECT_FALSE(may(second, "shop"));
}

}  // namespace
}  // namespace hikyaku::gateway::api
