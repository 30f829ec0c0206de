// Checks passwords on a thread pool of its own, because argon2id is slow on purpose (tens of
// milliseconds and megabytes each). The queue is bounded: when it is full the answer is `busy` and
// the bind is refused for now, so a flood of wrong passwords costs the data path nothing. What was
// right once is remembered as a keyed hash (the key is random and dies with the process), so that
// reconnecting clients are let in at once. Called on the io thread; handlers run there too.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace hikyaku::gateway::io {

enum class password_verdict : std::uint8_t { right, wrong, busy };

/// What a password is compared with. With `hash` empty, `plain` counts; with both empty (unknown
/// system_id) the answer is `wrong` and takes as long as a real check.
struct password_secret {
    std::string hash;  // libsodium's argon2id string
    std::string plain;
};

/// The argon2id string of a password with libsodium's interactive limits, salted. Empty if memory
/// is short. Takes tens of milliseconds.
[[nodiscard]] std::string hash_password(std::string_view password);

struct password_pool_settings {
    std::size_t threads = 1;
    std::size_t waiting_max = 64;
    /// A hash with the cost that unknown names shall take; empty = one of interactive cost.
    std::string decoy_hash;
    /// For tests: called on the pool before each check, which waits for its return.
    std::function<void()> before_check;
};

class password_pool {
public:
    using handler = std::function<void(password_verdict)>;

    password_pool(boost::asio::io_context& context, password_pool_settings settings);
    password_pool(const password_pool&) = delete;
    password_pool& operator=(const password_pool&) = delete;
    ~password_pool();

    /// Calls `done` exactly once, later, on the io_context.
    void verify(std::string account, password_secret secret, std::string password, handler done);
    /// The same as a coroutine.
    [[nodiscard]] boost::asio::awaitable<password_verdict> verify(std::string account,
                                                                  password_secret secret,
                                                                  std::string password);

    /// Ends the threads; checks that wait are answered `busy`.
    void stop();
    /// Checks that really ran argon2id, for tests and metrics.
    [[nodiscard]] std::uint64_t hashed() const;
    /// Checks that have not begun.
    [[nodiscard]] std::size_t waiting() const;

private:
    using tag = std::array<unsigned char, 32>;
    struct job {
        std::string account;
        password_secret secret;
        std::string password;
        handler done;
    };

    /// On the pool, once for each check that was put into waiting_: runs the oldest of them, if
    /// stop() has not answered it.
    void check_next();
    [[nodiscard]] const std::string& decoy_hash();
    void answer(handler done, password_verdict verdict);
    [[nodiscard]] tag tag_of(const job& work) const;
    [[nodiscard]] bool known_good(const job& work) const;  // REQUIRES: mutex_ held
    [[nodiscard]] bool check(const job& work);

    boost::asio::io_context& context_;
    std::size_t waiting_max_;
    std::function<void()> before_check_;
    std::once_flag decoy_made_;
    std::string decoy_hash_;  // decoy_hash() makes it
    tag key_{};

    mutable std::mutex mutex_;
    std::deque<job> waiting_;
    std::unordered_map<std::string, tag> good_;  // one per account: bounded by the configuration
    std::uint64_t hashed_ = 0;
    bool stopping_ = false;

    boost::asio::thread_pool pool_;  // last, so that its threads end before what they use
};

}  // namespace hikyaku::gateway::io
