#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bench/carrier/simulator.hpp"
#include "bench/load/http_load.hpp"
#include "bench/load/smpp_load.hpp"
#include "gateway/io/http_server.hpp"
#include "tests/support/waiting.hpp"

namespace hikyaku::bench {
namespace {

using namespace std::chrono_literals;

// The load generator and what it loads, in one io_context.
class load : public ::testing::Test {
protected:
    load() {
        carrier_settings.receipt_delay = 0us;
        carrier_settings.phone = false;
        options.wait = tests::beyond_hanging;
        options.window = 20;
    }

    template <class Load>
    load_report run() {
        std::optional<load_report> result;
        Load generator(
            loop.get_executor(), options, [&] { result = generator.report(); });
        generator.set_on_interval([&](const load_report& part) { parts.push_back(part); });
        generator.start();
        EXPECT_TRUE(tests::turn_until(loop, [&] { return result.has_value(); }))
            << "the run did not end";
        return result.value_or(load_report());
    }

    load_report run_smpp() {
        carrier.emplace(loop.get_executor(), carrier_settings);
        const boost::asio::ip::tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
        EXPECT_TRUE(carrier->listen(any).has_value());
        options.port = carrier->local().port();
        return run<smpp_load>();
    }

    boost::asio::io_context loop;
    carrier_options carrier_settings;
    std::optional<carrier_simulator> carrier;
    load_options options;
    std::vector<load_report> parts;  // of intervals
};

TEST_F(load, a_thousand_messages_and_all_their_receipts) {
    options.count = 1000;
    const load_report report = run_smpp();
    EXPECT_EQ(report.fault, "");
    EXPECT_EQ(report.messages, 1000U);
    EXPECT_EQ(report.accepted, 1000U);
    EXPECT_EQ(report.receipts, 1000U);
    EXPECT_EQ(report.matched, 1000U);
    EXPECT_EQ(report.receipts_by_stat.at("DELIVRD"), 1000U);
    EXPECT_EQ(report.lost + report.unsent + report.unmatched, 0U);
    EXPECT_TRUE(report.refused.empty());
    EXPECT_TRUE(report.failed.empty());
    EXPECT_EQ(report.response_latency.count(), 1000U);
    EXPECT_EQ(report.receipt_latency.count(), 1000U);
    EXPECT_GE(report.receipt_latency.max(), report.response_latency.percentile(0));
    EXPECT_EQ(exit_code_of(report), 0);
    EXPECT_EQ(carrier->stats().accepted, 1000U);
    EXPECT_EQ(carrier->stats().binds, 2U);
}

TEST_F(load, an_open_loop_keeps_its_rate) {
    options.per_second = 1000;
    options.duration = 200ms;
    const load_report report = run_smpp();
    EXPECT_EQ(report.messages, 200U);
    EXPECT_EQ(report.matched, 200U);
    EXPECT_GE(report.last_response - report.started, 199ms);
}

TEST_F(load, intervals_add_up_to_the_whole) {
    options.per_second = 1000;
    options.duration = 1s;
    options.report_every = 100ms;
    const load_report report = run_smpp();
    ASSERT_GE(parts.size(), 2U);
    std::uint64_t messages = 0, accepted = 0, matched = 0, responses = 0;
    load_report::time at = report.started;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        EXPECT_EQ(parts[i].interval, i + 1);
        EXPECT_EQ(parts[i].started, at) << "a gap";
        at = parts[i].ended;
        messages += parts[i].messages;
        accepted += parts[i].accepted;
        matched += parts[i].matched;
        responses += parts[i].response_latency.count();
    }
    EXPECT_EQ(messages, 1000U);
    EXPECT_EQ(accepted, 1000U);
    EXPECT_EQ(matched, 1000U);
    EXPECT_EQ(responses, 1000U);
    EXPECT_LT(parts.front().messages, 1000U);
    EXPECT_GE(parts.front().ended - parts.front().started, 100ms);
}

TEST_F(load, no_intervals_unless_asked_for) {
    options.count = 100;
    EXPECT_EQ(run_smpp().accepted, 100U);
    EXPECT_TRUE(parts.empty());
}

// The server answers each message late, and one at a time: the wait for the window counts.
TEST_F(load, latency_counts_from_the_intended_moment) {
    carrier_settings.response_delay = 10ms;
    options.registered = false;
    options.binds = 1;
    options.window = 1;
    options.per_second = 1000;
    options.count = 20;
    const load_report report = run_smpp();
    EXPECT_EQ(report.accepted, 20U);
    // The last was due at 19 ms and answered after 20 times 10 ms.
    EXPECT_GE(report.response_latency.max(), 181ms);
    EXPECT_GE(report.response_latency.percentile(0.5), 80ms);
}

TEST_F(load, tells_refusals_and_failures_apart) {
    carrier_settings.refuse = {{smpp::command_status::esme_rmsgqful, 0.3}};
    carrier_settings.fail = 0.5;
    options.count = 200;
    const load_report report = run_smpp();
    const std::uint64_t refused = report.refused.at("ESME_RMSGQFUL");
    EXPECT_EQ(refused, carrier->stats().refused.at(smpp::command_status::esme_rmsgqful));
    EXPECT_EQ(report.accepted, 200 - refused);
    EXPECT_EQ(report.matched, report.accepted);
    EXPECT_GT(report.receipts_by_stat.at("UNDELIV"), 0U);
    EXPECT_EQ(exit_code_of(report), 0);
}

TEST_F(load, missing_receipts_are_lost) {
    carrier_settings.no_receipt = 0.1;
    options.count = 100;
    options.wait = 200ms;
    const load_report report = run_smpp();
    EXPECT_GT(report.lost, 0U);
    EXPECT_EQ(report.lost + report.matched, 100U);
    EXPECT_EQ(exit_code_of(report), 1);
}

TEST_F(load, receipts_may_come_first_or_twice) {
    carrier_settings.receipt_before_response = 0.5;
    carrier_settings.duplicate_receipts = 0.2;
    carrier_settings.response_ids = carrier_settings.receipt_ids = id_form::uuid;
    options.count = 200;
    const load_report report = run_smpp();
    EXPECT_EQ(report.matched, 200U);
    EXPECT_EQ(report.lost, 0U);
    EXPECT_EQ(report.unmatched, report.receipts - 200);
}

TEST_F(load, sending_pauses_while_too_much_is_outstanding) {
    carrier_settings.receipt_delay = 20ms;
    options.count = 50;
    options.outstanding_max = 10;
    const load_report report = run_smpp();
    EXPECT_EQ(report.matched, 50U);
    EXPECT_GE(report.last_response - report.started, 80ms);  // five rounds
}

TEST_F(load, goes_on_after_a_disconnect) {
    carrier_settings.disconnect_after = 40;
    options.binds = 1;
    options.registered = false;
    options.count = 100;
    const load_report report = run_smpp();
    EXPECT_EQ(report.messages, 100U);
    EXPECT_GE(report.reconnects, 2U);
    std::uint64_t failed = 0;
    for (const auto& [reason, count] : report.failed)
        failed += count;
    EXPECT_GT(failed, 0U);
    EXPECT_EQ(report.accepted + failed, 100U);
}

TEST_F(load, a_long_text_goes_as_one_payload) {
    carrier_settings.phone = true;
    options.count = 1;
    options.to_prefix = "+81";
    for (int i = 0; i < 300; ++i)
        options.text += "é";
    options.text += "あ";
    const load_report report = run_smpp();
    EXPECT_EQ(report.matched, 1U);
    EXPECT_EQ(carrier->phone()->find("+8100000000")->messages.at(0).text, options.text);
}

TEST_F(load, says_why_it_cannot_begin) {
    carrier_settings.password = "other";
    options.count = 1;
    const load_report refused = run_smpp();
    EXPECT_NE(refused.fault.find("ESME_RINVPASWD"), std::string::npos) << refused.fault;
    EXPECT_EQ(exit_code_of(refused), 2);

    carrier.reset();  // nobody listens there now
    const load_report alone = run<smpp_load>();
    EXPECT_NE(alone.fault.find("cannot connect"), std::string::npos) << alone.fault;
    options.text = "\xFF";
    EXPECT_NE(run<smpp_load>().fault.find("UTF-8"), std::string::npos);
}

// HTTP.

struct api final : gateway::io::http_handler {
    void handle(const gateway::api::http_request& request,
                gateway::io::http_responder responder) override {
        ++requests;
        targets.emplace_back(request.target);
        gateway::api::http_response response;
        if (request.method == "GET") {
            response.status = 302;
        } else if (request.header("Authorization") != "Bearer demo-token") {
            response.status = 401;
        } else {
            const boost::json::value body = boost::json::parse(request.body);
            const auto* const list = body.get_object().if_contains("messages");
            const std::size_t count = list == nullptr ? 1 : list->as_array().size();
            const boost::json::value& first = list == nullptr ? body : list->as_array().at(0);
            destinations.emplace_back(first.at("to").as_string());
            text_octets.push_back(first.at("text").as_string().size());
            if (const auto key = request.header("Idempotency-Key"); !key.empty()) keys.emplace(key);
            response.status = 202;
            // One of each batch is refused.
            response.body = boost::json::serialize(
                boost::json::object{{"accepted", count - 1}, {"refused", 1}});
        }
        responder.send(std::move(response));
    }
    gateway::io::head_verdict look_at_head(const gateway::api::http_request&) override {
        return {.refusal = {}, .owner = 1};  // its bodies are larger than a stranger's may be
    }
    std::size_t requests = 0;
    std::vector<std::string> targets;
    std::vector<std::string> destinations;
    std::vector<std::size_t> text_octets;
    std::set<std::string> keys;
};

class http_requests : public load {
protected:
    load_report run_http() {
        gateway::io::tasks background(loop);
        gateway::io::http_server server(background, "test", limits, handler);
        const auto where = server.listen({"127.0.0.1", 0});
        EXPECT_TRUE(where.has_value());
        options.port = where->port();
        options.connections = 4;
        const load_report report = run<http_load>();
        server.abort();
        EXPECT_TRUE(tests::turn_until(loop, [&] { return background.running() == 0; }));
        return report;
    }
    gateway::io::http_limits limits;
    api handler;
};

TEST_F(http_requests, posts_messages_one_by_one) {
    options.token = "demo-token";
    options.count = 100;
    const load_report report = run_http();
    EXPECT_EQ(report.fault, "");
    EXPECT_EQ(report.messages, 100U);
    EXPECT_EQ(report.accepted, 100U);
    EXPECT_EQ(report.response_latency.count(), 100U);
    EXPECT_EQ(handler.requests, 100U);
    std::ranges::sort(handler.destinations);
    EXPECT_EQ(handler.destinations.front(), destination(options, 0));
    EXPECT_EQ(handler.destinations.back(), destination(options, 99));
    EXPECT_EQ(exit_code_of(report), 0);
}

TEST_F(http_requests, each_request_has_a_key_of_its_own) {
    options.token = "demo-token";
    options.count = 50;
    run_http();
    EXPECT_EQ(handler.keys.size(), 0U);
    options.idempotency_keys = true;
    EXPECT_EQ(run_http().accepted, 50U);
    EXPECT_EQ(handler.keys.size(), 50U);
}

TEST_F(http_requests, posts_batches_at_a_rate) {
    options.token = "demo-token";
    options.count = 200;
    options.batch = 10;
    options.per_second = 2000;
    const load_report report = run_http();
    EXPECT_EQ(handler.requests, 20U);
    EXPECT_EQ(report.messages, 200U);
    EXPECT_EQ(report.accepted, 180U);
    EXPECT_EQ(report.refused.at("in_batch"), 20U);
    EXPECT_GE(report.last_response - report.started, 95ms);
}

// More than Linux lets a socket buffer (4 MiB), and the server reads in the same thread: the first
// write takes only a part.
TEST_F(http_requests, a_request_that_no_socket_takes_whole_arrives_whole) {
    limits.message.body_bytes_max = 32U << 20;
    options.token = "demo-token";
    options.text.assign(12U << 20, 'x');
    options.count = 2;
    const load_report report = run_http();
    EXPECT_EQ(report.accepted, 2U);
    EXPECT_EQ(report.reconnects, 0U);
    EXPECT_EQ(handler.text_octets, std::vector<std::size_t>(2, options.text.size()));
}

TEST_F(http_requests, counts_refusals_by_status) {
    options.token = "wrong";
    options.count = 10;
    const load_report report = run_http();
    EXPECT_EQ(report.accepted, 0U);
    EXPECT_EQ(report.refused.at("401"), 10U);
}

TEST_F(http_requests, gets_links) {
    options.paths = {"/aaa", "/bbb"};
    options.count = 10;
    const load_report report = run_http();
    EXPECT_EQ(report.accepted, 10U);
    EXPECT_EQ(std::ranges::count(handler.targets, "/aaa"), 5);
    EXPECT_EQ(std::ranges::count(handler.targets, "/bbb"), 5);
}

TEST_F(http_requests, says_why_it_cannot_begin) {
    carrier.emplace(loop.get_executor(), carrier_settings);
    const boost::asio::ip::tcp::endpoint any(boost::asio::ip::make_address("127.0.0.1"), 0);
    ASSERT_TRUE(carrier->listen(any).has_value());
    options.port = carrier->local().port();
    carrier.reset();
    options.count = 1;
    const load_report report = run<http_load>();
    EXPECT_NE(report.fault.find("cannot connect"), std::string::npos);
    EXPECT_EQ(exit_code_of(report), 2);
}

}  // namespace
}  // namespace hikyaku::bench
