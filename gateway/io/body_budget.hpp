// How much memory the bodies of unfinished requests may take on one HTTP server, all connections
// together. Bodies arrive as slowly as their senders like, so that without a budget the memory is
// whatever strangers multiply: connections by the largest body. One account gets half at most, so
// that it cannot lock the others out; all clients without a token share a sixteenth. Pure; io
// thread.
#pragma once

#include <cassert>
#include <cstdint>
#include <unordered_map>

namespace hikyaku::gateway::io {

class body_budget {
public:
    /// Who a body belongs to: 0 = a client that has not shown who it is.
    using owner = std::uint64_t;
    static constexpr owner stranger = 0;

    explicit body_budget(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

    /// False: not that much is left for the owner, and nothing was taken.
    [[nodiscard]] bool try_take(owner whose, std::uint64_t bytes) {
        std::uint64_t& own = taken_[whose];
        const bool fits = own + bytes <= share_of(whose) && total_ + bytes <= bytes_max_;
        if (fits) {
            own += bytes;
            total_ += bytes;
        }
        if (own == 0) taken_.erase(whose);
        return fits;
    }
    void give_back(owner whose, std::uint64_t bytes) {
        if (bytes == 0) return;
        const auto at = taken_.find(whose);
        assert(at != taken_.end() && at->second >= bytes);
        total_ -= bytes;
        if ((at->second -= bytes) == 0) taken_.erase(at);
    }

    [[nodiscard]] std::uint64_t share_of(owner whose) const {
        return whose == stranger ? bytes_max_ / 16 : bytes_max_ / 2;
    }
    [[nodiscard]] std::uint64_t taken() const { return total_; }

private:
    std::uint64_t bytes_max_;
    std::uint64_t total_ = 0;
    std::unordered_map<owner, std::uint64_t> taken_;  // none of them 0
};

}  // namespace hikyaku::gateway::io
