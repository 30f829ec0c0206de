#include "gateway/io/reader_pool.hpp"

#include <sys/resource.h>

#include <boost/asio/post.hpp>
#include <utility>

namespace hikyaku::gateway::io {

reader_pool::reader_pool(boost::asio::io_context& context, store::environment& store,
                         const reader_pool_settings& settings)
    : context_(context),
      store_(store),
      scans_max_(settings.scans_max),
      per_account_max_(settings.scans_per_account_max) {
    for (std::size_t i = 0; i < settings.threads; ++i)
        threads_.emplace_back([this, nice = settings.nice] { work_off(nice); });
}

reader_pool::~reader_pool() {
    stop();
}

void reader_pool::stop() {
    *alive_ = false;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        waiting_.clear();
    }
    something_.notify_all();
    for (auto& each : threads_)
        each.join();
    threads_.clear();
}

api::readers::taken_place reader_pool::take_place(account_id account) {
    const auto key = static_cast<std::uint64_t>(account);
    const std::lock_guard lock(places_->mutex);
    const auto own = places_->of_account.find(key);
    const bool has_all = own != places_->of_account.end() && own->second >= per_account_max_;
    if (has_all || places_->taken >= scans_max_) {
        ++refused_;
        return {nullptr, has_all ? shortage::of_account : shortage::of_all};
    }
    ++places_->taken;
    ++places_->of_account[key];
    const auto give_back = [all = places_, key](const void*) {
        const std::lock_guard relock(all->mutex);
        --all->taken;
        if (--all->of_account[key] == 0) all->of_account.erase(key);
    };
    return {std::shared_ptr<void>(places_.get(), give_back)};
}

std::size_t reader_pool::scans() const {
    const std::lock_guard lock(places_->mutex);
    return places_->taken;
}

void reader_pool::run(std::function<void(store::environment&)> work, std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        waiting_.push_back({std::move(work), std::move(done)});
    }
    something_.notify_one();
}

void reader_pool::work_off(int nice) {
    // Of this thread only, which is what Linux does with 0. Without the right to it all is well
    // too.
    (void)::setpriority(PRIO_PROCESS, 0, nice);
    std::unique_lock lock(mutex_);
    for (;;) {
        something_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        job next = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        next.work(store_);
        auto done = [alive = alive_, call = std::move(next.done)] {
            if (*alive) call();
        };
        boost::asio::post(context_, std::move(done));
        next = {};
        lock.lock();
    }
}

}  // namespace hikyaku::gateway::io
