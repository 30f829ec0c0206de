// Two sessions back to back, a client and a server, without sockets: what a submit_sm and its
// response cost in the session machines alone. The argument is the window.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "smpp/session/session.hpp"

namespace {

using namespace hikyaku;
using smpp::session_event_kind;

// A moment that moves with the work, so that no clock is measured.
const smpp::session_time epoch{std::chrono::hours(1)};

// Carries what `from` wants to write and hands the events of `to` to `on_event`, chunk by chunk, as
// a connection does.
template <class OnEvent>
void carry(smpp::session& from, smpp::session& to, smpp::session_time now, OnEvent on_event) {
    for (auto bytes = from.output(); !bytes.empty(); bytes = from.output()) {
        to.receive(bytes, now);
        from.consume_output(bytes.size());
        for (const smpp::session_event& event : to.take_events())
            on_event(event);
    }
}

smpp::session_settings settings_of(smpp::session_role role, std::uint32_t window) {
    smpp::session_settings settings;
    settings.role = role;
    settings.system_id = "bench";
    settings.window_max = window;
    settings.peer_window_max = window;
    settings.output_bytes_max = 16 << 20;
    return settings;
}

void bind(smpp::session& client, smpp::session& server) {
    const smpp::bind_request request{.system_id = "bench", .password = "bench"};
    if (!client.bind(smpp::command_id::bind_transceiver, request, epoch)) std::abort();
    carry(client, server, epoch, [&](const auto&) { server.accept_bind(epoch); });
    carry(server, client, epoch, [](const auto&) {});
    if (!client.is_bound()) std::abort();
}

void submit_and_respond(benchmark::State& state) {
    const auto window = static_cast<std::uint32_t>(state.range(0));
    smpp::session client(settings_of(smpp::session_role::client, window), epoch);
    smpp::session server(settings_of(smpp::session_role::server, window), epoch);
    bind(client, server);
    constexpr std::string_view text = "A reminder of some forty characters or so.";
    smpp::submit_sm body;
    body.source_addr = "Hikyaku";
    body.destination_addr = "819012345678";
    body.short_message = {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    const smpp::pdu request = smpp::make_pdu(0, body);
    smpp::session_time now = epoch;
    std::int64_t answered = 0;
    for (auto _ : state) {
        now += std::chrono::microseconds(1);
        for (std::uint32_t i = 0; i < window; ++i)
            if (!client.submit(request, i, now)) std::abort();
        carry(
            client, server, now,
            [&](const smpp::session_event& event) {
                server.respond(event.request(), smpp::submit_sm_resp{"1732240000000001"}, {}, now);
            });
        carry(server, client, now, [&](const smpp::session_event& event) {
            answered += event.kind == session_event_kind::response ? 1 : 0;
        });
    }
    if (answered != state.iterations() * static_cast<std::int64_t>(window)) std::abort();
    state.SetItemsProcessed(answered);
}
BENCHMARK(submit_and_respond)->Arg(1)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace
