#include "bench/carrier/simulator.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "smpp/text/data_coding.hpp"
#include "smpp/text/udh.hpp"
#include "tests/unit/bench/carrier/esme.hpp"

namespace hikyaku::bench {
namespace {

using namespace std::chrono_literals;
using smpp::command_id;
using smpp::command_status;
using test::esme;

class simulator : public test::carrier_fixture {};

TEST_F(simulator, answers_and_sends_the_receipt_back_to_the_sender) {
    start();
    const auto app = bound();
    app->submit("819012345678", "hello");
    run_until([&] { return app->deliveries.size() == 1; });
    ASSERT_EQ(app->answers.size(), 1U);
    EXPECT_EQ(app->answers[0].status, command_status::esme_rok);
    EXPECT_EQ(app->order, "ad");
    const test::delivered& receipt = app->deliveries[0];
    EXPECT_EQ(receipt.from, "819012345678");
    EXPECT_EQ(receipt.from_ton, 1);
    EXPECT_EQ(receipt.to, "Bank");
    EXPECT_EQ(receipt.esm_class, smpp::esm_class::receipt);
    EXPECT_EQ(receipt.stat, "DELIVRD");
    EXPECT_EQ(receipt.id, app->answers[0].id);
    EXPECT_EQ(receipt.tlv_id, app->answers[0].id);
    EXPECT_EQ(receipt.tlv_state, 2);
    run_until([&] { return carrier->stats().pending == 0; });
    EXPECT_EQ(carrier->stats().receipts_acknowledged, 1U);
    EXPECT_EQ(carrier->stats().accepted, 1U);
    EXPECT_EQ(carrier->stats().most_submissions_in_one_second, 1U);
}

TEST_F(simulator, writes_ids_as_it_is_told) {
    struct row {
        id_form response, receipt;
        const char *response_id, *receipt_id;
    };
    for (const row& one : {row{id_form::decimal, id_form::decimal, "3735928559", "3735928559"},
                           row{id_form::hex, id_form::decimal, "deadbeef", "3735928559"},
                           row{id_form::decimal, id_form::hex, "3735928559", "deadbeef"}}) {
        options.response_ids = one.response;
        options.receipt_ids = one.receipt;
        options.first_id = 0xDEADBEEF;
        start();
        const auto app = bound();
        app->submit("819012345678", "hello");
        run_until([&] { return app->deliveries.size() == 1; });
        EXPECT_EQ(app->answers.at(0).id, one.response_id);
        EXPECT_EQ(app->deliveries.at(0).id, one.receipt_id);
        EXPECT_EQ(app->deliveries.at(0).tlv_id, one.receipt_id);
    }
    options.response_ids = options.receipt_ids = id_form::uuid;
    start();
    const auto app = bound();
    app->submit("819012345678", "hello");
    run_until([&] { return app->deliveries.size() == 1; });
    EXPECT_EQ(app->answers.at(0).id.size(), 36U);
    EXPECT_EQ(app->deliveries.at(0).id, app->answers.at(0).id);
}

TEST_F(simulator, checks_who_binds) {
    options.system_id = "app";
    options.password = "secret";
    start();
    const auto wrong_id = dial(command_id::bind_transceiver, "other", "secret");
    const auto wrong_password = dial(command_id::bind_transceiver, "app", "guess");
    const auto right = dial(command_id::bind_transceiver, "app", "secret");
    run_until([&] {
        return wrong_id->bind_refused && wrong_password->bind_refused && right->is_bound();
    });
    EXPECT_EQ(wrong_id->bind_refused, command_status::esme_rinvsysid);
    EXPECT_EQ(wrong_password->bind_refused, command_status::esme_rinvpaswd);
    EXPECT_EQ(carrier->stats().binds_refused, 2U);
}

TEST_F(simulator, refuses_exactly_the_messages_that_the_seed_decides) {
    options.refuse = {{command_status::esme_rsyserr, 0.2}, {command_status::esme_rmsgqful, 0.1}};
    options.seed = 42;
    start();
    const auto app = bound();
    for (int i = 0; i < 200; ++i)
        app->submit("819012345678", "x");
    run_until([&] { return app->answers.size() == 200; });
    std::uint64_t refused = 0;
    for (const test::answer& one : app->answers) {
        const auto expected =
            fate_of(options, one.token + 1).refused.value_or(command_status::esme_rok);
        EXPECT_EQ(one.status, expected) << one.token;
        refused += expected == command_status::esme_rok ? 0 : 1;
    }
    EXPECT_GT(refused, 30U);
    // No receipt for what was refused.
    run_until([&] { return app->deliveries.size() == 200 - refused; });
    run_until([&] { return carrier->stats().pending == 0; });
    EXPECT_EQ(carrier->stats().receipts_wanted, 200 - refused);
}

TEST_F(simulator, throttles_what_is_above_the_rate) {
    options.throttle_per_second = 5;
    start();
    const auto app = bound();
    for (int i = 0; i < 20; ++i)
        app->submit("819012345678", "x", 0);
    run_until([&] { return app->answers.size() == 20; });
    EXPECT_EQ(app->accepted(), 5U);
    EXPECT_EQ(carrier->stats().refused.at(command_status::esme_rthrottled), 15U);
    EXPECT_EQ(carrier->stats().most_submissions_in_one_second, 20U);
    // A second later there is room again, for five and no more.
    const auto first = smpp::io::connection::now();
    run_until([&] { return smpp::io::connection::now() > first + 1001ms; });
    for (int i = 0; i < 8; ++i)
        app->submit("819012345678", "x", 0);
    run_until([&] { return app->answers.size() == 28; });
    EXPECT_EQ(app->accepted(), 10U);
}

TEST_F(simulator, obeys_registered_delivery) {
    options.fail = 0.5;
    start();
    const auto app = bound();
    std::multiset<std::string> expected;
    std::uint64_t number = 0;
    for (int i = 0; i < 20; ++i) {
        for (const auto wanted : std::initializer_list<std::uint8_t>{0, 1, 2, 3}) {
            app->submit("819012345678", "x", wanted);
            const bool fails = fate_of(options, ++number).fails;
            if (wanted == 1 || (wanted == 2 && fails) || (wanted == 3 && !fails))
                expected.insert(fails ? "UNDELIV" : "DELIVRD");
        }
    }
    run_until([&] { return app->answers.size() == 80 && carrier->stats().pending == 0; });
    std::multiset<std::string> stats;
    for (const test::delivered& one : app->deliveries)
        stats.insert(one.stat);
    EXPECT_EQ(stats, expected);
    EXPECT_GT(stats.count("UNDELIV"), 0U);
}

TEST_F(simulator, loses_and_doubles_receipts_on_demand) {
    options.no_receipt = 1;
    start();
    auto app = bound();
    app->submit("819012345678", "x");
    run_until([&] { return app->answers.size() == 1; });
    EXPECT_EQ(carrier->stats().receipts_wanted, 1U);
    EXPECT_EQ(carrier->stats().pending, 0U);

    options.no_receipt = 0;
    options.duplicate_receipts = 1;
    options.receipts = receipt_form::text;
    start();
    app = bound();
    app->submit("819012345678", "x");
    run_until([&] { return app->deliveries.size() == 2 && carrier->stats().pending == 0; });
    EXPECT_EQ(app->deliveries[0].id, app->deliveries[1].id);
    EXPECT_EQ(app->deliveries[0].tlv_id, std::nullopt);
    EXPECT_EQ(app->deliveries[0].tlv_state, std::nullopt);
}

TEST_F(simulator, sends_the_receipt_before_the_response) {
    options.receipt_before_response = 1;
    start();
    const auto app = bound();
    for (int i = 0; i < 10; ++i)
        app->submit("819012345678", "x");
    run_until([&] { return app->answers.size() == 10 && app->deliveries.size() == 10; });
    EXPECT_EQ(app->order, "ddddddddddaaaaaaaaaa");
}

TEST_F(simulator, a_peer_that_holds_back_its_answer_gets_the_response_all_the_same) {
    options.receipt_before_response = 1;
    start();
    const auto app = bound();
    app->reply.reset();
    app->submit("819012345678", "x");
    run_until([&] { return app->answers.size() == 1; });
    EXPECT_EQ(app->order, "da");
}

TEST_F(simulator, delays_responses) {
    options.response_delay = 30ms;
    start();
    const auto app = bound();
    const auto begin = smpp::io::connection::now();
    app->submit("819012345678", "x", 0);
    run_until([&] { return app->answers.size() == 1; });
    EXPECT_GE(smpp::io::connection::now() - begin, 30ms);
}

TEST_F(simulator, keeps_receipts_until_a_session_of_the_account_acknowledges_them) {
    start();
    auto app = bound();
    app->reply.reset();  // gone before it answers
    app->submit("819012345678", "x");
    run_until([&] { return app->deliveries.size() == 1; });
    app->link->close();
    run_until([&] { return app->closed.has_value() && carrier->stats().sessions == 0; });
    EXPECT_EQ(carrier->stats().pending, 1U);

    const auto other = bound(command_id::bind_transceiver, "other");
    const auto transmitter = bound(command_id::bind_transmitter);
    const auto receiver = bound(command_id::bind_receiver);
    run_until([&] { return carrier->stats().pending == 0; });
    EXPECT_EQ(receiver->deliveries.size(), 1U);
    EXPECT_EQ(receiver->deliveries.at(0).id, app->deliveries.at(0).id);
    EXPECT_TRUE(other->deliveries.empty());
    EXPECT_TRUE(transmitter->deliveries.empty());
    EXPECT_EQ(carrier->stats().redelivered, 1U);
}

TEST_F(simulator, tries_again_after_a_temporary_refusal_and_not_after_a_final_one) {
    start();
    const auto app = bound();
    app->reply = command_status::esme_rx_t_appn;
    app->submit("819012345678", "x");
    run_until([&] { return app->deliveries.size() == 3; });
    EXPECT_EQ(carrier->stats().pending, 1U);
    app->reply = command_status::esme_rx_r_appn;
    run_until([&] { return carrier->stats().pending == 0; });
    EXPECT_EQ(carrier->stats().receipts_dropped, 1U);
    EXPECT_EQ(carrier->stats().receipts_acknowledged, 0U);
}

TEST_F(simulator, disconnects_after_a_number_of_submissions) {
    options.disconnect_after = 3;
    start();
    const auto app = bound();
    for (int i = 0; i < 5; ++i)
        app->submit("819012345678", "x");
    run_until([&] { return app->closed.has_value(); });
    EXPECT_EQ(carrier->stats().submissions, 3U);
    EXPECT_EQ(carrier->stats().disconnects, 1U);
    EXPECT_EQ(app->answers.size() + app->failed, 5U);
    const auto again = bound();
    run_until([&] { return again->deliveries.size() == 3; });
}

TEST_F(simulator, disconnects_every_now_and_then) {
    options.disconnect_every = 20ms;
    start();
    const auto app = bound();
    run_until([&] { return app->closed.has_value(); });
    const auto again = bound();
    run_until([&] { return again->closed.has_value(); });
    EXPECT_GE(carrier->stats().disconnects, 2U);
}

TEST_F(simulator, a_reply_goes_to_the_account_that_wrote_to_the_phone) {
    start();
    const auto first = bound(command_id::bind_transceiver, "first");
    const auto second = bound(command_id::bind_transceiver, "second");
    first->submit("819012345678", "hello", 0);
    run_until([&] { return first->answers.size() == 1; });
    ASSERT_EQ(*carrier->send_reply("+819012345678", "12345", "STOP"), 1U);
    run_until([&] { return first->deliveries.size() == 1; });
    EXPECT_EQ(first->deliveries[0].from, "819012345678");
    EXPECT_EQ(first->deliveries[0].from_ton, 1);
    EXPECT_EQ(first->deliveries[0].to, "12345");
    EXPECT_EQ(first->deliveries[0].esm_class, 0);
    EXPECT_EQ(first->deliveries[0].octets, "STOP");
    // A phone that nobody wrote to: the account that bound last.
    ASSERT_TRUE(carrier->send_reply("+819000000000", "12345", "hi").has_value());
    run_until([&] { return second->deliveries.size() == 1; });
    run_until([&] { return carrier->stats().replies_acknowledged == 2; });
    const auto& messages = carrier->phone()->find("+819012345678")->messages;
    ASSERT_EQ(messages.size(), 2U);
    EXPECT_EQ(messages[0].text, "hello");
    EXPECT_TRUE(messages[1].outgoing);
}

TEST_F(simulator, a_name_that_has_written_can_be_answered) {
    start();
    const auto app = bound();
    app->submit("819012345678", "hello", 0);
    run_until([&] { return app->answers.size() == 1; });
    const auto sender = carrier->phone()->find("+819012345678")->messages.back().with;
    EXPECT_EQ(sender, "Bank");
    std::size_t count = 0;
    for (const std::string& to :
         {sender, std::string("Pay 24/7"), std::string("a name of twenty oc."),
          std::string("B\xC3\xA4nk")}) {
        ASSERT_TRUE(carrier->send_reply("+819012345678", to, "STOP").has_value()) << to;
        run_until([&] { return app->deliveries.size() == count + 1; });
        EXPECT_EQ(app->deliveries[count].to, to);
        EXPECT_EQ(app->deliveries[count].to_ton, 5);
        EXPECT_EQ(app->deliveries[count++].octets, "STOP");
    }
    ASSERT_TRUE(carrier->send_reply("+819012345678", "12345", "STOP").has_value());
    run_until([&] { return app->deliveries.size() == count + 1; });
    EXPECT_EQ(app->deliveries[count].to_ton, 0);
}

TEST_F(simulator, a_long_reply_takes_several_segments) {
    start();
    const auto app = bound();
    std::string long_text;
    for (int i = 0; i < 100; ++i)
        long_text += "あ";
    ASSERT_EQ(*carrier->send_reply("+819012345678", "12345", long_text), 2U);
    run_until([&] { return app->deliveries.size() == 2; });
    std::string octets;
    for (const test::delivered& one : app->deliveries) {
        EXPECT_EQ(one.esm_class, smpp::esm_class::udhi);
        const auto split = smpp::text::split_udh(smpp::text::octets_of(one.octets));
        ASSERT_TRUE(split.has_value());
        octets += smpp::text::chars_of(split->text);
    }
    EXPECT_EQ(*smpp::text::decode_octets(smpp::text::octets_of(octets), 8), long_text);
}

TEST_F(simulator, says_why_a_reply_cannot_be_sent) {
    start();
    const auto error = [&](std::string_view from, std::string_view to, std::string_view text) {
        const auto sent = carrier->send_reply(from, to, text);
        return sent ? std::string("sent") : std::string(name_of(sent.error()));
    };
    EXPECT_EQ(error("+8190", "123", "x"), "nobody_bound");
    const auto app = bound();
    EXPECT_EQ(error("Bank", "123", "x"), "bad_address");
    for (const auto* to : {"", "12", "+49 151", "Bank\n", "\xFF\x41", "a name of twenty-one o"})
        EXPECT_EQ(error("+8190", to, "x"), "bad_address") << to;
    EXPECT_EQ(error("+8190", "123456789012345678901", "x"), "bad_address");
    EXPECT_EQ(error("+8190", "123", "\xFF"), "bad_text");
    EXPECT_EQ(error("+8190", "123", std::string(2000, 'x')), "too_long");
    EXPECT_EQ(error("+8190", "123", "x"), "sent");
}

TEST_F(simulator, refuses_when_too_many_receipts_wait) {
    options.pending_max = 10;
    options.receipt_delay = std::chrono::hours(1);
    start();
    const auto app = bound();
    for (int i = 0; i < 20; ++i)
        app->submit("819012345678", "x");
    run_until([&] { return app->answers.size() == 20; });
    EXPECT_LE(carrier->stats().pending, 10U);
    EXPECT_EQ(carrier->stats().refused.at(command_status::esme_rmsgqful), 20 - app->accepted());
    EXPECT_GE(app->accepted(), 9U);
}

TEST_F(simulator, takes_data_sm_and_refuses_what_it_does_not_do) {
    start();
    const auto app = bound();
    const auto send = [&](const auto& body, smpp::tlv_list tlvs = {}) {
        const auto sent = app->link->session().submit(smpp::make_pdu(0, body, tlvs), 0,
                                                      smpp::io::connection::now());
        ASSERT_TRUE(sent.has_value());
        app->link->kick();
    };
    std::vector<std::uint8_t> buffer;
    const auto payload = smpp::tlv_writer(buffer)
                             .octets(smpp::tag::message_payload, smpp::text::octets_of("long"))
                             .list();
    smpp::data_sm data;
    data.dest_addr_ton = 1;
    data.destination_addr = "811";
    send(data, payload);
    data.destination_addr = "123456789012345678901";  // does not fit into a receipt
    send(data, payload);
    send(smpp::query_sm{.message_id = "1"});
    send(smpp::cancel_sm{.message_id = "1"});
    send(smpp::replace_sm{.message_id = "1"});
    run_until([&] { return app->answers.size() == 5; });
    std::vector<command_status> statuses;
    for (const test::answer& one : app->answers)
        statuses.push_back(one.status);
    EXPECT_THAT(statuses, ::testing::ElementsAre(
                              command_status::esme_rok, command_status::esme_rinvdstadr,
                              command_status::esme_rqueryfail, command_status::esme_rcancelfail,
                              command_status::esme_rreplacefail));
    EXPECT_EQ(carrier->phone()->find("+811")->messages.at(0).text, "long");
}

TEST_F(simulator, stops_with_an_unbind) {
    start();
    const auto app = bound();
    const auto half = dial(command_id::bind_transceiver, "app");
    run_until([&] { return half->is_bound(); });
    bool stopped = false;
    carrier->stop([&] { stopped = true; });
    run_until([&] { return stopped; });
    run_until([&] { return app->closed && half->closed; });
    EXPECT_EQ(app->closed, smpp::close_reason::unbound);
    EXPECT_EQ(carrier->stats().sessions, 0U);
}

TEST_F(simulator, records_the_destinations_of_accepted_submissions) {
    const std::string path = testing::TempDir() + "/hikyaku-record-" + std::to_string(getpid());
    options.throttle_per_second = 2;
    start();
    ASSERT_FALSE(carrier->record_to(path));
    const auto app = bound();
    for (const char* to : {"819000000001", "819000000002", "819000000003"})
        app->submit(to, "x");
    run_until([&] { return app->answers.size() == 3; });
    EXPECT_EQ(carrier->stats().accepted, 2U);
    carrier.reset();
    std::ifstream file(path);
    const std::string written{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(written, "819000000001\n819000000002\n");
    std::filesystem::remove(path);
}

TEST_F(simulator, says_why_it_cannot_record) {
    start();
    EXPECT_EQ(carrier->record_to("/dev/null/no-such-folder/file"),
              boost::system::errc::not_a_directory);
}

TEST_F(simulator, may_be_destroyed_at_any_time) {
    options.receipt_delay = 1ms;
    start();
    const auto app = bound();
    for (int i = 0; i < 10; ++i)
        app->submit("819012345678", "x");
    run_until([&] { return app->answers.size() == 10; });
    carrier.reset();
    run_until([&] { return app->closed.has_value(); });
}

}  // namespace
}  // namespace hikyaku::bench
