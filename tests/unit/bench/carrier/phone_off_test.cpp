// A phone that is off, and a carrier that tries again by itself for hours.
#include <gmock/gmock.h>

#include "tests/unit/bench/carrier/esme.hpp"

namespace hikyaku::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t begin_ms = 1'796'871'600'000;  // 2026-12-10T03:00:00Z, noon in Tokyo
constexpr auto* number = "819012345678";

class phone_off : public test::carrier_fixture {
protected:
    void begin() {
        options.phone_off = 1;
        carrier.emplace(loop.get_executor(), options);
        carrier->use_clock([this] { return now_ms; });
        const boost::asio::ip::tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
        ASSERT_TRUE(carrier->listen(any).has_value());
        app = bound();
        off_ms = std::chrono::duration_cast<std::chrono::milliseconds>(phone_off_of(options, 1))
                     .count() +
                 1;
    }
    void submit(std::string_view validity = {}, std::uint8_t registered = 1) {
        app->submit(number, "hello", registered, validity);
        run_until([&] { return !app->answers.empty(); });
    }
    void move_to(std::int64_t ms) {
        now_ms = ms;
        carrier->on_clock();
    }
    const phone_message* message() const {
        const auto* phone = carrier->phone()->find("+819012345678");
        return phone == nullptr || phone->messages.empty() ? nullptr : &phone->messages.back();
    }
    void expect_receipt(const std::string& stat) {
        run_until([&] { return app->deliveries.size() == 1; });
        EXPECT_EQ(app->deliveries[0].stat, stat);
        run_until([&] { return carrier->rests(); });
    }

    std::int64_t now_ms = begin_ms;
    std::int64_t off_ms = 0;  // for how long the phone is off
    std::unique_ptr<test::esme> app;
};

TEST_F(phone_off, rings_when_it_is_on_again) {
    begin();
    submit();
    EXPECT_EQ(carrier->next_due(), begin_ms + off_ms);
    move_to(begin_ms + off_ms - 2);
    EXPECT_EQ(message(), nullptr);
    EXPECT_TRUE(carrier->rests());
    move_to(begin_ms + off_ms);
    ASSERT_NE(message(), nullptr);
    EXPECT_TRUE(message()->rang);
    EXPECT_EQ(message()->time_ms, begin_ms + off_ms);
    expect_receipt("DELIVRD");
    EXPECT_EQ(carrier->next_due(), std::nullopt);
}

TEST_F(phone_off, a_carrier_that_keeps_to_the_validity_period_gives_up) {
    begin();
    ASSERT_GT(off_ms, 60'000);
    submit("000000000100000R");  // a minute
    move_to(begin_ms + 60'000);
    ASSERT_NE(message(), nullptr);
    EXPECT_FALSE(message()->rang);
    EXPECT_EQ(message()->time_ms, begin_ms + 60'000);
    EXPECT_NEAR(static_cast<double>(message()->would_ms), static_cast<double>(begin_ms + off_ms),
                1);
    expect_receipt("EXPIRED");
}

TEST_F(phone_off, one_that_does_not_rings_all_the_same) {
    options.ignores_validity = true;
    begin();
    submit("000000000100000R");
    move_to(begin_ms + off_ms);
    ASSERT_NE(message(), nullptr);
    EXPECT_TRUE(message()->rang);
    expect_receipt("DELIVRD");
}

TEST_F(phone_off, no_carrier_tries_for_ever) {
    options.retry_for = 1min;
    begin();
    ASSERT_GT(off_ms, 60'000);
    submit();
    move_to(begin_ms + 60'000);
    ASSERT_NE(message(), nullptr);
    EXPECT_FALSE(message()->rang);
    EXPECT_EQ(message()->would_ms, 0) << "it would not have been tried any more";
    expect_receipt("EXPIRED");
}

TEST_F(phone_off, receipts_are_sent_to_who_wants_them) {
    options.retry_for = 1min;
    begin();
    submit({}, 2);  // only of failures
    move_to(begin_ms + 60'000);
    expect_receipt("EXPIRED");
}

TEST_F(phone_off, the_next_text_waits_for_the_same_phone) {
    begin();
    submit();
    move_to(begin_ms + off_ms - 1000);
    app->submit(number, "again");
    run_until([&] { return app->answers.size() == 2; });
    move_to(begin_ms + off_ms);
    ASSERT_NE(message(), nullptr);
    EXPECT_EQ(carrier->phone()->find("+819012345678")->messages.size(), 2U);
}

}  // namespace
}  // namespace hikyaku::bench
