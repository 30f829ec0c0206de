// The parser of PROXY headers by tables, and the listener behind a balancer: real sockets, headers
// cut at every octet, strangers who pretend.
#include "smpp/io/proxy_protocol.hpp"

#include <string>
#include <string_view>

#include "tests/unit/smpp/io/harness.hpp"

namespace hikyaku::smpp::io::test {
namespace {

octets octets_of(std::string_view text) {
    return {text.begin(), text.end()};
}

octets operator+(octets left, const octets& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

/// A header of version 2; `command` 1 is PROXY, 0 is LOCAL.
octets v2(std::uint8_t command, std::uint8_t family, const octets& rest) {
    octets out{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
    out.push_back(static_cast<std::uint8_t>(0x20 | command));
    out.push_back(family);
    out.push_back(static_cast<std::uint8_t>(rest.size() >> 8U));
    out.push_back(static_cast<std::uint8_t>(rest.size()));
    return out + rest;
}

const octets inet_addresses{203, 0, 113, 7, 192, 0, 2, 1, 0xC3, 0x50, 0x0A, 0xD7};  // port 50000

octets inet6_addresses() {
    octets out(36, 0);
    out[0] = 0x20;
    out[1] = 0x01;
    out[2] = 0x0D;
    out[3] = 0xB8;
    out[15] = 0x05;
    out[32] = 0xC3;
    out[33] = 0x50;
    return out;
}

/// Reads `header` as the listener does, never beyond what is wanted; what is left is returned.
struct fed {
    boost::system::result<proxy_progress, proxy_fault> last = proxy_progress{};
    std::size_t used = 0;
};
fed feed(const octets& input, std::size_t step) {
    fed out;
    for (;;) {
        out.last = parse_proxy_header(std::span(input).first(out.used));
        if (out.last.has_error() || out.last->wanted == 0) return out;
        const auto take = std::min({step, out.last->wanted, input.size() - out.used});
        if (take == 0) return out;
        out.used += take;
    }
}

std::string text_of(const proxy_header& header) {
    if (header.local) return "local";
    if (!header.source) return "unknown";
    return header.source->address().to_string() + " " + std::to_string(header.source->port());
}

struct good_case {
    octets header;
    std::string meaning;
};

std::vector<good_case> good_cases() {
    const octets tlvs{0x04, 0x00, 0x03, 1, 2, 3, 0xEE, 0x00, 0x00};
    return {
        {octets_of("PROXY TCP4 203.0.113.7 192.0.2.1 50000 2775\r\n"), "203.0.113.7 50000"},
        {octets_of("PROXY TCP4 203.0.113.7 192.0.2.1 0 65535\r\n"), "203.0.113.7 0"},
        {octets_of("PROXY TCP6 2001:db8::5 ::1 50000 2775\r\n"), "2001:db8::5 50000"},
        {octets_of("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535"},
        {octets_of("PROXY UNKNOWN\r\n"), "unknown"},
        {octets_of("PROXY UNKNOWN ffff::1 anything 99999 x\r\n"), "unknown"},
        {v2(1, 0x11, inet_addresses), "203.0.113.7 50000"},
        {v2(1, 0x12, inet_addresses), "203.0.113.7 50000"},
        {v2(1, 0x11, inet_addresses + tlvs), "203.0.113.7 50000"},
        {v2(1, 0x21, inet6_addresses()), "2001:db8::5 50000"},
        {v2(1, 0x21, inet6_addresses() + tlvs), "2001:db8::5 50000"},
        {v2(1, 0x31, octets(216, 'x')), "unknown"},
        {v2(1, 0x00, {}), "unknown"},
        {v2(1, 0x00, octets(300, 9)), "unknown"},
        {v2(0, 0x00, {}), "local"},
        {v2(0, 0x11, inet_addresses), "local"},
        {v2(0, 0x77, tlvs), "local"},  // a LOCAL header's family is not looked at
        {v2(1, 0x11, inet_addresses + octets(4096 - 12, 0)), "203.0.113.7 50000"},
    };
}

TEST(proxy_protocol, e28_every_form_is_understood_however_it_is_cut) {
    for (const auto& one : good_cases()) {
        for (const std::size_t step : {1UL, 2UL, 7UL, 13UL, 100000UL}) {
            // Octets that follow are never taken.
            const auto done = feed(one.header + octets_of("\r\n\r\nPROXY "), step);
            ASSERT_TRUE(done.last.has_value()) << one.meaning;
            EXPECT_EQ(done.last->wanted, 0U);
            EXPECT_EQ(done.used, one.header.size()) << one.meaning;
            EXPECT_EQ(text_of(done.last->header), one.meaning);
        }
    }
}

TEST(proxy_protocol, a_part_of_a_header_wants_more) {
    for (const auto& one : good_cases()) {
        for (std::size_t size = 0; size < one.header.size(); ++size) {
            const auto done = parse_proxy_header(std::span(one.header).first(size));
            ASSERT_TRUE(done.has_value()) << one.meaning << " at " << size;
            EXPECT_GT(done->wanted, 0U) << one.meaning << " at " << size;
            EXPECT_LE(size + done->wanted, one.header.size()) << one.meaning << " at " << size;
        }
    }
}

TEST(proxy_protocol, faults) {
    struct bad_case {
        octets input;
        proxy_fault fault;
    };
    auto version_1_in_binary = v2(1, 0x11, inet_addresses);
    version_1_in_binary[12] = 0x11;
    const std::vector<bad_case> cases{
        {octets_of("G"), proxy_fault::no_header},
        {octets_of("PROXX"), proxy_fault::no_header},
        {{0, 0, 0, 0x10}, proxy_fault::no_header},
        {{0x16, 0x03, 0x01}, proxy_fault::no_header},
        {{0x0D, 0x0A, 0x0D, 0x0A, 0x01}, proxy_fault::no_header},
        {octets_of("PROXY TCP5 1.2.3.4 1.2.3.4 1 1\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.256 1.2.3.4 1 1\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.4 1.2.3 1 1\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 ::1 ::1 1 1\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP6 1.2.3.4 ::1 1 1\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.4 1.2.3.4 65536 1\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.4 1.2.3.4 01 1\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.4 1.2.3.4 1 1x\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.4 1.2.3.4 1 1 \r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.4  1.2.3.4 1 1\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.4 1.2.3.4 1 1\n"), proxy_fault::malformed},
        {octets_of("PROXY TCP4 1.2.3.4\r1.2.3.4 1 1"), proxy_fault::malformed},
        {octets_of("PROXY UNKNOWN " + std::string(93, 'x')), proxy_fault::too_long},
        {version_1_in_binary, proxy_fault::malformed},
        {v2(2, 0x11, inet_addresses), proxy_fault::malformed},
        {v2(1, 0x13, inet_addresses), proxy_fault::malformed},
        {v2(1, 0x41, inet_addresses), proxy_fault::malformed},
        {v2(1, 0x11, octets(11, 0)), proxy_fault::malformed},
        {v2(1, 0x21, octets(35, 0)), proxy_fault::malformed},
        {v2(1, 0x31, octets(215, 0)), proxy_fault::malformed},
        {v2(1, 0x11, octets(4097, 0)), proxy_fault::too_long},
    };
    for (const auto& one : cases) {
        const auto done = feed(one.input, 1);
        ASSERT_TRUE(done.last.has_error()) << std::string(one.input.begin(), one.input.end());
        EXPECT_EQ(done.last.error(), one.fault) << std::string(one.input.begin(), one.input.end());
    }
}

class balanced_listener : public fixture {
protected:
    void listen_behind_balancer(listener_settings settings = {}) {
        settings.is_balancer = [this](const asio::ip::address& from) {
            asked_for = from.to_string();
            return balancer;
        };
        listen(std::move(settings));
    }
    /// Sends the pieces one by one; each is taken before the next goes out.
    void send_cut_at(tcp::socket& to, const octets& all, std::size_t cut) {
        boost::asio::write(to, asio::buffer(all.data(), cut));
        settle();
        boost::asio::write(to, asio::buffer(all.data() + cut, all.size() - cut));
    }

    bool balancer = true;
    std::string asked_for;
};

TEST_F(balanced_listener, e28_the_client_s_address_counts_with_the_header_cut_at_every_octet) {
    octets bind_octets;
    ASSERT_TRUE(encode_bind(bind_octets));
    struct form {
        octets header;
        std::string client;
    };
    const std::vector<form> forms{
        {octets_of("PROXY TCP4 203.0.113.7 192.0.2.1 50000 2775\r\n"), "203.0.113.7:50000"},
        {octets_of("PROXY TCP6 2001:db8::5 ::1 50000 2775\r\n"), "[2001:db8::5]:50000"},
        {v2(1, 0x11, inet_addresses + octets{0x04, 0, 1, 7}), "203.0.113.7:50000"},
        {v2(1, 0x21, inet6_addresses()), "[2001:db8::5]:50000"}};
    listen_behind_balancer();
    std::uint64_t proxied = 0;
    for (const auto& one : forms) {
        const auto all = one.header + bind_octets;
        for (std::size_t cut = 0; cut <= all.size(); ++cut) {
            tcp::socket balanced = raw_socket();
            send_cut_at(balanced, all, cut);
            const auto answer = read(balanced, [](const octets& got) { return got.size() >= 16; });
            ASSERT_GE(answer.size(), 16U) << "cut at " << cut;
            EXPECT_EQ(answer[7], 0x09);  // bind_transceiver_resp
            EXPECT_EQ(door->counters().proxied, ++proxied);
            std::ostringstream peer;
            peer << server_connections.back()->peer();
            EXPECT_EQ(peer.str(), one.client);
        }
    }
    EXPECT_EQ(door->counters().proxy_errors, 0U);
    EXPECT_EQ(asked_for, "127.0.0.1");
}

TEST_F(balanced_listener, unknown_and_local_leave_the_balancer_s_address) {
    listen_behind_balancer();
    for (const auto& header :
         {octets_of("PROXY UNKNOWN\r\n"), v2(1, 0x31, octets(216, 'x')), v2(0, 0x00, {})}) {
        tcp::socket raw = raw_socket();
        boost::asio::write(raw, asio::buffer(header));
        const auto before = server_connections.size();
        run_until([&] { return server_connections.size() > before; });
        EXPECT_EQ(server_connections.back()->peer(), raw.local_endpoint());
    }
    EXPECT_EQ(door->counters().proxied, 2U);
    EXPECT_EQ(door->counters().proxy_local, 1U);
}

TEST_F(balanced_listener, a_balancer_must_send_a_header) {
    listen_behind_balancer();
    octets bind_octets;
    ASSERT_TRUE(encode_bind(bind_octets));
    tcp::socket raw = raw_socket();
    boost::asio::write(raw, asio::buffer(bind_octets));
    EXPECT_EQ(read_to_end(raw), octets{});
    EXPECT_EQ(door->counters().proxy_errors, 1U);
    tcp::socket gone = raw_socket();
    boost::asio::write(gone, asio::buffer(octets_of("PROXY TC")));
    gone.close();
    run_until([&] { return door->counters().proxy_errors == 2; });
    EXPECT_TRUE(server_connections.empty());
    run_until([&] { return door->open_connections() == 0; });
}

TEST_F(balanced_listener, a_balancer_that_says_nothing_is_cut) {
    listen_behind_balancer({.proxy_timeout = 5ms});
    tcp::socket silent = raw_socket();
    boost::asio::write(silent, asio::buffer(octets_of("PROXY ")));
    EXPECT_EQ(read_to_end(silent), octets{});
    run_until([&] { return door->counters().proxy_errors == 1; });
    run_until([&] { return door->open_connections() == 0; });
    EXPECT_TRUE(server_connections.empty());
}

TEST_F(balanced_listener, e28_from_a_stranger_no_header_is_accepted) {
    balancer = false;
    listen_behind_balancer();
    tcp::socket raw = raw_socket();
    boost::asio::write(raw,
                       asio::buffer(octets_of("PROXY TCP4 203.0.113.7 192.0.2.1 50000 2775\r\n")));
    const auto answer = read_to_end(raw);
    ASSERT_EQ(answer.size(), 16U);  // taken as SMPP: "PROX" is no command_length
    EXPECT_EQ(answer[4], 0x80);
    EXPECT_EQ(answer[11], static_cast<std::uint8_t>(command_status::esme_rinvcmdlen));
    ASSERT_EQ(server_connections.size(), 1U);
    EXPECT_EQ(server_connections[0]->peer().address().to_string(), "127.0.0.1");
    EXPECT_EQ(door->counters().proxied, 0U);
}

TEST_F(balanced_listener, e28_the_header_comes_before_tls) {
    const certificate own;
    const auto context = own.server();
    const auto trusting = own.client();
    listen_behind_balancer({.tls = context.get()});
    const auto all = octets_of("PROXY TCP4 203.0.113.7 192.0.2.1 50000 2775\r\n");
    for (std::size_t cut = 0; cut <= all.size(); cut += 5) {
        tcp::socket raw = raw_socket();
        send_cut_at(raw, all, cut);
        tls_stream secured(std::move(raw), *trusting);
        bool done = false;
        secured.async_handshake(asio::ssl::stream_base::client,
                                [&](const boost::system::error_code& error) {
                                    EXPECT_FALSE(error) << error.message();
                                    done = true;
                                });
        const auto before = server_connections.size();
        run_until([&] { return done && server_connections.size() > before; });
        EXPECT_EQ(server_connections.back()->peer().address().to_string(), "203.0.113.7");
        EXPECT_TRUE(server_connections.back()->is_tls());
    }
}

}  // namespace
}  // namespace hikyaku::smpp::io::test
