// A few threads for long scans of the store (gateway/api/readers.hpp), so that none of them delays
// a message: they get what loop and writer leave over. How many scans there are at a time is
// bounded, in all and of one account; each has at most one slice of work here, so that the queue is
// bounded too. The files of uploads' answers are written and read here as well (spill_queue.hpp).
// One object; its functions are called on the io thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "gateway/api/readers.hpp"

namespace hikyaku::gateway::io {

struct reader_pool_settings {
    std::size_t threads = 2;
    std::size_t scans_max = 16;
    std::size_t scans_per_account_max = 4;  // so that one cannot lock the others out
    int nice = 10;                          // of the threads
};

class reader_pool final : public api::readers {
public:
    /// Both outlive it.
    reader_pool(boost::asio::io_context& context, store::environment& store,
                const reader_pool_settings& settings = {});
    ~reader_pool() override;
    reader_pool(const reader_pool&) = delete;
    reader_pool& operator=(const reader_pool&) = delete;

    [[nodiscard]] taken_place take_place(account_id account) override;
    [[nodiscard]] std::size_t places_of_account() const override { return per_account_max_; }
    void run(std::function<void(store::environment&)> work, std::function<void()> done) override;
    /// Ends the threads; what has not begun is dropped, and nothing is called any more.
    void stop();

    [[nodiscard]] std::size_t scans() const;
    /// Scans that found no place.
    [[nodiscard]] std::uint64_t refused() const { return refused_; }

private:
    struct job {
        std::function<void(store::environment&)> work;
        std::function<void()> done;
    };
    /// How many places are taken. The last one who has a slice gives its place back, and that may
    /// be a thread of the pool.
    struct places {
        std::mutex mutex;
        std::size_t taken = 0;
        std::unordered_map<std::uint64_t, std::size_t> of_account;  // none of them 0
    };
    void work_off(int nice);

    boost::asio::io_context& context_;
    store::environment& store_;
    std::size_t scans_max_, per_account_max_;
    std::uint64_t refused_ = 0;
    std::shared_ptr<places> places_ = std::make_shared<places>();
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // io thread's

    std::mutex mutex_;
    std::condition_variable something_;
    std::deque<job> waiting_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace hikyaku::gateway::io
