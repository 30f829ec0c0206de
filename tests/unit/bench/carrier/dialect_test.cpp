// The simulated carrier's versions, delays, congestion, odd responses and receipts, and its calls.
#include <gmock/gmock.h>

#include "smpp/io/listener.hpp"
#include "tests/unit/bench/carrier/esme.hpp"

namespace hikyaku::bench {
namespace {

using namespace std::chrono_literals;
using smpp::command_id;
using smpp::command_status;

class carrier_dialect : public test::carrier_fixture {};

TEST(steps, are_read) {
    const auto delay = parse_delay_step("1.5s:200ms");
    ASSERT_TRUE(delay.has_value());
    EXPECT_EQ(delay->after, 1500ms);
    EXPECT_EQ(delay->value, 200ms);
    const auto state = parse_congestion_step("0:100");
    ASSERT_TRUE(state.has_value());
    EXPECT_EQ(state->after, 0us);
    EXPECT_EQ(state->value, 100);
    for (const auto* const bad : {"", "1s", "1s:", "x:1s", "1s:fast"})
        EXPECT_FALSE(parse_delay_step(bad).has_value()) << bad;
    for (const auto* const bad : {"", "1s", "1s:", "1s:101", "1s:-1", "1s:9x"})
        EXPECT_FALSE(parse_congestion_step(bad).has_value()) << bad;
}

TEST(steps, the_last_that_has_begun_holds) {
    const std::vector<step<std::uint8_t>> steps{{10s, 95}, {20s, 20}, {5s, 50}};
    EXPECT_EQ(value_at<std::uint8_t>(steps, 0s, 7), 7);
    EXPECT_EQ(value_at<std::uint8_t>(steps, 5s, 7), 50);
    EXPECT_EQ(value_at<std::uint8_t>(steps, 19s, 7), 95);
    EXPECT_EQ(value_at<std::uint8_t>(steps, 1h, 7), 20);
}

TEST(dialect_options, contradictions_are_named) {
    carrier_options old;
    old.version = 0x33;
    EXPECT_EQ(fault_of(old), std::nullopt);
    old.receipts = receipt_form::tlvs;
    EXPECT_NE(fault_of(old), std::nullopt);
    old.receipts = receipt_form::text;
    old.receipts_in_data_sm = true;
    EXPECT_NE(fault_of(old), std::nullopt);
    carrier_options middle;
    middle.version = 0x34;
    middle.congestion_steps = {{0s, 50}};
    EXPECT_NE(fault_of(middle), std::nullopt);
}

TEST_F(carrier_dialect, speaks_the_version_it_is_told) {
    for (const auto version : std::initializer_list<std::uint8_t>{0x33, 0x34, 0x50}) {
        options.version = version;
        start();
        const auto app = bound();
        app->submit("819012345678", "hello");
        run_until([&] { return app->deliveries.size() == 1; });
        // A carrier of 3.3 does not say its version; the client then believes it speaks 3.4.
        EXPECT_EQ(app->link->session().interface_version(), std::max<int>(version, 0x34));
        EXPECT_EQ(app->deliveries[0].tlv_id.has_value(), version >= 0x34) << int{version};
        EXPECT_EQ(app->deliveries[0].stat, "DELIVRD");
    }
}

TEST_F(carrier_dialect, responses_without_an_id_or_without_a_body) {
    for (const auto body : {response_body::empty_id, response_body::none}) {
        options.body = body;
        start();
        const auto app = bound();
        app->submit("819012345678", "hello");
        run_until([&] { return app->deliveries.size() == 1; });
        EXPECT_EQ(app->answers[0].status, command_status::esme_rok);
        EXPECT_EQ(app->answers[0].id, "");
        EXPECT_NE(app->deliveries[0].id, "");
    }
}

TEST_F(carrier_dialect, receipts_in_text_in_tlvs_and_in_data_sm) {
    for (const auto form : {receipt_form::both, receipt_form::text, receipt_form::tlvs}) {
        for (const bool in_data_sm : {false, true}) {
            options.receipts = form;
            options.receipts_in_data_sm = in_data_sm;
            start();
            const auto app = bound();
            app->submit("819012345678", "hello");
            run_until([&] { return app->deliveries.size() == 1; });
            const auto& receipt = app->deliveries[0];
            EXPECT_EQ(receipt.in_data_sm, in_data_sm);
            EXPECT_EQ(receipt.esm_class, smpp::esm_class::receipt);
            EXPECT_EQ(receipt.stat, form == receipt_form::tlvs ? "" : "DELIVRD");
            EXPECT_EQ(receipt.tlv_state.has_value(), form != receipt_form::text);
            run_until([&] { return carrier->stats().receipts_acknowledged == 1; });
        }
    }
}

TEST_F(carrier_dialect, responses_slow_down_at_the_step) {
    options.delay_steps = {{0s, 60s}};
    start();
    const auto app = bound();
    app->submit("819012345678", "slow");
    run_until([&] { return app->deliveries.size() == 1; });  // its receipt does not wait
    EXPECT_TRUE(app->answers.empty());
    options.delay_steps = {{60s, 60s}};
    start();
    const auto fast = bound();
    fast->submit("819012345678", "fast");
    run_until([&] { return fast->answers.size() == 1; });
}

TEST_F(carrier_dialect, tells_its_congestion_to_a_client_of_5_0) {
    options.congestion_steps = {{0s, 95}};
    start();
    const auto app = bound();
    app->submit("819012345678", "hello");
    run_until([&] { return app->answers.size() == 1; });
    EXPECT_EQ(app->answers[0].congestion, 95);
}

TEST_F(carrier_dialect, calls_its_customer_and_calls_again) {
    auto app = std::make_unique<test::esme>();
    std::size_t arrivals = 0;
    auto opened = smpp::io::listener::open(
        loop.get_executor(), {.endpoint = {boost::asio::ip::make_address("127.0.0.1"), 0}},
        [&](smpp::io::stream stream) {
            ++arrivals;
            app = std::make_unique<test::esme>();
            smpp::session_settings settings;
            settings.role = smpp::session_role::client;
            app->link = smpp::io::connection::create(std::move(stream), settings, app.get());
            app->link->start();
        });
    ASSERT_TRUE(opened.has_value());
    (*opened)->start();
    options.outbind = {"127.0.0.1", (*opened)->local().port(), "simulated", "knock", 1ms};
    start();
    run_until([&] { return app->outbind.has_value(); });
    EXPECT_EQ(app->outbind, "knock");
    const smpp::bind_request request{.system_id = "app", .password = "secret"};
    ASSERT_TRUE(
        app->link->session().bind(command_id::bind_receiver, request, smpp::io::connection::now()));
    app->link->kick();
    run_until([&] { return app->is_bound(); });
    // The receipt of what another session submitted comes to the one that was called.
    const auto sender = bound(command_id::bind_transmitter);
    sender->submit("819012345678", "hello");
    run_until([&] { return app->deliveries.size() == 1; });
    app->link->close();
    run_until([&] { return arrivals == 2 && app->outbind.has_value(); });
    EXPECT_EQ(carrier->stats().calls, 2U);
    (*opened)->close();
}

}  // namespace
}  // namespace hikyaku::bench
