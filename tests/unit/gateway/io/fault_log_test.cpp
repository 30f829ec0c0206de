// Faulty PDUs of a peer: how they are counted and how few lines they make, and what the SMPP server
// and the binds to carriers do with octets behind the last field.
#include "gateway/io/fault_log.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/unit/gateway/io/smpp_server_fixture.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

TEST(line_limit, writes_the_first_at_once_and_then_one_each_time) {
    line_limit limit(60s);
    const line_limit::time start{1h};
    EXPECT_EQ(limit.take(start), 0U);
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(limit.take(start + 59s), std::nullopt);
    EXPECT_EQ(limit.take(start + 60s), 1000U);
    EXPECT_EQ(limit.take(start + 61s), std::nullopt);
    EXPECT_EQ(limit.take(start + 200s), 1U);
    EXPECT_EQ(limit.take(start + 260s), 0U);
}

TEST(fault_meter, takes_each_fault_once) {
    fault_meter meter;
    smpp::session_counters counters;
    counters.malformed = 3;
    counters.trailing = 5;
    const auto first = meter.take(counters);
    EXPECT_EQ(first.refused, 3U);
    EXPECT_EQ(first.tolerated, 5U);
    counters.trailing = 6;
    const auto second = meter.take(counters);
    EXPECT_EQ(second.refused, 0U);
    EXPECT_EQ(second.tolerated, 1U);
}

class server_faults : public smpp_world {
protected:
    /// A submit_sm to one number with these octets behind it.
    static octets submission(std::uint32_t sequence, const octets& tail,
                             std::string_view text = "hello") {
        smpp::submit_sm request;
        request.source_addr_ton = 5;
        request.source_addr = "Shop";
        request.dest_addr_ton = request.dest_addr_npi = 1;
        request.destination_addr = "819012345678";
        request.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        octets bytes;
        EXPECT_TRUE(smpp::encode(bytes, smpp::make_pdu(sequence, request)).has_value());
        bytes.insert(bytes.end(), tail.begin(), tail.end());
        for (std::size_t i = 0; i < 4; ++i)
            bytes[i] = static_cast<std::uint8_t>(bytes.size() >> (24 - 8 * i));
        return bytes;
    }
    command_status fate(application& client, const octets& tail, std::string_view text = "hello") {
        client.send(submission(77, tail, text));
        return client.expect(command_id::submit_sm_resp).status();
    }
    fault_counts faults_of(const std::string& account) {
        for (const auto& row : server->faults())
            if (row.account == account) return row.counts;
        return {};
    }
};

TEST_F(server_faults, octets_behind_the_last_field_are_taken_within_limits) {
    start();
    const auto client = bound();
    using enum command_status;
    EXPECT_EQ(fate(*client, {0}), esme_rok);
    EXPECT_EQ(fate(*client, {0, 0}), esme_rok);
    EXPECT_EQ(fate(*client, {0x02, 0x04, 0x00, 0x09, 'x'}), esme_rok);
    EXPECT_EQ(fate(*client, octets(64, 0xFF)), esme_rok);
    EXPECT_EQ(fate(*client, octets(65, 0xFF)), esme_rinvtlvstream);
    EXPECT_EQ(fate(*client, {0x04, 0x24, 0x00, 0x09, 'x'}), esme_rinvtlvstream);
    EXPECT_EQ(fate(*client, {0x02, 0x0C, 0x00}), esme_rinvtlvstream) << "half of a long text";
    EXPECT_EQ(fate(*client, {0x3E, 0x10, 0x00}), esme_rinvtlvstream) << "at most once, or not";
    // The session is up, and its faults are the account's already.
    EXPECT_EQ(faults_of("shop").tolerated, 4U);
    EXPECT_EQ(faults_of("shop").refused, 4U);
    EXPECT_EQ(faults_of("").refused + faults_of("").tolerated, 0U);
    client->close();
    run_until([&] { return server->connections() == 0; });
    EXPECT_EQ(faults_of("shop").tolerated, 4U);
    EXPECT_EQ(faults_of("shop").refused, 4U);
}

TEST_F(server_faults, a_torn_field_that_the_account_has_named_is_refused) {
    settings.accounts[0].smpp_fields.purpose_tlv = 0x1400;
    start();
    const auto client = bound();
    EXPECT_EQ(fate(*client, {0x14, 0x01, 0x00, 0x09, 'd'}), command_status::esme_rok);
    EXPECT_EQ(fate(*client, {0x14, 0x00, 0x00, 0x09, 'd'}), command_status::esme_rinvtlvstream);
    EXPECT_EQ(fate(*client, {0x3E, 0x10, 0x00}), command_status::esme_rinvtlvstream);
}

TEST_F(server_faults, a_strict_account_is_refused_them) {
    settings.accounts[0].strict_pdus = true;
    start();
    const auto client = bound();
    EXPECT_EQ(fate(*client, {}), command_status::esme_rok);
    EXPECT_EQ(fate(*client, {0}), command_status::esme_rinvtlvstream);
    EXPECT_EQ(faults_of("shop").refused, 1U);
    // So is its bind, though only with the right password.
    smpp::bind_request request;
    request.system_id = "shop";
    request.password = "secret";
    octets bytes;
    ASSERT_TRUE(
        smpp::encode(bytes, command_id::bind_transmitter, command_status::esme_rok, 1, request)
            .has_value());
    bytes.push_back(0);
    ++bytes[3];
    const auto other = connect();
    other->send(bytes);
    const auto answer = other->expect(command_id::bind_transmitter_resp);
    EXPECT_EQ(answer.status(), command_status::esme_rinvtlvstream);
}

TEST_F(server_faults, of_who_has_not_bound_are_nobodys) {
    start();
    const auto stranger = connect();
    octets bytes;
    smpp::encode_header_only(bytes, command_id::bind_transceiver, command_status::esme_rok, 1);
    stranger->send(bytes);
    const auto answer = stranger->expect(command_id::bind_transceiver_resp);
    EXPECT_EQ(answer.status(), command_status::esme_rinvparlen);
    EXPECT_EQ(answer.value.header.command_length, 17U) << "a transceiver's refusal has a body";
    EXPECT_EQ(faults_of("").refused, 1U);
    // What it did before it bound stays there.
    EXPECT_EQ(stranger->bind().status(), command_status::esme_rok);
    EXPECT_EQ(faults_of("").refused, 1U);
    EXPECT_EQ(faults_of("shop").refused, 0U);
    EXPECT_EQ(fate(*stranger, {0}), command_status::esme_rok);
    EXPECT_EQ(faults_of("shop").tolerated, 1U);
}

TEST_F(server_faults, refusals_have_the_body_that_3_4_wants) {
    start();
    const auto client = bound();
    client->send(smpp::data_sm{});
    EXPECT_EQ(client->expect(command_id::data_sm_resp).value.header.command_length, 17U);
    smpp::query_sm query;
    query.message_id = "17";
    client->send(query);
    const auto state = client->expect(command_id::query_sm_resp);
    EXPECT_EQ(state.status(), command_status::esme_rqueryfail);
    EXPECT_EQ(state.value.header.command_length, 20U);
    EXPECT_EQ(state.body<smpp::query_sm_resp>().message_state,
              static_cast<std::uint8_t>(smpp::message_state::unknown));
    client->send(smpp::submit_multi{});
    EXPECT_EQ(client->expect(command_id::submit_multi_resp).value.header.command_length, 18U);
    smpp::submit_sm nowhere;
    client->send(nowhere);
    EXPECT_EQ(client->expect(command_id::submit_sm_resp).value.header.command_length, 16U);
    const auto other = connect();
    EXPECT_EQ(other->bind({.password = "wrong"}).value.header.command_length, 17U);
    EXPECT_EQ(other->bind({.kind = command_id::bind_receiver, .password = "wrong"})
                  .value.header.command_length,
              16U);
}

TEST_F(server_faults, a_transceiver_without_a_version_gets_its_tlvs) {
    start();
    carrier_up();
    const auto client = bound({.version = 0x00});
    const auto id = client->submit_and_read_id();
    EXPECT_GT(id.size(), 8U);
    run_until([&] { return segments.size() == 1; });
    carrier_accepts(segments[0], "c-1");
    carrier_receipt("c-1");
    const auto receipt = client->expect(command_id::deliver_sm);
    EXPECT_EQ(receipt.value.tlvs.cstring(smpp::tag::receipted_message_id), id);
    EXPECT_EQ(receipt.value.tlvs.u8(smpp::tag::message_state), 2U);
}

}  // namespace
}  // namespace hikyaku::gateway::io
