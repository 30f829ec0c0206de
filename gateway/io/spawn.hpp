// The only way in which the gateway starts a coroutine. Each one has a name, is registered while it
// runs, and an exception that leaves it ends only that one: it is logged and counted. So a stop can
// say what it still waits for, and no failure goes unseen. One `tasks` object per io_context, used
// on its thread only; it outlives every coroutine.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <vector>

namespace hikyaku::gateway::io {

class tasks {
public:
    explicit tasks(boost::asio::io_context& context) : context_(context) {}
    tasks(const tasks&) = delete;
    tasks& operator=(const tasks&) = delete;

    /// Starts `body` on the io_context. `name` says what it is for ("carrier example bind 1").
    void spawn(std::string name, boost::asio::awaitable<void> body);

    [[nodiscard]] boost::asio::io_context& context() { return context_; }
    [[nodiscard]] std::size_t running() const { return names_.size(); }
    [[nodiscard]] std::uint64_t started() const { return started_; }
    /// Coroutines that ended by an exception.
    [[nodiscard]] std::uint64_t failed() const { return failed_; }
    /// The names of those that run, oldest first, at most `count_max`.
    [[nodiscard]] std::vector<std::string> names(std::size_t count_max) const;

private:
    boost::asio::io_context& context_;
    std::list<std::string> names_;
    std::uint64_t started_ = 0;
    std::uint64_t failed_ = 0;
};

}  // namespace hikyaku::gateway::io
