// Answers that are known and wait until what they say is on disk: by the session of their request.
// Engine's thread.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <utility>

#include "gateway/api/request_context.hpp"

namespace hikyaku::gateway::api {

class pending_answers {
public:
    /// Always empty, for a handler to return.
    answer wait(session_id session, http_response response) {
        waiting_.emplace(static_cast<std::uint64_t>(session), std::move(response));
        return {};
    }
    /// Empty: none waits for this session.
    [[nodiscard]] answer take(session_id session) {
        const auto at = waiting_.find(static_cast<std::uint64_t>(session));
        if (at == waiting_.end()) return {};
        answer response = std::move(at->second);
        waiting_.erase(at);
        return response;
    }
    [[nodiscard]] std::size_t size() const { return waiting_.size(); }

private:
    boost::unordered_flat_map<std::uint64_t, http_response> waiting_;
};

}  // namespace hikyaku::gateway::api
