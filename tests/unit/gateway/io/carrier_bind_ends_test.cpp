// Why an attempt to bind to a carrier, or a bind, is over: each reason is told and counted once.
#include "tests/unit/gateway/io/smsc_fixture.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

class carrier_bind_ends : public carrier_world {
protected:
    carrier_bind_ends() { alpha().reconnect_min = alpha().reconnect_max = 3600s; }
    /// The stage of the last attempt that failed, with its reason; empty: none has.
    std::string last() {
        const auto* const run = carriers->last_end("alpha");
        if (run == nullptr) return {};
        return std::string(name_of(run->what.stage)) + ": " + run->what.reason;
    }
    std::uint64_t all() {
        std::uint64_t sum = 0;
        for (const auto each : binds().ends)
            sum += each;
        return sum;
    }
    void expect_end(std::string_view what) {
        run_until([&] { return all() == 1; });
        EXPECT_EQ(last(), what);
        settle();
        EXPECT_EQ(all(), 1U) << "counted once";
    }
};

TEST_F(carrier_bind_ends, before_there_is_a_connection) {
    tcp::acceptor closed(loop, {boost::asio::ip::address_v4::loopback(), 0});
    const auto nobody = closed.local_endpoint().port();
    closed.close();
    alpha().hosts = {{"127.0.0.1", nobody}};
    start();
    EXPECT_EQ(last(), "");
    expect_end("connect: Connection refused");
    EXPECT_EQ(carriers->last_end("alpha")->what.port, nobody);
    EXPECT_EQ(carriers->last_end("beta"), nullptr);
}

TEST_F(carrier_bind_ends, a_name_that_is_none) {
    alpha().hosts = {{"not a name", 1}};
    start();
    expect_end("resolve: this is not the name of a host");
}

TEST_F(carrier_bind_ends, closed_after_the_bind) {
    start();
    auto link = accept();
    (void)link->receive();
    link->close();
    expect_end("bind: closed after the bind was sent");
}

TEST_F(carrier_bind_ends, no_answer_to_the_bind) {
    alpha().bind_timeout = 1s;
    start();
    auto link = accept();
    const auto bind = link->receive();
    expect_end("bind: no answer to the bind within 1s");
}

TEST_F(carrier_bind_ends, an_answer_to_something_else) {
    alpha().bind_timeout = 1s;
    start();
    auto link = accept();
    const auto bind = link->receive();
    link->send_raw(command_id::bind_transceiver_resp, command_status::esme_rok, bind.sequence() + 1,
                   {0});
    expect_end("bind: no answer to the bind within 1s, only responses to nothing sent");
}

TEST_F(carrier_bind_ends, an_answer_of_another_protocol) {
    start();
    auto link = accept();
    (void)link->receive();
    const std::string_view text = "HTTP/1.1 400 Bad Request\r\n\r\n";
    link->send(std::vector<std::uint8_t>(text.begin(), text.end()));
    expect_end("bind: what came is not SMPP");
}

TEST_F(carrier_bind_ends, a_refusal_and_its_words) {
    for (const auto nack : {false, true}) {
        start();
        auto link = accept();
        const auto bind = link->receive();
        std::vector<std::uint8_t> body;
        smpp::tlv_writer(body).cstring(smpp::tag::additional_status_info_text, "ask sales");
        body.insert(body.begin(), 0);  // no system_id
        link->send_raw(nack ? command_id::generic_nack : command_id::bind_transceiver_resp,
                       command_status::esme_rinvpaswd, bind.sequence(),
                       nack ? std::vector<std::uint8_t>{} : body);
        expect_end("refused: ESME_RINVPASWD");
        EXPECT_EQ(carriers->last_end("alpha")->what.detail, nack ? "" : "ask sales");
        carriers->stop();
        link->close();
        run_until([&] { return carriers->quiet(); });
    }
}

TEST_F(carrier_bind_ends, are_over_when_it_is_bound) {
    alpha().reconnect_min = alpha().reconnect_max = 10ms;
    start();
    auto first = accept();
    (void)first->receive();
    first->close();
    run_until([&] { return all() == 1; });
    EXPECT_FALSE(carriers->last_end("alpha")->over);
    auto second = bound();
    run_until([&] { return carriers->last_end("alpha")->over; });
    EXPECT_EQ(all(), 1U);
}

TEST_F(carrier_bind_ends, of_our_own_making) {
    alpha().system_id = std::string("a\0b", 3);  // no C-octet string
    start();
    auto link = accept();
    expect_end("own: the bind cannot be encoded: invalid_field");
}

TEST_F(carrier_bind_ends, a_stop_is_none) {
    start();
    auto link = accept();
    (void)link->receive();
    carriers->stop();
    run_until([&] { return carriers->quiet(); });
    EXPECT_EQ(all(), 0U);
}

}  // namespace
}  // namespace hikyaku::gateway::io
