// submit_multi, data_sm, query_sm, cancel_sm, replace_sm, short ids, alerts and broadcasts over
// real sockets, with a real engine and store behind them. What they do to messages is tested at
// length in tests/unit/gateway/engine; here the PDUs and their statuses.
#include <algorithm>
#include <string>

#include "gateway/io/smpp_submission.hpp"
#include "smpp/text/octets.hpp"
#include "tests/unit/gateway/io/smpp_server_fixture.hpp"

namespace hikyaku::gateway::io::testing_support {
namespace {

using smpp::text::octets_of;

class smpp_operations : public smpp_world {
protected:
    std::unique_ptr<application> app;
    std::vector<std::string> texts, tlvs_sent, service_types;  // of `segments`

    bool send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                      const smpp::tlv_list& tlvs) override {
        const auto raw = tlvs.raw();
        texts.emplace_back(request.short_message.begin(), request.short_message.end());
        tlvs_sent.emplace_back(raw.begin(), raw.end());
        service_types.emplace_back(request.service_type);
        return smpp_world::send_segment(bind, token, request, tlvs);
    }
    void open(std::uint8_t version = 0x34) {
        start();
        app = bound({.version = version});
    }
    template <class Body>
    received_pdu ask(const Body& body, command_id answer, smpp::tlv_list tlvs = {}) {
        const auto sequence = app->send(body, tlvs);
        auto response = app->receive();
        while (response.command() == command_id::deliver_sm) {  // a receipt on the way
            app->answer(response, smpp::deliver_sm_resp{});
            response = app->receive();
        }
        EXPECT_EQ(response.command(), answer) << smpp::name_of(response.command());
        EXPECT_EQ(response.sequence(), sequence);
        if (response.status() != command_status::esme_rok) {
            octets smallest;
            smpp::encode_refusal(smallest, answer, response.status(), sequence,
                                 server->sessions().at(0).version);
            EXPECT_EQ(*response.raw, smallest);
        }
        return response;
    }
    static smpp::query_sm query_of(std::string_view id) {
        smpp::query_sm query;
        query.message_id = id;
        query.source_addr = "Shop";
        return query;
    }
    smpp::message_state state_of(std::string_view id) {
        const auto response = ask(query_of(id), command_id::query_sm_resp);
        EXPECT_EQ(response.status(), command_status::esme_rok);
        return static_cast<smpp::message_state>(response.body<smpp::query_sm_resp>().message_state);
    }
    command_status cancel(std::string_view id, std::string_view source = "Shop",
                          std::string_view destination = "") {
        smpp::cancel_sm request;
        request.message_id = id;
        request.source_addr = source;
        request.destination_addr = destination;
        return ask(request, command_id::cancel_sm_resp).status();
    }
    command_status replace(std::string_view id, std::string_view text) {
        smpp::replace_sm request;
        request.message_id = id;
        request.source_addr = "Shop";
        request.registered_delivery = 1;
        request.short_message = octets_of(text);
        return ask(request, command_id::replace_sm_resp).status();
    }
    /// Destinations beginning with "list:" are distribution lists.
    received_pdu multi(const std::vector<std::string>& to) {
        std::vector<std::uint8_t> room;
        smpp::counted_list_writer<smpp::dest_address> list(room);
        for (const auto& one : to) {
            const bool is_list = one.starts_with("list:");
            EXPECT_TRUE(
                list.add({is_list ? smpp::dest_flag_distribution_list : smpp::dest_flag_address, 1,
                          1, is_list ? std::string_view(one).substr(5) : one}));
        }
        smpp::submit_multi request;
        request.source_addr_ton = 5;
        request.source_addr = "Shop";
        request.registered_delivery = 1;
        request.short_message = octets_of("hello");
        request.dest_addresses = list.list();
        return ask(request, command_id::submit_multi_resp);
    }
};

TEST_F(smpp_operations, query_sm_answers_with_state_date_and_error) {
    open();
    const auto id = app->submit_and_read_id();
    auto response = ask(query_of(id), command_id::query_sm_resp);
    const auto& waiting = response.body<smpp::query_sm_resp>();
    EXPECT_EQ(waiting.message_id, id);
    EXPECT_EQ(waiting.message_state, static_cast<std::uint8_t>(smpp::message_state::enroute));
    EXPECT_EQ(waiting.final_date, "");
    EXPECT_EQ(waiting.error_code, 0);
    carrier_up();
    run_until([&] { return segments.size() == 1; });
    core_->on_response(segments[0].bind, segments[0].token, command_status::esme_rinvdstadr, "",
                       now());
    touched();
    app->answer(app->expect(command_id::deliver_sm), smpp::deliver_sm_resp{});
    response = ask(query_of(id), command_id::query_sm_resp);
    const auto& rejected = response.body<smpp::query_sm_resp>();
    EXPECT_EQ(rejected.message_state, static_cast<std::uint8_t>(smpp::message_state::rejected));
    EXPECT_EQ(rejected.final_date.size(), 16U);
    EXPECT_EQ(rejected.error_code, 0x0B);
}

TEST_F(smpp_operations, query_sm_fails_for_another_source_account_or_id) {
    open();
    const auto id = app->submit_and_read_id();
    auto query = query_of(id);
    query.source_addr = "";
    EXPECT_EQ(ask(query, command_id::query_sm_resp).status(), command_status::esme_rqueryfail);
    for (const auto* other : {"", "0", "x", "123456789012345678", "0000000a"}) {
        EXPECT_EQ(ask(query_of(other), command_id::query_sm_resp).status(),
                  command_status::esme_rqueryfail)
            << other;
    }
    app = bound({.system_id = "bank"});
    EXPECT_EQ(ask(query_of(id), command_id::query_sm_resp).status(),
              command_status::esme_rqueryfail);
}

TEST_F(smpp_operations, query_sm_tells_scheduled_to_5_0_only) {
    for (const auto version : std::initializer_list<std::uint8_t>{0x34, 0x50}) {
        if (!server) open(version);
        app = bound({.version = version});
        smpp::submit_sm request;
        request.source_addr = "Shop";
        request.source_addr_ton = 5;
        request.destination_addr = "819012345678";
        request.schedule_delivery_time = "000000010000000R";
        const auto response = ask(request, command_id::submit_sm_resp);
        EXPECT_EQ(state_of(response.body<smpp::submit_sm_resp>().message_id),
                  version == 0x50 ? smpp::message_state::scheduled : smpp::message_state::enroute);
    }
}

TEST_F(smpp_operations, hexadecimal_ids_are_understood_where_they_are_given) {
    settings.accounts[0].id_form = config::id_form::hexadecimal;
    open();
    const auto id = app->submit_and_read_id();
    EXPECT_EQ(state_of(id), smpp::message_state::enroute);
    EXPECT_EQ(cancel(id), command_status::esme_rok);
    EXPECT_EQ(state_of(id), smpp::message_state::deleted);
}

TEST_F(smpp_operations, submit_multi_answers_with_one_id_and_no_unsuccess) {
    open();
    hold_commits = true;
    const auto sent = [&] { return core_->queued(); };
    std::vector<std::string> to;
    for (int i = 0; i < 254; ++i)
        to.push_back("8190" + std::to_string(10000000 + i));
    std::vector<std::uint8_t> room;
    smpp::counted_list_writer<smpp::dest_address> list(room);
    for (const auto& one : to)
        ASSERT_TRUE(list.add({smpp::dest_flag_address, 1, 1, one}));
    smpp::submit_multi request;
    request.source_addr = "Shop";
    request.source_addr_ton = 5;
    request.short_message = octets_of("hello");
    request.dest_addresses = list.list();
    app->send(request);
    run_until([&] { return sent() == 254; });
    settle();
    EXPECT_FALSE(app->has_pdu());  // not on disk yet
    release_commits();
    const auto response = app->expect(command_id::submit_multi_resp);
    EXPECT_EQ(response.status(), command_status::esme_rok);
    const auto& body = response.body<smpp::submit_multi_resp>();
    EXPECT_EQ(body.unsuccess_smes.size(), 0);
    EXPECT_EQ(response.value.header.command_length, 16U + body.message_id.size() + 1 + 1);
    EXPECT_EQ(state_of(body.message_id), smpp::message_state::enroute);
    carrier_up();
    run_until([&] { return segments.size() == 254; });
    EXPECT_EQ(segments[253].destination, to[253]);
}

TEST_F(smpp_operations, submit_multi_lists_who_was_refused_and_why) {
    settings.routes[0].prefixes = {"8190"};
    open();
    const auto response = multi({"list:debtors", "819012345678", "12", "4917012345"});
    ASSERT_EQ(response.status(), command_status::esme_rok);
    const auto& body = response.body<smpp::submit_multi_resp>();
    ASSERT_EQ(body.unsuccess_smes.size(), 3);
    std::vector<std::pair<std::string, command_status>> refused;
    for (const auto& one : body.unsuccess_smes)
        refused.emplace_back(one.destination_addr, one.error_status_code);
    EXPECT_EQ(refused, (std::vector<std::pair<std::string, command_status>>{
                           {"debtors", command_status::esme_rinvdlname},
                           {"12", command_status::esme_rinvdstadr},
                           {"4917012345", command_status::esme_rinvdstadr}}));
    EXPECT_EQ(core_->queued(), 1U);
}

TEST_F(smpp_operations, submit_multi_that_nobody_can_get_is_an_error) {
    open();
    EXPECT_EQ(multi({}).status(), command_status::esme_rinvnumdests);
    EXPECT_EQ(multi(std::vector<std::string>(255, "819012345678")).status(),
              command_status::esme_rinvnumdests);
    EXPECT_EQ(multi({"list:debtors", "list:others"}).status(), command_status::esme_rinvdlname);
    EXPECT_EQ(multi({"12", "13"}).status(), command_status::esme_rinvdstadr);
    EXPECT_EQ(multi({"12", "list:debtors"}).status(), command_status::esme_rsubmitfail);
    EXPECT_EQ(core_->queued(), 0U);
}

TEST_F(smpp_operations, submit_multi_above_the_rate_is_throttled_as_a_whole) {
    settings.accounts[0].rate.per_second = config::rate{1, 3600s};
    settings.accounts[0].rate.burst = 3;
    settings.accounts[0].rate.excess = config::on_excess::reject;
    open();
    EXPECT_EQ(multi({"819000000001", "819000000002"}).status(), command_status::esme_rok);
    EXPECT_EQ(multi({"819000000001", "819000000002"}).status(), command_status::esme_rthrottled);
    EXPECT_EQ(core_->queued(), 2U);
}

TEST_F(smpp_operations, cancel_sm_by_id) {
    open();
    const auto id = app->submit_and_read_id();
    EXPECT_EQ(cancel(id, "Other"), command_status::esme_rcancelfail);
    EXPECT_EQ(cancel("x"), command_status::esme_rcancelfail);
    EXPECT_EQ(cancel(id), command_status::esme_rok);
    EXPECT_EQ(state_of(id), smpp::message_state::deleted);
    EXPECT_EQ(core_->queued(), 0U);
    carrier_up();
    settle();
    EXPECT_TRUE(segments.empty());
}

TEST_F(smpp_operations, cancel_sm_by_id_is_too_late_for_what_a_carrier_has) {
    open();
    carrier_up();
    const auto id = app->submit_and_read_id();
    run_until([&] { return segments.size() == 1; });
    EXPECT_EQ(cancel(id), command_status::esme_rcancelfail);
}

TEST_F(smpp_operations, cancel_sm_by_addresses) {
    open();
    app->submit_and_read_id("one");
    app->submit("two");  // not answered yet
    app->expect(command_id::submit_sm_resp);
    EXPECT_EQ(cancel("", "Shop", "819099999999"), command_status::esme_rcancelfail);
    EXPECT_EQ(cancel("", "Shop", ""), command_status::esme_rcancelfail);
    EXPECT_EQ(core_->queued(), 2U);
    EXPECT_EQ(cancel("", "Shop", "819012345678"), command_status::esme_rok);
    EXPECT_EQ(core_->queued(), 0U);
}

TEST_F(smpp_operations, replace_sm_puts_another_text_in_its_place) {
    open();
    const auto id = app->submit_and_read_id();
    EXPECT_EQ(replace(id, "goodbye"), command_status::esme_rok);
    EXPECT_EQ(replace("x", "goodbye"), command_status::esme_rreplacefail);
    EXPECT_EQ(replace(id, ""), command_status::esme_rinvmsglen);
    carrier_up();
    run_until([&] { return segments.size() == 1; });
    EXPECT_EQ(texts.back(), "goodbye");
    EXPECT_EQ(replace(id, "too late"), command_status::esme_rreplacefail);
}

TEST_F(smpp_operations, replace_sm_takes_message_payload) {
    open(0x50);
    const auto id = app->submit_and_read_id();
    const std::string payload = "in a TLV";
    std::vector<std::uint8_t> raw{0x04, 0x24, 0, static_cast<std::uint8_t>(payload.size())};
    raw.insert(raw.end(), payload.begin(), payload.end());
    smpp::replace_sm request;
    request.message_id = id;
    request.source_addr = "Shop";
    EXPECT_EQ(
        ask(request, command_id::replace_sm_resp, *smpp::tlv_list::parse({raw.data(), raw.size()}))
            .status(),
        command_status::esme_rok);
    carrier_up();
    run_until([&] { return segments.size() == 1; });
    EXPECT_EQ(texts.back(), payload);
}

TEST_F(smpp_operations, replace_sm_refuses_bad_times) {
    open();
    const auto id = app->submit_and_read_id();
    smpp::replace_sm request;
    request.message_id = id;
    request.source_addr = "Shop";
    request.short_message = octets_of("goodbye");
    request.schedule_delivery_time = "soon";
    EXPECT_EQ(ask(request, command_id::replace_sm_resp).status(), command_status::esme_rinvsched);
    request.schedule_delivery_time = "";
    request.validity_period = "200101000000000+";
    EXPECT_EQ(ask(request, command_id::replace_sm_resp).status(), command_status::esme_rinvexpiry);
}

TEST_F(smpp_operations, replace_if_present_flag_keeps_the_id) {
    open();
    const auto id = app->submit_and_read_id("one");
    smpp::submit_sm request;
    request.source_addr = "Shop";
    request.source_addr_ton = 5;
    request.destination_addr = "819012345678";
    request.replace_if_present_flag = 1;
    request.short_message = octets_of("two");
    auto response = ask(request, command_id::submit_sm_resp);
    EXPECT_EQ(response.body<smpp::submit_sm_resp>().message_id, id);
    request.destination_addr = "819099999999";
    response = ask(request, command_id::submit_sm_resp);
    EXPECT_NE(response.body<smpp::submit_sm_resp>().message_id, id);
    EXPECT_EQ(core_->queued(), 2U);
}

TEST_F(smpp_operations, a_client_of_3_3_gets_ids_of_eight_characters) {
    open(0x33);
    carrier_up();
    const auto id = app->submit_and_read_id();
    EXPECT_EQ(id.size(), 8U);
    EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
    EXPECT_EQ(state_of(id), smpp::message_state::enroute);
    run_until([&] { return segments.size() == 1; });
    carrier_accepts(segments[0], "A1");
    carrier_receipt("A1");
    const auto receipt = app->expect(command_id::deliver_sm);
    EXPECT_TRUE(receipt.text().starts_with("id:" + id + " ")) << receipt.text();
    app->answer(receipt, smpp::deliver_sm_resp{});
    EXPECT_EQ(cancel(id), command_status::esme_rcancelfail);
    core_->pause_carrier(carrier_id{1}, true, now());
    const auto second = app->submit_and_read_id();
    EXPECT_NE(second, id);
    EXPECT_EQ(replace(second, "goodbye"), command_status::esme_rok);
    EXPECT_EQ(cancel(second), command_status::esme_rok);
    const auto group = multi({"819000000001", "819000000002"});
    EXPECT_EQ(group.body<smpp::submit_multi_resp>().message_id.size(), 8U);
}

TEST_F(smpp_operations, data_sm_is_accepted_like_submit_sm) {
    open();
    carrier_up();
    const std::string payload = "by data_sm";
    std::vector<std::uint8_t> raw{0x04, 0x24, 0, static_cast<std::uint8_t>(payload.size())};
    raw.insert(raw.end(), payload.begin(), payload.end());
    raw.insert(raw.end(), {0x04, 0x21, 0, 1, 1});           // set_dpf
    raw.insert(raw.end(), {0x00, 0x17, 0, 4, 0, 0, 1, 0});  // qos_time_to_live
    raw.insert(raw.end(), {0x02, 0x04, 0, 2, 0x12, 0x34});  // user_message_reference
    smpp::data_sm request;
    request.source_addr_ton = 5;
    request.source_addr = "Shop";
    request.destination_addr = "819012345678";
    request.registered_delivery = 1;
    const auto tlvs = *smpp::tlv_list::parse({raw.data(), raw.size()});
    const auto response = ask(request, command_id::data_sm_resp, tlvs);
    ASSERT_EQ(response.status(), command_status::esme_rok);
    const std::string id(response.body<smpp::data_sm_resp>().message_id);
    run_until([&] { return segments.size() == 1; });
    EXPECT_EQ(texts.back(), payload);
    EXPECT_EQ(tlvs_sent.back(), std::string("\x02\x04\x00\x02\x12\x34", 6));
    carrier_accepts(segments[0], "A1");
    carrier_receipt("A1");
    const auto receipt = app->expect(command_id::deliver_sm);
    EXPECT_TRUE(receipt.text().starts_with("id:" + id + " "));
}

TEST_F(smpp_operations, at_most_once_is_a_tlv_of_ours) {
    open();
    carrier_up();
    smpp::submit_sm request;
    request.source_addr_ton = 5;
    request.source_addr = "Shop";
    request.destination_addr = "819012345678";
    request.short_message = octets_of("hello");
    std::vector<std::uint8_t> raw{tag_at_most_once >> 8, tag_at_most_once & 0xFF, 0, 1, 2};
    const auto tlvs = *smpp::tlv_list::parse({raw.data(), raw.size()});
    EXPECT_EQ(ask(request, command_id::submit_sm_resp, tlvs).status(),
              command_status::esme_rinvtlvval);
    raw[4] = 1;
    EXPECT_EQ(ask(request, command_id::submit_sm_resp, tlvs).status(), command_status::esme_rok);
    run_until([&] { return segments.size() == 1; });
    EXPECT_EQ(tlvs_sent.back(), "");
    core_->on_attempt_failed(segments[0].bind, segments[0].token, attempt_failure::outcome_unknown,
                             now());
    touched();
    settle();
    EXPECT_EQ(segments.size(), 1U);
    EXPECT_EQ(core_->count().resends_withheld, 1U);
}

TEST_F(smpp_operations, fields_that_the_account_has_named_stay_here) {
    auto& names = settings.accounts[0].smpp_fields;
    names.service_types = {{"DUN", config::purpose::dunning}};
    names.debtor_tlv = 0x1404;
    open();
    carrier_up();
    smpp::submit_sm request;
    request.source_addr_ton = 5;
    request.source_addr = "Shop";
    request.destination_addr = "819012345678";
    request.short_message = octets_of("hello");
    request.service_type = "DUN";
    std::vector<std::uint8_t> raw;
    const auto tlvs = smpp::tlv_writer(raw).cstring(0x1404, "debtor 7").list();
    const auto response = ask(request, command_id::submit_sm_resp, tlvs);
    ASSERT_EQ(response.status(), command_status::esme_rok);
    run_until([&] { return segments.size() == 1; });
    EXPECT_EQ(tlvs_sent.back(), "");
    EXPECT_EQ(service_types.back(), "");
    const auto id = parse_message_id(response.body<smpp::submit_sm_resp>().message_id,
                                     config::id_form::decimal);
    ASSERT_TRUE(id);
    const auto view = core_->find(*core_->account_by_system_id("shop"), *id);
    ASSERT_TRUE(view);
    EXPECT_EQ(view->purpose, Purpose::dunning);
    EXPECT_EQ(view->debtor, "debtor 7");
    request.service_type = "CMT";  // one that says no purpose is the carrier's
    EXPECT_EQ(ask(request, command_id::submit_sm_resp).status(), command_status::esme_rok);
    run_until([&] { return segments.size() == 2; });
    EXPECT_EQ(service_types.back(), "CMT");
    const auto too_long = smpp::tlv_writer(raw).cstring(0x1404, std::string(65, 'x')).list();
    EXPECT_EQ(ask(request, command_id::submit_sm_resp, too_long).status(),
              command_status::esme_rinvtlvval);
}

TEST_F(smpp_operations, each_segment_has_its_receipt_if_the_account_wants_it) {
    settings.accounts[0].delivery.parts = config::receipt_parts::each;
    open();
    carrier_up();
    const auto id = app->submit_and_read_id(std::string(200, 'a'));
    run_until([&] { return segments.size() == 2; });
    for (std::size_t i = 0; i < 2; ++i) {
        carrier_accepts(segments[i], "A" + std::to_string(i));
        carrier_receipt("A" + std::to_string(i), i == 0 ? "DELIVRD" : "UNDELIV");
        const auto receipt = app->expect(command_id::deliver_sm);
        EXPECT_TRUE(receipt.text().starts_with(i == 0 ? "id:" + id + " sub:001 dlvrd:001 "
                                                      : "id:" + id + " sub:001 dlvrd:000 "))
            << receipt.text();
        app->answer(receipt, smpp::deliver_sm_resp{});
    }
    settle();
    EXPECT_FALSE(app->has_pdu());
}

TEST_F(smpp_operations, alert_notification_goes_to_receivers_that_know_it) {
    settings.accounts[0].numbers = {"8150"};
    open();
    const auto transmitter = bound({.kind = command_id::bind_transmitter});
    const auto old = bound({.version = 0x33});
    smpp::alert_notification alert;
    alert.source_addr_ton = 1;
    alert.source_addr = "819012345678";
    alert.esme_addr = "8150";
    carrier_up();
    core_->on_alert_notification(bind_id{1}, alert, {}, now());
    const auto told = app->expect(command_id::alert_notification);
    EXPECT_EQ(told.body<smpp::alert_notification>().source_addr, "819012345678");
    EXPECT_EQ(told.body<smpp::alert_notification>().esme_addr, "8150");
    settle();
    EXPECT_FALSE(transmitter->has_pdu());
    EXPECT_FALSE(old->has_pdu());
}

TEST_F(smpp_operations, broadcasts_are_answered_with_statuses_of_5_0) {
    open(0x50);
    EXPECT_EQ(ask(smpp::broadcast_sm{}, command_id::broadcast_sm_resp).status(),
              command_status::esme_rbcastfail);
    EXPECT_EQ(ask(smpp::query_broadcast_sm{}, command_id::query_broadcast_sm_resp).status(),
              command_status::esme_rbcastqueryfail);
    EXPECT_EQ(ask(smpp::cancel_broadcast_sm{}, command_id::cancel_broadcast_sm_resp).status(),
              command_status::esme_rbcastcancelfail);
    app->submit_and_read_id();  // the session is as good as before
}

TEST_F(smpp_operations, broadcasts_are_unknown_to_older_sessions) {
    open(0x34);
    const auto is_unknown = [&](const auto& body) {
        EXPECT_EQ(ask(body, command_id::generic_nack).status(), command_status::esme_rinvcmdid);
    };
    is_unknown(smpp::broadcast_sm{});
    is_unknown(smpp::query_broadcast_sm{});
    is_unknown(smpp::cancel_broadcast_sm{});
    app->submit_and_read_id();
}

TEST_F(smpp_operations, answers_to_many_requests_at_once_find_their_requests) {
    open();
    const auto one = app->submit_and_read_id("one");
    const auto two = app->submit_and_read_id("two");
    smpp::cancel_sm cancellation;
    cancellation.message_id = one;
    cancellation.source_addr = "Shop";
    smpp::replace_sm replacement;
    replacement.message_id = two;
    replacement.source_addr = "Shop";
    replacement.short_message = octets_of("goodbye");
    const auto cancel_sequence = app->send(cancellation);
    const auto replace_sequence = app->send(replacement);
    const auto submit_sequence = app->submit("three");
    std::vector<std::pair<std::uint32_t, command_id>> answers;
    for (int i = 0; i < 3; ++i) {
        const auto answer = app->receive();
        EXPECT_EQ(answer.status(), command_status::esme_rok);
        answers.emplace_back(answer.sequence(), answer.command());
    }
    std::sort(answers.begin(), answers.end());
    EXPECT_EQ(answers, (std::vector<std::pair<std::uint32_t, command_id>>{
                           {cancel_sequence, command_id::cancel_sm_resp},
                           {replace_sequence, command_id::replace_sm_resp},
                           {submit_sequence, command_id::submit_sm_resp}}));
}

}  // namespace
}  // namespace hikyaku::gateway::io::testing_support
