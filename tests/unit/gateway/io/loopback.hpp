// What the tests of this folder share: an io_context that runs on a thread of its own, a raw client
// with blocking sockets.
#pragma once

#include <gtest/gtest.h>
#include <sys/time.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "gateway/io/http_server.hpp"
#include "gateway/io/spawn.hpp"
#include "tests/support/waiting.hpp"

namespace hikyaku::gateway::io::testing_support {

using boost::asio::ip::tcp;

/// Runs the io_context. Everything that lives on it is used through call().
class io_thread {
public:
    ~io_thread() { stop(); }
    void start() {
        thread_ = std::thread([this] { context.run(); });
    }
    void stop() {
        if (!thread_.joinable()) return;
        context.stop();
        thread_.join();
    }
    /// Runs `work` on the io thread and returns what it returns.
    template <typename Work>
    auto call(Work work) {
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto result = task.get_future();
        boost::asio::post(context, [&task] { task(); });
        return result.get();
    }
    /// True as soon as `condition`, asked on the io thread again and again, holds.
    template <typename Condition>
    [[nodiscard]] bool becomes(Condition condition) {
        const auto end = std::chrono::steady_clock::now() + tests::hangs_after;
        while (!call(condition)) {
            if (std::chrono::steady_clock::now() >= end) return false;
            std::this_thread::yield();
        }
        return true;
    }

    boost::asio::io_context context;
    tasks background{context};

private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        context.get_executor()};
    std::thread thread_;
};

struct raw_response {
    unsigned status = 0;
    std::string head, body;
    [[nodiscard]] std::string header(std::string_view name) const {
        const std::string wanted = "\r\n" + std::string{name} + ": ";
        const auto at = head.find(wanted);
        if (at == std::string::npos) return {};
        const auto begin = at + wanted.size();
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

/// A client that speaks octets, so that it can break every rule.
class raw_client {
public:
    /// With `receive_buffer` the system keeps about so many octets that are not received yet.
    explicit raw_client(tcp::endpoint server, int receive_buffer = 0) : socket_(context_) {
        socket_.open(server.protocol());
        if (receive_buffer > 0)
            socket_.set_option(boost::asio::socket_base::receive_buffer_size(receive_buffer));
        socket_.connect(server);
        const timeval timeout{tests::hangs_after.count(), 0};
        setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    }
    void send(std::string_view octets) {
        boost::system::error_code ignored;
        boost::asio::write(socket_, boost::asio::buffer(octets), ignored);
    }
    /// The next response; status 0 if the connection ended before it was complete.
    raw_response receive(bool with_body = true) {
        raw_response response;
        while (true) {
            const auto end = received_.find("\r\n\r\n");
            if (end != std::string::npos) {
                response.head = received_.substr(0, end + 4);
                break;
            }
            if (!more()) return response;
        }
        if (with_body && response.header("Transfer-Encoding") == "chunked")
            return receive_chunks(std::move(response));
        std::size_t length = 0;
        const std::string text = response.header("Content-Length");
        std::from_chars(text.data(), text.data() + text.size(), length);
        if (!with_body) length = 0;
        while (received_.size() < response.head.size() + length)
            if (!more()) return response;
        response.body = received_.substr(response.head.size(), length);
        received_.erase(0, response.head.size() + length);
        std::from_chars(response.head.data() + 9, response.head.data() + 12, response.status);
        return response;
    }
    /// What has come and was not received, as soon as it holds `words`; empty if it never does.
    std::string receive_until(std::string_view words) {
        while (received_.find(words) == std::string::npos)
            if (!more()) return {};
        return std::exchange(received_, {});
    }
    /// All that comes until the server closes.
    std::string receive_all() {
        while (more())
            continue;
        return std::exchange(received_, {});
    }
    /// Octets that have come and were not received.
    [[nodiscard]] std::size_t waiting() const { return received_.size() + socket_.available(); }
    raw_response ask(std::string_view request) {
        send(request);
        return receive(!request.starts_with("HEAD"));
    }
    /// True if the server has closed and nothing more came.
    bool closed() { return received_.empty() && !more() && ended_; }
    /// The end that closed() has found was an error.
    [[nodiscard]] bool was_reset() const { return reset_; }
    void close() { socket_.close(); }

private:
    raw_response receive_chunks(raw_response response) {
        received_.erase(0, response.head.size());
        for (;;) {
            std::size_t end = 0;
            while ((end = received_.find("\r\n")) == std::string::npos)
                if (!more()) return response;
            const std::size_t size = std::stoul(received_.substr(0, end), nullptr, 16);
            while (received_.size() < end + 2 + size + 2)
                if (!more()) return response;
            response.body.append(received_, end + 2, size);
            received_.erase(0, end + 2 + size + 2);
            if (size == 0) break;
        }
        std::from_chars(response.head.data() + 9, response.head.data() + 12, response.status);
        return response;
    }
    bool more() {
        std::array<char, 16384> buffer;
        const auto size = recv(socket_.native_handle(), buffer.data(), buffer.size(), 0);
        if (size <= 0) {
            reset_ = size < 0 && errno == ECONNRESET;
            ended_ = size == 0 || reset_;
            // An answer that does not come is no end of the connection.
            if (!ended_ && (errno == EAGAIN || errno == EWOULDBLOCK))
                ADD_FAILURE() << "nothing came for too long";
            return false;
        }
        received_.append(buffer.data(), static_cast<std::size_t>(size));
        return true;
    }

    boost::asio::io_context context_;
    tcp::socket socket_;
    std::string received_;
    bool ended_ = false;
    bool reset_ = false;
};

}  // namespace hikyaku::gateway::io::testing_support
