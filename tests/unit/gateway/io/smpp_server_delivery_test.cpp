// Submissions and events at the level of real sockets: when a response comes, what a receipt looks
// like, and what becomes of it when the application refuses it or goes away.
#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "tests/unit/gateway/io/smpp_server_fixture.hpp"

namespace hikyaku::gateway::io::testing_support {
namespace {

class smpp_server_delivery : public smpp_world {
protected:
    config::account& shop() { return settings.accounts[0]; }
    /// Submits and lets the carrier take and deliver it; the id of the response.
    std::string submit_and_deliver(application& by) {
        const auto id = by.submit_and_read_id();
        deliver_next();
        return id;
    }
    void deliver_next(const std::string& stat = "DELIVRD") {
        run_until([&] { return segments.size() > delivered_; });
        const auto carrier_id = "c-" + std::to_string(++delivered_);
        carrier_accepts(segments[delivered_ - 1], carrier_id);
        carrier_receipt(carrier_id, stat);
    }
    std::uint64_t outbox() { return core().accounts()[0].outbox_smpp; }
    /// Receipts wait for nobody: submitted by a transmitter.
    void fill_outbox(std::size_t count) {
        const auto sender = bound({.kind = command_id::bind_transmitter});
        for (std::size_t i = 0; i < count; ++i)
            submit_and_deliver(*sender);
        run_until([&] { return outbox() == count; });
    }

private:
    std::size_t delivered_ = 0;
};

// Responses.

TEST_F(smpp_server_delivery, e14_the_response_comes_after_the_commit) {
    start();
    const auto client = bound();
    hold_commits = true;
    client->submit();
    run_until([&] { return core().accounts()[0].queued == 1; });
    settle();
    EXPECT_FALSE(client->has_pdu());
    release_commits();
    const auto response = client->expect(command_id::submit_sm_resp);
    EXPECT_EQ(response.status(), command_status::esme_rok);
    EXPECT_FALSE(response.body<smpp::submit_sm_resp>().message_id.empty());
}

TEST_F(smpp_server_delivery, e16_over_the_rate_is_rthrottled_and_the_session_stays) {
    shop().rate.per_second = config::rate{1, config::milliseconds{1'000'000}};
    shop().rate.burst = 2;
    start();
    const auto client = bound();
    client->submit_and_read_id();
    client->submit_and_read_id();
    for (int i = 0; i < 3; ++i) {
        client->submit();
        const auto response = client->expect(command_id::submit_sm_resp);
        EXPECT_EQ(response.status(), command_status::esme_rthrottled);
        EXPECT_EQ(response.raw->size(), 16U);  // E13: the header only
    }
    client->send(smpp::enquire_link{});
    client->expect(command_id::enquire_link_resp);
}

TEST_F(smpp_server_delivery, e16_a_full_queue_is_rmsgqful_and_the_session_stays) {
    shop().queued_max = 1;
    start();
    const auto client = bound();
    client->submit_and_read_id();
    client->submit();
    EXPECT_EQ(client->expect(command_id::submit_sm_resp).status(), command_status::esme_rmsgqful);
    client->send(smpp::enquire_link{});
    client->expect(command_id::enquire_link_resp);
}

TEST_F(smpp_server_delivery, e17_a_receiver_may_not_submit_and_a_transmitter_gets_nothing) {
    start();
    carrier_up();
    const auto sender = bound({.kind = command_id::bind_transmitter});
    submit_and_deliver(*sender);
    run_until([&] { return outbox() == 1; });
    settle();
    EXPECT_FALSE(sender->has_pdu());
    const auto receiver = bound({.kind = command_id::bind_receiver});
    receiver->expect(command_id::deliver_sm);
    receiver->submit();
    EXPECT_EQ(receiver->expect(command_id::submit_sm_resp).status(),
              command_status::esme_rinvbndsts);
    EXPECT_FALSE(receiver->ended());
}

TEST_F(smpp_server_delivery, congestion_state_for_clients_of_5_0_alone) {
    shop().queued_max = 4;
    start();
    const auto client = bound({.version = 0x50});
    const auto old = bound({.version = 0x34});
    const auto congestion = [&](application& of) {
        of.submit();
        return of.expect(command_id::submit_sm_resp).value.tlvs.u8(smpp::tag::congestion_state);
    };
    EXPECT_EQ(congestion(*client), 25);
    EXPECT_EQ(congestion(*old), std::nullopt);
    EXPECT_EQ(congestion(*client), 75);
    EXPECT_EQ(congestion(*client), 99);
}

TEST_F(smpp_server_delivery, congestion_state_may_be_switched_off) {
    settings.smpp.congestion_state = false;
    start();
    const auto client = bound({.version = 0x50});
    client->submit();
    EXPECT_TRUE(client->expect(command_id::submit_sm_resp).value.tlvs.empty());
}

// Receipts.

TEST_F(smpp_server_delivery, e21_e22_the_receipt_of_a_message) {
    start();
    carrier_up();
    const auto client = bound();
    const auto id = submit_and_deliver(*client);
    EXPECT_GE(id.size(), 10U);
    EXPECT_LE(id.size(), 36U);
    EXPECT_NE(id.front(), '0');
    EXPECT_TRUE(std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; }));
    const auto receipt = client->expect(command_id::deliver_sm);
    const auto& body = receipt.body<smpp::deliver_sm>();
    EXPECT_EQ(body.esm_class, 0x04);
    EXPECT_EQ(body.data_coding, 0);
    EXPECT_EQ(body.source_addr, "819012345678");
    EXPECT_EQ(body.source_addr_ton, 1);
    EXPECT_EQ(body.source_addr_npi, 1);
    EXPECT_EQ(body.destination_addr, "Shop");
    EXPECT_EQ(body.dest_addr_ton, 5);
    EXPECT_EQ(body.dest_addr_npi, 0);
    const auto text = receipt.text();
    EXPECT_TRUE(text.starts_with("id:" + id + " sub:001 dlvrd:001 submit date:")) << text;
    EXPECT_NE(text.find(" stat:DELIVRD err:000 text:"), std::string::npos) << text;
    EXPECT_EQ(receipt.value.tlvs.cstring(smpp::tag::receipted_message_id), id);
    EXPECT_EQ(receipt.value.tlvs.u8(smpp::tag::message_state), 2);
    EXPECT_LT(receipt.raw->size(), 7168U);  // E11
}

TEST_F(smpp_server_delivery, e23_the_form_is_the_account_s_choice) {
    shop().id_form = config::id_form::hexadecimal;
    shop().delivery.tlvs = false;
    shop().delivery.dates = config::receipt_dates::fourteen_digits;
    start();
    carrier_up();
    const auto client = bound();
    const auto id = submit_and_deliver(*client);
    EXPECT_LE(id.size(), 16U);
    const auto receipt = client->expect(command_id::deliver_sm);
    EXPECT_TRUE(receipt.value.tlvs.empty());
    const auto text = receipt.text();
    EXPECT_TRUE(text.starts_with("id:" + id + " sub:001")) << text;
    const auto date = text.find("submit date:20");
    ASSERT_NE(date, std::string::npos) << text;
    EXPECT_EQ(text.find(" done date:"), date + 12 + 14);
}

TEST_F(smpp_server_delivery, e23_receipts_and_replies_as_data_sm) {
    shop().delivery.pdu = config::receipt_pdu::data_sm;
    shop().numbers = {"4711"};
    start();
    carrier_up();
    const auto client = bound();
    const auto old = bound({.kind = command_id::bind_receiver, .version = 0x33});
    old->close();
    run_until([&] { return server->sessions().size() == 1; });
    const auto id = submit_and_deliver(*client);
    const auto receipt = client->expect(command_id::data_sm);
    EXPECT_TRUE(receipt.text().starts_with("id:" + id + " sub:001")) << receipt.text();
    EXPECT_EQ(receipt.body<smpp::data_sm>().esm_class, 0x04);
    client->answer(receipt, smpp::data_sm_resp{});
    carrier_reply("YES", "4711");
    const auto reply = client->expect(command_id::data_sm);
    EXPECT_EQ(reply.text(), "YES");
    EXPECT_EQ(reply.body<smpp::data_sm>().source_addr, "819012345678");
    client->answer(reply, smpp::data_sm_resp{});
    run_until([&] { return outbox() == 0; });
}

TEST_F(smpp_server_delivery, e24_no_more_than_the_window_without_an_answer) {
    start();
    carrier_up();
    fill_outbox(13);
    const auto client = bound();
    std::vector<received_pdu> window;
    for (int i = 0; i < 10; ++i)
        window.push_back(client->expect(command_id::deliver_sm));
    settle();
    EXPECT_FALSE(client->has_pdu());
    client->answer(window[3], smpp::deliver_sm_resp{"whatever-it-says"});
    const auto next = client->expect(command_id::deliver_sm);
    settle();
    EXPECT_FALSE(client->has_pdu());
    EXPECT_EQ(outbox(), 12U);
}

TEST_F(smpp_server_delivery, e24_temporary_refusals_come_again_and_permanent_ones_do_not) {
    start();
    carrier_up();
    fill_outbox(1);
    const auto client = bound();
    std::set<std::string> texts;
    for (const auto status : {command_status::esme_rmsgqful, command_status::esme_rx_t_appn}) {
        const auto receipt = client->expect(command_id::deliver_sm);
        texts.insert(receipt.text());
        client->answer(receipt, smpp::deliver_sm_resp{}, status);
        settle();
        EXPECT_EQ(outbox(), 1U);
    }
    const auto receipt = client->expect(command_id::deliver_sm);
    texts.insert(receipt.text());
    EXPECT_EQ(texts.size(), 1U);  // three times the same
    client->answer(receipt, smpp::deliver_sm_resp{}, command_status::esme_rx_p_appn);
    run_until([&] { return outbox() == 0; });
    EXPECT_EQ(core().count().deliveries_dropped, 1U);
}

TEST_F(smpp_server_delivery, e25_again_after_a_reconnect_and_removed_only_when_acknowledged) {
    start();
    carrier_up();
    fill_outbox(1);
    auto client = bound();
    const auto text = client->expect(command_id::deliver_sm).text();
    client->close();
    run_until([&] { return server->connections() == 0; });
    EXPECT_EQ(outbox(), 1U);
    client = bound({.kind = command_id::bind_receiver});
    const auto again = client->expect(command_id::deliver_sm);
    EXPECT_EQ(again.text(), text);
    client->answer(again, smpp::deliver_sm_resp{});
    run_until([&] { return outbox() == 0; });
    client->close();
    run_until([&] { return server->connections() == 0; });
    client = bound();
    settle();
    EXPECT_FALSE(client->has_pdu());
}

TEST_F(smpp_server_delivery, e25_all_receiving_binds_of_the_account_share) {
    start();
    carrier_up();
    const auto one = bound();
    const auto two = bound({.kind = command_id::bind_receiver});
    const auto other = bound({.system_id = "bank"});
    fill_outbox(6);
    settle();
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(one->has_pdu());
        one->expect(command_id::deliver_sm);
        EXPECT_TRUE(two->has_pdu());
        two->expect(command_id::deliver_sm);
    }
    EXPECT_FALSE(other->has_pdu());
}

TEST_F(smpp_server_delivery, e26_never_before_the_response_to_the_submission) {
    start();
    carrier_up();
    const auto client = bound();
    for (int i = 0; i < 20; ++i) {
        client->submit();
        deliver_next();  // as soon as the carrier has it
        EXPECT_EQ(client->receive().command(), command_id::submit_sm_resp);
        const auto receipt = client->expect(command_id::deliver_sm);
        client->answer(receipt, smpp::deliver_sm_resp{});
    }
}

TEST_F(smpp_server_delivery, e26_not_even_when_the_response_is_paced) {
    shop().rate.per_second = config::rate{10, config::milliseconds{1000}};
    shop().rate.burst = 1;
    shop().rate.excess = config::on_excess::pace;
    start();
    carrier_up();
    const auto client = bound();
    for (int i = 0; i < 3; ++i)
        client->submit();
    for (int i = 0; i < 3; ++i)
        deliver_next();
    std::set<std::string> answered;
    for (int i = 0; i < 6; ++i) {
        const auto next = client->receive();
        if (next.command() == command_id::submit_sm_resp) {
            answered.emplace(next.body<smpp::submit_sm_resp>().message_id);
            continue;
        }
        const auto id = next.value.tlvs.cstring(smpp::tag::receipted_message_id);
        ASSERT_TRUE(id);
        EXPECT_TRUE(answered.contains(std::string(*id))) << "a receipt before its response";
        client->answer(next, smpp::deliver_sm_resp{});
    }
}

TEST_F(smpp_server_delivery, e27_nothing_for_a_submission_that_was_refused) {
    shop().queued_max = 1;
    start();
    const auto client = bound();
    const auto id = client->submit_and_read_id();
    client->submit("refused");
    EXPECT_EQ(client->expect(command_id::submit_sm_resp).status(), command_status::esme_rmsgqful);
    carrier_up();
    deliver_next();
    const auto receipt = client->expect(command_id::deliver_sm);
    EXPECT_EQ(receipt.value.tlvs.cstring(smpp::tag::receipted_message_id), id);
    client->answer(receipt, smpp::deliver_sm_resp{});
    settle();
    EXPECT_FALSE(client->has_pdu());
    EXPECT_EQ(segments.size(), 1U);
}

// Sessions.

TEST_F(smpp_server_delivery, e29_the_inactivity_timer_counts_pdus_and_no_noise) {
    settings.smpp.inactivity_timeout = config::seconds{1};
    settings.smpp.enquire_link_interval = config::seconds{0};
    settings.smpp.response_timeout = config::seconds{1};
    start();
    const auto noisy = bound();
    const auto busy = bound();
    const auto begin = std::chrono::steady_clock::now();
    auto last = begin;
    std::chrono::steady_clock::duration longest{0};             // that the busy one was silent
    octets rest{0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0};  // never a whole PDU
    std::size_t sent = 0;
    boost::asio::steady_timer pulse(loop);
    std::function<void()> beat = [&] {
        if (sent < rest.size()) noisy->send(octets{rest[sent++]});
        if (sent % 4 == 0) {
            busy->send(smpp::enquire_link{});
            const auto now = std::chrono::steady_clock::now();
            longest = std::max(longest, now - std::exchange(last, now));
        }
        pulse.expires_after(100ms);
        pulse.async_wait([&](boost::system::error_code error) {
            if (!error) beat();
        });
    };
    beat();
    EXPECT_EQ(noisy->receive().command(), command_id::unbind);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 900ms);
    pulse.cancel();
    longest = std::max(longest, std::chrono::steady_clock::now() - last);
    // Who is heard in time is kept; that it was, is not certain on every machine.
    const bool in_time = longest < settings.smpp.inactivity_timeout;
    EXPECT_TRUE(!in_time || server->sessions().size() == 2U);
    while (in_time && busy->has_pdu())
        EXPECT_EQ(busy->receive().command(), command_id::enquire_link_resp);
}

TEST_F(smpp_server_delivery, e20_the_response_to_a_submission_in_flight_comes_before_unbind_resp) {
    start();
    const auto client = bound();
    hold_commits = true;
    client->submit();
    client->send(smpp::unbind{});
    run_until([&] { return core().accounts()[0].queued == 1; });
    settle();
    EXPECT_FALSE(client->has_pdu());
    release_commits();
    EXPECT_EQ(client->expect(command_id::submit_sm_resp).status(), command_status::esme_rok);
    EXPECT_EQ(client->expect(command_id::unbind_resp).status(), command_status::esme_rok);
    run_until([&] { return client->ended(); });
}

class long_replies : public smpp_server_delivery {
protected:
    long_replies() { shop().numbers = {"4711"}; }
    void reply_of(std::size_t octets_count) {
        smpp::deliver_sm request;
        request.source_addr = "819012345678";
        request.destination_addr = "4711";
        std::vector<std::uint8_t> raw;
        smpp::tlv_writer tlvs(raw);
        const octets text(octets_count, 'x');
        tlvs.octets(smpp::tag::message_payload, text);
        core().on_deliver_sm(bind_id{1}, 900, request, tlvs.list(), now());
        touched();
    }
    /// Receives `count` parts of a reply and checks that they belong together.
    std::vector<received_pdu> parts(application& from, std::size_t count) {
        std::vector<received_pdu> all;
        for (std::size_t i = 0; i < count; ++i) {
            all.push_back(from.expect(command_id::deliver_sm));
            const auto& body = all.back().body<smpp::deliver_sm>();
            EXPECT_TRUE(all.back().value.tlvs.empty());
            EXPECT_EQ(body.esm_class, smpp::esm_class::udhi);
            const auto& message = body.short_message;
            EXPECT_EQ(octets(message.begin(), message.begin() + 3), (octets{5, 0, 3}));
            EXPECT_EQ(message[3], all[0].body<smpp::deliver_sm>().short_message[3]);
            EXPECT_EQ(message[4], count);
            EXPECT_EQ(message[5], i + 1);
        }
        return all;
    }
};

TEST_F(long_replies, e02_a_client_of_3_3_gets_them_in_parts_and_all_must_be_acknowledged) {
    start();
    carrier_up();
    const auto client = bound({.version = 0x33});
    reply_of(400);
    auto first = parts(*client, 3);
    EXPECT_EQ(first[0].body<smpp::deliver_sm>().short_message.size(), 6U + 153);
    EXPECT_EQ(first[2].body<smpp::deliver_sm>().short_message.size(), 6U + 400 - 2 * 153);
    client->answer(first[0], smpp::deliver_sm_resp{});
    client->answer(first[2], smpp::deliver_sm_resp{});
    settle();
    EXPECT_EQ(outbox(), 1U);
    client->answer(first[1], smpp::deliver_sm_resp{}, command_status::esme_rx_t_appn);
    const auto again = parts(*client, 3);  // one was refused: all come again
    for (const auto& one : again)
        client->answer(one, smpp::deliver_sm_resp{});
    run_until([&] { return outbox() == 0; });
}

TEST_F(long_replies, e11_what_is_larger_than_7_kib_comes_in_parts_or_not_at_all) {
    shop().receipt_window = 60;
    start();
    carrier_up();
    const auto client = bound();
    reply_of(8000);
    for (const auto& one : parts(*client, 53)) {
        EXPECT_LT(one.raw->size(), 7168U);
        client->answer(one, smpp::deliver_sm_resp{});
    }
    run_until([&] { return outbox() == 0; });
    reply_of(20000);  // more parts than the window has room for
    run_until([&] { return core().accounts()[0].dead_letters == 1; });
    EXPECT_FALSE(client->has_pdu());
    carrier_reply("small", "4711");
    EXPECT_EQ(client->expect(command_id::deliver_sm).text(), "small");
}

}  // namespace
}  // namespace hikyaku::gateway::io::testing_support
