// The one way a coroutine of this folder is started: nothing escapes from it unseen. The folder's
// coroutines take errors as values, so an exception that arrives here is lack of memory or a bug;
// it is handed to `on_exception`, which ends that one session or counts it, never the process.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace hikyaku::smpp::io {

/// `on_exception` is called on the executor, at most once; it keeps alive what the coroutine uses.
template <class Executor, class OnException>
void spawn(const Executor& executor, boost::asio::awaitable<void> work, OnException on_exception) {
    boost::asio::co_spawn(
        executor, std::move(work),
        [on_exception = std::move(on_exception)](std::exception_ptr thrown) {
            if (thrown) on_exception();
        });
}

}  // namespace hikyaku::smpp::io
