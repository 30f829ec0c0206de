#include "bench/load/http_load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/json.hpp>
#include <cassert>
#include <optional>
#include <tuple>
#include <utility>

#include "gateway/api/json/text.hpp"
#include "smpp/io/connector.hpp"
#include "smpp/io/spawn.hpp"
#include "smpp/io/use_tuple.hpp"

namespace hikyaku::bench {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace json = boost::json;
using smpp::io::use_tuple;

namespace {

constexpr std::size_t read_bytes = 64 << 10;

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
    std::string body;  // of the request
    std::string to;
    std::string answer;

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
    const std::string host = fmt::format("Host: {}:{}\r\n", options_.host, options_.port);
    if (!options_.paths.empty()) {
        head_ = "GET ";
        head_end_ = fmt::format(" HTTP/1.1\r\n{}User-Agent: hikyaku-load\r\n\r\n", host);
    } else {
        head_ = fmt::format(
            "POST /v1/messages HTTP/1.1\r\n{}Authorization: Bearer {}\r\n"
            "Content-Type: application/json\r\n{}",
            host, options_.token,
            options_.idempotency_keys ? "Idempotency-Key: " : "Content-Length: ");
    }
    message_ = R"({"from":)";
    gateway::api::append_json_string(message_, options_.from);
    message_ += R"(,"to":")";
    message_end_ = R"(","text":)";
    gateway::api::append_json_string(message_end_, options_.text);
    message_end_ += '}';
}

namespace {

/// Looks random and is another one for each number (splitmix64).
std::uint64_t mixed(std::uint64_t number) {
    number *= 0x9E3779B97F4A7C15ULL;
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9ULL;
    number = (number ^ number >> 27) * 0x94D049BB133111EBULL;
    return number ^ number >> 31;
}

}  // namespace

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

void http_load::write_body(std::uint64_t index, worker& by) const {
    const auto add_one = [&](std::uint64_t number) {
        write_destination(options_, number, by.to);
        by.body.append(message_).append(by.to).append(message_end_);
    };
    by.body.clear();
    if (options_.batch == 1) return add_one(index);
    by.body += R"({"messages":[)";
    for (std::uint32_t i = 0; i < options_.batch; ++i) {
        if (i > 0) by.body += ',';
        add_one(index * options_.batch + i);
    }
    by.body += "]}";
}

void http_load::write_request(std::uint64_t index, worker& by) const {
    by.request.assign(head_);
    if (!options_.paths.empty()) {
        by.request.append(options_.paths[index % options_.paths.size()]).append(head_end_);
        return;
    }
    write_body(index, by);
    if (options_.idempotency_keys)
        fmt::format_to(std::back_inserter(by.request),
                       "{:016x}{:016x}\r\nContent-Length: ", mixed(keys_from_ + 2 * index),
                       mixed(keys_from_ + 2 * index + 1));
    const fmt::format_int length(by.body.size());
    by.request.append(length.data(), length.size()).append("\r\n\r\n").append(by.body);
}

// A request fits into the socket's buffer as a rule: then there is nothing to wait for.
asio::awaitable<bool> http_load::send_request(worker& by) {
    asio::const_buffer bytes(by.request.data(), by.request.size());
    boost::system::error_code error;
    bytes += by.stream->socket().write_some(bytes, error);
    if (bytes.size() == 0) co_return true;
    if (error && error != asio::error::would_block) co_return false;
    std::tie(error, std::ignore) =
        co_await asio::async_write(by.stream->socket(), bytes, use_tuple);
    co_return !error;
}

asio::awaitable<bool> http_load::read_answer(worker& by, http_answer& into) {
    for (;;) {
        auto [error, size] =
            co_await by.stream->socket().async_read_some(by.buffer.prepare(read_bytes), use_tuple);
        by.buffer.commit(size);
        if (error == asio::error::eof && into.got_some()) {
            into.put_eof(error);
            co_return !error;
        }
        if (error) co_return false;
        by.buffer.consume(into.put(by.buffer.data(), error));
        if (error && error != http::error::need_more) co_return false;
        if (into.is_done()) co_return true;
    }
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
        if (accepted < asked)
            into.refused[good ? std::string("in_batch") : std::to_string(status)] +=
                asked - accepted;
    });
}

void http_load::on_worker_end() {
    assert(running_ > 0);
    if (--running_ > 0) return;
    limit_.cancel();
    intervals_.end(std::chrono::steady_clock::now());
    report_.unsent = pacer_.left() * options_.batch;
    if (!reached_)
        report_.fault = fmt::format("cannot connect to {}:{}", options_.host, options_.port);
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
            boost::system::error_code ignored;
            self->stream->socket().non_blocking(true, ignored);  // for send_request()
            self->buffer.clear();
            continue;  // the moment may have gone to somebody else
        }
        write_request(pacer_.taken(), *self);
        pacer_.advance();
        if (*intended > std::chrono::steady_clock::now()) {
            self->timer.expires_at(*intended);
            co_await self->timer.async_wait(use_tuple);
            if (alive.expired()) co_return;
        }
        const std::uint64_t sent = options_.paths.empty() ? options_.batch : 1;
        count([&](load_report& into) { into.messages += sent; });
        http_answer answer(sent > 1 ? &self->answer : nullptr);
        bool good = co_await send_request(*self);
        if (good && !alive.expired()) good = co_await read_answer(*self, answer);
        if (alive.expired()) co_return;
        if (!good) {
            on_failure("connection");
            count([](load_report& into) { ++into.reconnects; });
            self->stream.reset();
            continue;
        }
        on_answer(answer.status(), self->answer, *intended);
        if (!answer.keep_alive()) self->stream.reset();
    }
    on_worker_end();
}

}  // namespace hikyaku::bench
