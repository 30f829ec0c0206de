// An HTTP server on a thread of its own, with a handler that answers what it was asked.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/io/http_server.hpp"
#include "tests/unit/gateway/io/loopback.hpp"

namespace hikyaku::gateway::io::testing_support {

using std::chrono::milliseconds;

// As much as goes out together with its head, different for each target.
inline std::string page(std::string_view target) {
    std::string result;
    while (result.size() + target.size() < 16'000)
        result.append(target);
    return result;
}

// Answers with what it was asked: "METHOD TARGET|BODY". Some paths make it misbehave.
class echo_handler final : public http_handler {
public:
    void handle(const api::http_request& request, http_responder responder) override {
        asked.emplace_back(request.target);
        if (request.target == "/drop") return;
        if (request.target == "/hold") {
            held.push_back(std::move(responder));
            return;
        }
        api::http_response response;
        response.content_type = "text/plain";
        if (request.target == "/large") {
            response.body.assign(1 << 20, 'x');
        } else if (request.target.starts_with("/page")) {
            response.body = page(request.target);
        } else {
            response.body = fmt::format("{} {}|{}|{}", request.method, request.target, request.body,
                                        request.header("x-word"));
        }
        peer = request.peer;
        response.is_identified = identifies;
        responder.send(std::move(response));
    }
    head_verdict look_at_head(const api::http_request& request) override {
        ++heads;
        head_verdict verdict;
        if (request.target == "/refused") {
            verdict.refusal.emplace();
            verdict.refusal->status = 401;
            verdict.refusal->body = "no";
        }
        verdict.owner = owner;
        return verdict;
    }
    bool identifies = false;  // whoever got an answer
    body_budget::owner owner = 1;
    unsigned heads = 0;  // looked at before the body
    std::vector<http_responder> held;
    std::vector<std::string> asked;
    api::peer_address peer;
};

struct HttpServer : ::testing::Test {
    io_thread io;
    echo_handler handler;
    http_limits limits;
    std::unique_ptr<http_server> server;
    tcp::endpoint at;

    void listen() {
        server = std::make_unique<http_server>(io.background, "test", limits, handler);
        const auto opened = server->listen({"127.0.0.1", 0});
        ASSERT_TRUE(opened);
        at = *opened;
    }
    void start() {
        listen();
        io.start();
    }
    void TearDown() override {
        io.stop();
        handler.held.clear();
        server.reset();
    }
    http_counters counters() {
        return io.call([this] { return server->counters(); });
    }
    // Answers the oldest held request.
    void answer_held(std::string body) {
        ASSERT_TRUE(io.becomes([this] { return !handler.held.empty(); }));
        io.call([this, &body] {
            api::http_response response;
            response.body = std::move(body);
            http_responder responder = std::move(handler.held.front());
            handler.held.erase(handler.held.begin());
            responder.send(std::move(response));
        });
    }
};

constexpr std::string_view get_a = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace hikyaku::gateway::io::testing_support
