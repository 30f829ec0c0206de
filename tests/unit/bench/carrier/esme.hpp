// What the tests of the simulated carrier share: a carrier on a free port, and clients that write
// down what it sends them, all in one io_context.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/carrier/simulator.hpp"
#include "smpp/io/connection.hpp"
#include "smpp/io/connector.hpp"
#include "smpp/io/spawn.hpp"
#include "smpp/text/receipt.hpp"
#include "tests/support/waiting.hpp"

namespace hikyaku::bench::test {

struct answer {
    std::uint64_t token = 0;
    smpp::command_status status = smpp::command_status::esme_rok;
    std::string id;
    std::optional<std::uint8_t> congestion;
};

struct delivered {
    std::string from, to;
    std::uint8_t from_ton = 0;
    std::uint8_t to_ton = 0;
    std::uint8_t esm_class = 0;
    std::uint8_t data_coding = 0;
    std::string octets;
    std::string id, stat;  // of a receipt's text
    std::optional<std::string> tlv_id;
    std::optional<std::uint8_t> tlv_state;
    bool in_data_sm = false;
};

class esme final : public smpp::io::connection_handler {
public:
    ~esme() override {
        if (!link || closed) return;
        link->detach();
        link->close();
    }
    void on_events(smpp::io::connection& from,
                   std::span<const smpp::session_event> events) override {
        for (const smpp::session_event& event : events)
            on_event(from, event);
    }
    void on_closed(smpp::io::connection&, smpp::close_reason why) override { closed = why; }

    [[nodiscard]] bool is_bound() const { return link && link->session().is_bound(); }

    /// Submits a text; the token is the number of submissions before.
    void submit(std::string_view to, std::string_view text, std::uint8_t registered = 1,
                std::string_view validity = {}) {
        smpp::submit_sm body;
        body.source_addr_ton = 5;
        body.source_addr = "Bank";
        body.dest_addr_ton = 1;
        body.dest_addr_npi = 1;
        body.destination_addr = to;
        body.registered_delivery = registered;
        body.validity_period = validity;
        body.short_message = smpp::text::octets_of(text);
        const auto sent =
            link->session().submit(smpp::make_pdu(0, body), tokens++, smpp::io::connection::now());
        ASSERT_TRUE(sent.has_value()) << smpp::name_of(sent.error());
        link->kick();
    }

    [[nodiscard]] std::size_t accepted() const {
        return static_cast<std::size_t>(
            std::ranges::count(answers, smpp::command_status::esme_rok, &answer::status));
    }

    std::shared_ptr<smpp::io::connection> link;
    std::vector<answer> answers;
    std::vector<delivered> deliveries;
    std::string order;  // 'a' for each answer, 'd' for each delivery
    std::optional<smpp::command_status> bind_refused;
    std::optional<smpp::close_reason> closed;
    std::optional<std::string> outbind;  // its password
    /// How a delivery is answered; empty: not at all.
    std::optional<smpp::command_status> reply = smpp::command_status::esme_rok;
    std::uint64_t tokens = 0;
    std::size_t failed = 0;

private:
    void on_event(smpp::io::connection& from, const smpp::session_event& event) {
        using kind = smpp::session_event_kind;
        if (event.kind == kind::bind_refused) bind_refused = event.status();
        if (event.kind == kind::request_failed) ++failed;
        if (event.kind == kind::response) {
            order += 'a';
            const auto* const body = event.body_if<smpp::submit_sm_resp>();
            answers.push_back({event.token, event.status(),
                               body != nullptr ? std::string(body->message_id) : std::string(),
                               event.congestion_state()});
        }
        if (event.kind == kind::outbind) outbind = event.body_if<smpp::outbind>()->password;
        if (event.kind != kind::request) return;
        order += 'd';
        if (const auto* const data = event.body_if<smpp::data_sm>()) {
            smpp::deliver_sm same;
            same.source_addr = data->source_addr;
            same.destination_addr = data->destination_addr;
            same.esm_class = data->esm_class;
            same.short_message = smpp::message_octets(*data, event.value.tlvs).value();
            note(same, event.value.tlvs);
            deliveries.back().in_data_sm = true;
        } else {
            note(*event.body_if<smpp::deliver_sm>(), event.value.tlvs);
        }
        if (reply) from.session().respond(event.request(), *reply, smpp::io::connection::now());
    }

    void note(const smpp::deliver_sm& body, const smpp::tlv_list& tlvs) {
        delivered one{std::string(body.source_addr),
                      std::string(body.destination_addr),
                      body.source_addr_ton,
                      body.dest_addr_ton,
                      body.esm_class,
                      body.data_coding,
                      std::string(smpp::text::chars_of(body.short_message)),
                      {},
                      {},
                      {},
                      {}};
        if (const auto fields = smpp::text::parse_receipt(one.octets)) {
            one.id = fields->id.value_or("");
            one.stat = fields->stat.value_or("");
        }
        if (const auto id = tlvs.cstring(smpp::tag::receipted_message_id)) one.tlv_id = *id;
        one.tlv_state = tlvs.u8(smpp::tag::message_state);
        deliveries.push_back(std::move(one));
    }
};

class carrier_fixture : public ::testing::Test {
protected:
    carrier_fixture() {
        options.receipt_delay = std::chrono::microseconds(0);
        options.retry_delay = std::chrono::microseconds(1000);
    }

    void start() {
        carrier.emplace(loop.get_executor(), options);
        const boost::asio::ip::tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
        ASSERT_TRUE(carrier->listen(any).has_value());
    }

    /// Runs the loop until `done`.
    void run_until(const std::function<bool()>& done) {
        ASSERT_TRUE(tests::turn_until(loop, done)) << "it did not happen in time";
    }

    /// A client that has connected and asked to bind.
    std::unique_ptr<esme> dial(smpp::command_id kind = smpp::command_id::bind_transceiver,
                               std::string_view system_id = "app",
                               std::string_view password = "secret") {
        auto made = std::make_unique<esme>();
        bool ended = false;
        smpp::io::spawn(
            loop.get_executor(), connect(*made, ended), [&] { ended = true; });
        run_until([&] { return ended; });
        if (!made->link) {
            ADD_FAILURE() << "no connection";
            return made;
        }
        const smpp::bind_request request{
            .system_id = system_id, .password = password, .interface_version = 0x50};
        EXPECT_TRUE(made->link->session().bind(kind, request, smpp::io::connection::now()));
        made->link->kick();
        return made;
    }

    /// The same, bound.
    std::unique_ptr<esme> bound(smpp::command_id kind = smpp::command_id::bind_transceiver,
                                std::string_view system_id = "app") {
        auto made = dial(kind, system_id);
        run_until([&] { return made->is_bound(); });
        return made;
    }

    boost::asio::io_context loop;
    carrier_options options;
    std::optional<carrier_simulator> carrier;

private:
    boost::asio::awaitable<void> connect(esme& into, bool& ended) {
        smpp::io::connector_settings target;
        target.host = "127.0.0.1";
        target.port = carrier->local().port();
        auto stream = co_await smpp::io::connect(loop.get_executor(), target);
        if (stream) {
            smpp::session_settings settings;
            settings.role = smpp::session_role::client;
            settings.interface_version = 0x50;
            settings.window_max = 1000;
            settings.peer_window_max = 1000;
            into.link = smpp::io::connection::create(std::move(*stream), settings, &into);
            into.link->start();
        }
        ended = true;
    }
};

}  // namespace hikyaku::bench::test
