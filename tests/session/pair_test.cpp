// A client session and a server session wired back to back: everything sent is answered once,
// however the bytes are cut, and the steady state allocates nothing. Also the window and the output
// queue alone, against simple models.
#include <map>
#include <random>
#include <set>

#include "smpp/pdu/encode.hpp"
#include "tests/session/allocations.hpp"
#include "tests/session/script.hpp"

namespace hikyaku::smpp::test {
namespace {

using enum command_id;
using enum command_status;

/// Two sessions and the wire between them.
struct pair {
    session_time now{std::chrono::hours(1)};
    session server;
    session client;
    std::mt19937 random{20261122};
    bool cut = false;
    std::vector<std::uint64_t> answered{};  // by token
    std::uint64_t requests = 0;
    std::uint64_t failed = 0;

    pair(session_settings server_settings, session_settings client_settings)
        : server(server_settings, now), client(client_settings, now) {}

    void move(session& from, session& to) {
        for (auto out = from.output(); !out.empty(); out = from.output()) {
            const std::size_t count = cut ? 1 + random() % out.size() : out.size();
            to.receive(out.first(count), now);
            from.consume_output(count);
            handle(to);
        }
    }
    void handle(session& of) {
        for (const session_event& event : of.take_events()) {
            switch (event.kind) {
                case session_event_kind::bind_requested:
                    of.accept_bind(now);
                    break;
                case session_event_kind::request:
                    ++requests;
                    EXPECT_TRUE(of.respond(event.request(), smpp::submit_sm_resp{"id"}, {}, now));
                    break;
                case session_event_kind::response:
                    ASSERT_LT(event.token, answered.size());
                    ++answered[event.token];
                    break;
                case session_event_kind::request_failed:
                    ++failed;
                    break;
                default:
                    break;
            }
        }
    }
    void exchange() {
        move(client, server);
        move(server, client);
    }
    void bind() {
        ASSERT_TRUE(client.bind(bind_transceiver, {}, now).has_value());
        exchange();
        ASSERT_TRUE(client.is_bound() && server.is_bound());
    }
    /// Submits until the window is full; returns how many.
    std::uint64_t fill(std::uint64_t token, std::uint64_t end) {
        const std::uint64_t begin = token;
        const pdu request = make_pdu(0, a_submit());
        while (token < end && client.submit(request, token, now))
            ++token;
        return token - begin;
    }
};

pair make_pair(std::uint32_t window) {
    session_settings server = quiet(session_role::server);
    session_settings client = quiet(session_role::client);
    client.window_max = server.peer_window_max = window;
    return {server, client};
}

TEST(session_pair, every_message_is_answered_exactly_once) {
    for (const std::uint32_t window : {1U, 7U, 100U}) {
        for (const bool cut : {false, true}) {
            pair both = make_pair(window);
            both.cut = cut;
            both.bind();
            constexpr std::uint64_t total = 5000;
            both.answered.resize(total);
            for (std::uint64_t next = 0; next < total;) {
                const std::uint64_t sent = both.fill(next, total);
                ASSERT_EQ(sent, std::min<std::uint64_t>(window, total - next));
                next += sent;
                both.exchange();
            }
            EXPECT_EQ(both.requests, total);
            EXPECT_EQ(both.answered, std::vector<std::uint64_t>(total, 1));
            EXPECT_EQ(both.failed, 0U);
            both.client.unbind(both.now);
            both.exchange();
            both.exchange();
            EXPECT_EQ(both.client.reason(), close_reason::unbound);
            EXPECT_EQ(both.server.reason(), close_reason::unbound);
        }
    }
}

TEST(session_pair, the_steady_state_allocates_nothing) {
    pair both = make_pair(50);
    both.bind();
    both.answered.resize(10000);
    std::uint64_t next = 0;
    const auto rounds = [&](int count) {
        for (int i = 0; i < count; ++i) {
            next += both.fill(next, both.answered.size());
            both.exchange();
        }
    };
    rounds(20);
    const auto before = allocations();
    rounds(100);
    // A sanitizer allocates for itself: there the count says nothing, the traffic still counts.
    if (before) EXPECT_EQ(*allocations() - *before, 0U);
    EXPECT_EQ(next, 120U * 50);
    EXPECT_EQ(both.requests, next);
}

// Random adds, removals and give-ups against a map and a list of numbers in order.
TEST(request_window_model, behaves_like_a_map) {
    std::mt19937 random(7);
    request_window window(64, 16);
    std::map<std::uint32_t, std::uint64_t> live;
    std::vector<std::uint32_t> in_flight;
    std::vector<std::uint32_t> abandoned;
    std::uint32_t sequence = 0x7FFFFF00;
    for (std::uint64_t step = 0; step < 50000; ++step) {
        const auto what = static_cast<unsigned>(random() % 10);
        if (what < 5 && !window.full()) {
            sequence = sequence == 0x7FFFFFFF ? 1 : sequence + 1;
            window.add({.sequence = sequence, .token = step});
            live[sequence] = step;
            in_flight.push_back(sequence);
        } else if (what < 9 && !live.empty()) {
            auto& from = !abandoned.empty() && random() % 4 == 0 ? abandoned : in_flight;
            if (from.empty()) continue;
            const auto at = from.begin() + static_cast<std::ptrdiff_t>(random() % from.size());
            ASSERT_NE(window.find(*at), nullptr);
            ASSERT_EQ(window.find(*at)->token, live.at(*at));
            window.remove(*at);
            live.erase(*at);
            from.erase(at);
        } else if (!in_flight.empty()) {
            ASSERT_EQ(window.oldest()->sequence, in_flight.front());
            window.abandon_oldest();
            abandoned.push_back(in_flight.front());
            in_flight.erase(in_flight.begin());
            if (abandoned.size() > 16) {
                live.erase(abandoned.front());
                ASSERT_EQ(window.find(abandoned.front()), nullptr);
                abandoned.erase(abandoned.begin());
            }
        }
        ASSERT_EQ(window.in_flight(), in_flight.size());
        ASSERT_EQ(window.abandoned(), abandoned.size());
    }
    for (const auto& [number, token] : live)
        ASSERT_EQ(window.find(number)->token, token);
}

TEST(output_queue_model, urgent_first_chunks_at_pdu_boundaries_positions_exact) {
    output_queue queue(64);
    const auto put = [](std::vector<std::uint8_t>& to, std::uint32_t sequence) {
        encode_header_only(to, enquire_link, esme_rok, sequence);
    };
    const auto last = [](std::span<const std::uint8_t> out) { return int{out.back()}; };
    for (std::uint32_t i = 1; i <= 6; ++i)
        put(queue.bulk(), i);
    put(queue.urgent(), 100);
    EXPECT_EQ(queue.bulk_position(), 96U);
    ASSERT_EQ(queue.stage().size(), 16U + 64U);  // one urgent, four of the six
    EXPECT_EQ(last(queue.stage()), 4);
    EXPECT_EQ(queue.progress(48), request_progress::staged);
    EXPECT_EQ(queue.progress(64), request_progress::waiting);
    queue.consume(16);
    EXPECT_EQ(queue.progress(0), request_progress::staged);
    queue.consume(33);
    EXPECT_EQ(queue.progress(0), request_progress::written);
    EXPECT_EQ(queue.progress(32), request_progress::written);
    EXPECT_EQ(queue.progress(48), request_progress::staged);
    put(queue.urgent(), 101);
    put(queue.bulk(), 7);
    EXPECT_EQ(queue.stage().size(), 31U);
    queue.consume(31);
    ASSERT_EQ(queue.stage().size(), 16U + 48U);
    EXPECT_EQ(queue.stage()[15], 101);
    EXPECT_EQ(last(queue.stage()), 7);
    EXPECT_EQ(queue.progress(96), request_progress::staged);
    queue.consume(64);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.bulk_position(), 112U);
}

}  // namespace
}  // namespace hikyaku::smpp::test
