// What carriers leave behind the last field of their PDUs, and receipts that they bring on a bind
// that is not for them: nothing of it loses an id or a receipt, and it is counted.
#include <gtest/gtest.h>

#include <string>

#include "smpp/pdu/encode.hpp"
#include "tests/unit/gateway/io/smsc_fixture.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;
using octets = std::vector<std::uint8_t>;

class carrier_faults : public carrier_world {
protected:
    static smpp::deliver_sm receipt(std::string_view text) {
        smpp::deliver_sm body;
        body.esm_class = smpp::esm_class::receipt;
        body.source_addr_ton = body.source_addr_npi = 1;
        body.source_addr = "819012345678";
        body.destination_addr = "Shop";
        body.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
        return body;
    }
    /// The octets behind the header, and the tail.
    static octets body_with(const smpp::deliver_sm& body, const octets& tail) {
        octets bytes;
        EXPECT_TRUE(smpp::encode(bytes, smpp::make_pdu(1, body)).has_value());
        bytes.erase(bytes.begin(), bytes.begin() + smpp::header_octets);
        bytes.insert(bytes.end(), tail.begin(), tail.end());
        return bytes;
    }
};

TEST_F(carrier_faults, ids_and_receipts_survive_what_stands_behind_them) {
    start();
    auto link = bound();
    const octets tails[] = {{0}, {0, 0}, {0x04, 0x27, 0x00, 0x05, 2}, octets(300, 0xFF)};
    std::uint32_t sequence = 10;
    for (const auto& tail : tails) {
        const auto message = submit();
        const auto segment = link->expect(command_id::submit_sm);
        const std::string id = "A" + std::to_string(++sequence);
        octets response(id.begin(), id.end());
        response.push_back(0);
        response.insert(response.end(), tail.begin(), tail.end());
        link->send_raw(command_id::submit_sm_resp, command_status::esme_rok, segment.sequence(),
                       response);
        run_until([&] { return state_of(message) == State::submitted; });
        EXPECT_EQ(view(message).segments[0].carrier_message_id, id);
        const std::string text = "id:" + id +
                                 " sub:001 dlvrd:001 submit date:2611220218 "
                                 "done date:2611220219 stat:DELIVRD err:000 text:";
        link->send_raw(command_id::deliver_sm, command_status::esme_rok, sequence,
                       body_with(receipt(text), tail));
        EXPECT_EQ(link->expect(command_id::deliver_sm_resp).status(), command_status::esme_rok);
        EXPECT_EQ(state_of(message), State::delivered);
    }
    EXPECT_EQ(binds().faults.tolerated, 8U);
    EXPECT_EQ(binds().faults.refused, 0U);
    link->close();
    const auto again = bound();
    EXPECT_EQ(binds().faults.tolerated, 8U);
}

TEST_F(carrier_faults, what_cannot_be_read_is_refused_with_a_body_and_counted) {
    start();
    auto link = bound();
    link->send_raw(command_id::deliver_sm, command_status::esme_rok, 5, {0, 1});
    const auto answer = link->expect(command_id::deliver_sm_resp);
    EXPECT_EQ(answer.status(), command_status::esme_rinvmsglen);
    EXPECT_EQ(answer.value.header.command_length, 17U);
    EXPECT_EQ(binds().faults.refused, 1U);
}

TEST_F(carrier_faults, receipts_on_a_transmitter_are_taken) {
    alpha().bind = config::bind_type::transmitter;
    start();
    auto link = bound();
    const auto message = submit();
    const auto segment = link->expect(command_id::submit_sm);
    link->send(smpp::submit_sm_resp{"A1"}, segment.sequence());
    run_until([&] { return state_of(message) == State::submitted; });
    link->send(receipt("id:A1 stat:DELIVRD"), 9);
    const auto answer = link->expect(command_id::deliver_sm_resp);
    EXPECT_EQ(answer.status(), command_status::esme_rok);
    EXPECT_EQ(state_of(message), State::delivered);
}

}  // namespace
}  // namespace hikyaku::gateway::io
