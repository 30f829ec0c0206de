#include "gateway/io/spawn.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "gateway/io/logging.hpp"

namespace hikyaku::gateway::io {

void tasks::spawn(std::string name, boost::asio::awaitable<void> body) {
    names_.push_back(std::move(name));
    const auto entry = std::prev(names_.end());
    ++started_;
    auto on_end = [this, entry](std::exception_ptr error) {
        if (error) {
            ++failed_;
            try {
                std::rethrow_exception(error);
            } catch (const std::exception& thrown) {
                log(log_level::error, "a task ended by an exception",
                    {{"task", *entry}, {"what", thrown.what()}});
            } catch (...) {
                log(log_level::error, "a task ended by an exception", {{"task", *entry}});
            }
        }
        names_.erase(entry);
    };
    boost::asio::co_spawn(context_, std::move(body), std::move(on_end));
}

std::vector<std::string> tasks::names(std::size_t count_max) const {
    std::vector<std::string> result;
    for (const auto& name : names_) {
        if (result.size() == count_max) break;
        result.push_back(name);
    }
    return result;
}

}  // namespace hikyaku::gateway::io
