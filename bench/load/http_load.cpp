#include "bench/load/http_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json.hpp>
#include <cassert>
#include <optional>
#include <utility>

#include "smpp/io/connector.hpp"
#include "smpp/io/spawn.hpp"

namespace hikyaku::bench {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;

namespace {

constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable);
constexpr std::chrono::milliseconds reconnect_pause{200};
constexpr std::uint64_t answer_bytes_max = 8 << 20;

std::optional<std::uint64_t> requests_of(const load_options& options) {
    if (!options.count) return std::nullopt;
    return (*options.count + options.batch - 1) / options.batch;
}

std::optional<double> requests_per_second(const load_options& options) {
    if (!options.per_second) return std::nullopt;
    return *options.per_second / options.batch;
}

std::uint64_t number_in(const json::value& body, std::string_view name) {
    const json::object* const object = body.if_object();
    const json::value* const found = object != nullptr ? object->if_contains(name) : nullptr;
    if (found == nullptr) return 0;
    json::error_code error;
    const auto number = found->to_number<std::uint64_t>(error);
    return error ? 0 : number;
}

}  // namespace

struct http_load::worker {
    explicit worker(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    std::optional<smpp::io::stream> stream;
    boost::beast::flat_buffer buffer;
    std::string request;
    std::string body;

    void close() {
        boost::system::error_code ignored;
        if (stream) stream->socket().close(ignored);
        timer.cancel();
    }
};

http_load::http_load(asio::any_io_executor executor, load_options options,
                     std::function<void()> on_done)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      on_done_(std::move(on_done)),
      pacer_(requests_per_second(options_), requests_of(options_), options_.duration),
      intervals_(options_.report_every),
      limit_(executor_) {
    assert(options_.connections > 0 && options_.batch > 0);
}

http_load::~http_load() {
    for (const auto& one : workers_)
        one->close();
}

void http_load::start() {
    const time now = std::chrono::steady_clock::now();
    pacer_.start(now);
    report_.started = report_.last_response = report_.last_receipt = now;
    intervals_.start(now, false);
    running_ = options_.connections;
    for (std::uint32_t i = 0; i < options_.connections; ++i) {
        workers_.push_back(std::make_shared<worker>(executor_));
        const std::weak_ptr<int> alive = alive_;
        smpp::io::spawn(executor_, work(workers_.back(), alive), [this, alive] {
            if (alive.expired()) return;
            on_failure("exception");
            on_worker_end();
        });
    }
    on_limit();
}

// The run ends when it is later than `wait` allows, whatever is under way.
void http_load::on_limit() {
    limit_.expires_after(std::chrono::milliseconds(100));
    limit_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& e) {
        if (e || alive.expired() || running_ == 0) return;
        const time now = std::chrono::steady_clock::now();
        intervals_.roll(now);
        const auto end = pacer_.planned_end();
        const time base = end && *end > report_.last_response ? *end : report_.last_response;
        if (now > base + options_.wait) {
            pacer_.stop();
            for (const auto& one : workers_)
                one->close();
        }
        on_limit();
    });
}

void http_load::write_body(std::uint64_t index, std::string& into) const {
    std::string to;
    const auto add_one = [&](std::uint64_t number) {
        write_destination(options_, number, to);
        into += R"({"from":)" + json::serialize(json::string(options_.from)) + R"(,"to":")" + to +
                R"(","text":)" + json::serialize(json::string(options_.text)) + "}";
    };
    into.clear();
    if (options_.batch == 1) return add_one(index);
    into += R"({"messages":[)";
    for (std::uint32_t i = 0; i < options_.batch; ++i) {
        if (i > 0) into += ',';
        add_one(index * options_.batch + i);
    }
    into += "]}";
}

void http_load::write_request(std::uint64_t index, std::string& into, std::string& body) const {
    into.clear();
    const auto out = std::back_inserter(into);
    const std::string authority = fmt::format("{}:{}", options_.host, options_.port);
    if (!options_.paths.empty()) {
        fmt::format_to(out, "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: hikyaku-load\r\n\r\n",
                       options_.paths[index % options_.paths.size()], authority);
        return;
    }
    write_body(index, body);
    fmt::format_to(out,
                   "POST /v1/messages HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n"
                   "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
                   authority, options_.token, body.size());
    into += body;
}

void http_load::on_failure(std::string_view what) {
    count([&](load_report& into) { ++into.failed[std::string(what)]; });
}

void http_load::on_answer(unsigned status, std::string_view body, time intended) {
    const time now = std::chrono::steady_clock::now();
    count([&](load_report& into) {
        into.last_response = now;
        into.response_latency.add(now - intended);
    });
    const bool links = !options_.paths.empty();
    const std::uint64_t asked = links ? 1 : options_.batch;
    const bool good = links ? status == 302 : status == 202;
    std::uint64_t accepted = good ? asked : 0;
    if (good && asked > 1) {
        json::error_code error;
        const json::value answer = json::parse(body, error);
        accepted = error ? 0 : std::min(asked, number_in(answer, "accepted"));
    }
    count([&](load_report& into) {
        into.accepted += accepted;
        if (accepted < asked) {
            into.refused[good ? std::string("in_batch") : std::to_string(status)] +=
                asked - accepted;
        }
    });
}

void http_load::on_worker_end() {
    assert(running_ > 0);
    if (--running_ > 0) return;
    limit_.cancel();
    intervals_.end(std::chrono::steady_clock::now());
    report_.unsent = pacer_.left() * options_.batch;
    if (!reached_) {
        report_.fault = fmt::format("cannot connect to {}:{}", options_.host, options_.port);
    }
    asio::post(executor_, [this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired() && on_done_) std::exchange(on_done_, nullptr)();
    });
}

asio::awaitable<void> http_load::work(std::shared_ptr<worker> self, std::weak_ptr<int> alive) {
    if (alive.expired()) co_return;
    const asio::any_io_executor executor = executor_;
    smpp::io::connector_settings target;
    target.host = options_.host;
    target.port = options_.port;
    for (;;) {
        const auto intended = pacer_.next(std::chrono::steady_clock::now());
        if (!intended) break;
        if (!self->stream) {
            auto made = co_await smpp::io::connect(executor, target);
            if (alive.expired()) co_return;
            if (!made) {
                if (!reached_) break;
                self->timer.expires_after(reconnect_pause);
                co_await self->timer.async_wait(use_tuple);
                if (alive.expired()) co_return;
                continue;
            }
            reached_ = true;
            self->stream.emplace(std::move(*made));
            self->buffer.clear();
            continue;  // the moment may have gone to somebody else
        }
        write_request(pacer_.taken(), self->request, self->body);
        pacer_.advance();
        if (*intended > std::chrono::steady_clock::now()) {
            self->timer.expires_at(*intended);
            co_await self->timer.async_wait(use_tuple);
            if (alive.expired()) co_return;
        }
        const std::uint64_t sent = options_.paths.empty() ? options_.batch : 1;
        count([&](load_report& into) { into.messages += sent; });
        const asio::const_buffer bytes(self->request.data(), self->request.size());
        auto [error, written] =
            co_await asio::async_write(self->stream->socket(), bytes, use_tuple);
        http::response_parser<http::string_body> parser;
        parser.body_limit(answer_bytes_max);
        if (!error) {
            std::tie(error, written) =
                co_await http::async_read(self->stream->socket(), self->buffer, parser, use_tuple);
        }
        if (alive.expired()) co_return;
        if (error) {
            on_failure("connection");
            count([](load_report& into) { ++into.reconnects; });
            self->stream.reset();
            continue;
        }
        on_answer(parser.get().result_int(), parser.get().body(), *intended);
        if (!parser.get().keep_alive()) self->stream.reset();
    }
    on_worker_end();
}

}  // namespace hikyaku::bench
