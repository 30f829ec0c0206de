#include "gateway/io/password_pool.hpp"

#include <sodium.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <memory>
#include <utility>

#include "gateway/api/digest.hpp"

namespace hikyaku::gateway::io {

std::string hash_password(std::string_view password) {
    [[maybe_unused]] const int ready = sodium_init();
    assert(ready >= 0);
    std::array<char, crypto_pwhash_STRBYTES> result{};
    const int failed =
        crypto_pwhash_str(result.data(), password.data(), password.size(),
                          crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE);
    return failed != 0 ? std::string{} : std::string{result.data()};
}

password_pool::password_pool(boost::asio::io_context& context, password_pool_settings settings)
    : context_(context),
      waiting_max_(settings.waiting_max),
      before_check_(std::move(settings.before_check)),
      decoy_hash_(std::move(settings.decoy_hash)),
      pool_(settings.threads) {
    [[maybe_unused]] const int ready = sodium_init();
    assert(ready >= 0);
    randombytes_buf(key_.data(), key_.size());
    // On the pool: making it takes as long as a check, and the program shall not wait for it.
    auto make_decoy = [this] { (void)decoy_hash(); };
    boost::asio::post(pool_, std::move(make_decoy));
}

password_pool::~password_pool() {
    stop();
}

void password_pool::stop() {
    std::deque<job> left;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        left.swap(waiting_);
    }
    pool_.join();
    for (auto& work : left)
        answer(std::move(work.done), password_verdict::busy);
}

std::uint64_t password_pool::hashed() const {
    const std::lock_guard lock(mutex_);
    return hashed_;
}

std::size_t password_pool::waiting() const {
    const std::lock_guard lock(mutex_);
    return waiting_.size();
}

password_pool::tag password_pool::tag_of(const job& work) const {
    // What the password was compared with is part of the tag: a changed secret makes it void.
    tag result{};
    crypto_generichash_state state;
    crypto_generichash_init(&state, key_.data(), key_.size(), result.size());
    for (const auto* part :
         {&work.account, &work.secret.hash, &work.secret.plain, &work.password}) {
        const std::uint64_t length = part->size();
        crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&length),
                                  sizeof(length));
        crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(part->data()),
                                  part->size());
    }
    crypto_generichash_final(&state, result.data(), result.size());
    return result;
}

bool password_pool::known_good(const job& work) const {
    if (work.secret.hash.empty() && work.secret.plain.empty()) return false;
    const auto found = good_.find(work.account);
    if (found == good_.end()) return false;
    const auto presented = tag_of(work);
    return sodium_memcmp(found->second.data(), presented.data(), presented.size()) == 0;
}

const std::string& password_pool::decoy_hash() {
    std::call_once(decoy_made_, [this] {
        if (decoy_hash_.empty()) decoy_hash_ = hash_password("no account has this password");
    });
    return decoy_hash_;
}

bool password_pool::check(const job& work) {
    const bool hashed = !work.secret.hash.empty();
    const auto& against = hashed ? work.secret.hash : decoy_hash();
    const bool matches =
        crypto_pwhash_str_verify(against.c_str(), work.password.data(), work.password.size()) == 0;
    if (hashed) return matches;
    if (work.secret.plain.empty()) return false;
    return api::same_secret(work.secret.plain, work.password);
}

void password_pool::answer(handler done, password_verdict verdict) {
    auto call = [done = std::move(done), verdict]() { done(verdict); };
    boost::asio::post(context_, std::move(call));
}

void password_pool::verify(std::string account, password_secret secret, std::string password,
                           handler done) {
    job work{std::move(account), std::move(secret), std::move(password), std::move(done)};
    auto at_once = password_verdict::busy;
    {
        const std::lock_guard lock(mutex_);
        if (known_good(work)) {
            at_once = password_verdict::right;
        } else if (!stopping_ && waiting_.size() < waiting_max_) {
            waiting_.push_back(std::move(work));
            auto take = [this] { check_next(); };
            boost::asio::post(pool_, std::move(take));
            return;
        }
    }
    answer(std::move(work.done), at_once);
}

boost::asio::awaitable<password_verdict> password_pool::verify(std::string account,
                                                               password_secret secret,
                                                               std::string password) {
    auto initiate = [this](auto completion, std::string name, password_secret compare_with,
                           std::string presented) {
        auto shared = std::make_shared<decltype(completion)>(std::move(completion));
        verify(std::move(name), std::move(compare_with), std::move(presented),
               [shared](password_verdict verdict) { std::move (*shared)(verdict); });
    };
    co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>,
                                                   void(password_verdict)>(
        initiate, boost::asio::use_awaitable, std::move(account), std::move(secret),
        std::move(password));
}

void password_pool::check_next() {
    if (before_check_) before_check_();
    std::unique_lock lock(mutex_);
    if (waiting_.empty()) return;
    job work = std::move(waiting_.front());
    waiting_.pop_front();
    bool right = known_good(work);  // several binds of one client wait for the same answer
    if (!right) {
        ++hashed_;
        lock.unlock();
        right = check(work);
        lock.lock();
        if (right) good_[work.account] = tag_of(work);
    }
    lock.unlock();
    sodium_memzero(work.password.data(), work.password.size());
    answer(std::move(work.done), right ? password_verdict::right : password_verdict::wrong);
}

}  // namespace hikyaku::gateway::io
