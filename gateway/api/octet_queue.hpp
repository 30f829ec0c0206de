// Octets on their way to a client that may read later than they come. An interface, because those
// of a large upload's answers lie in a file (gateway/io/spill_queue), and no file belongs here. A
// file takes its time: the queue tells when it has more room, or octets that were still to be read.
// Engine's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hikyaku::gateway::api {

class octet_queue {
public:
    virtual ~octet_queue() = default;
    /// Keeps them in any case.
    virtual void append(std::string_view octets) = 0;
    /// False: whoever fills it should stop for now.
    [[nodiscard]] virtual bool has_room() const = 0;
    /// Moves at most so many octets, the oldest ones, to the end of `out`; none where they are
    /// still to be read. False: they are lost, a file could not be read.
    [[nodiscard]] virtual bool take(std::string& out, std::size_t octets_max) = 0;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    /// `told` is called when the file has done something: there may be room, or octets. Not from
    /// inside the functions above.
    virtual void on_change(const std::function<void()>& /*told*/) {}
};

/// In memory only.
class memory_queue final : public octet_queue {
public:
    explicit memory_queue(std::size_t bytes_max) : bytes_max_(bytes_max) {}
    void append(std::string_view octets) override { octets_.append(octets); }
    [[nodiscard]] bool has_room() const override { return octets_.size() < bytes_max_; }
    [[nodiscard]] bool take(std::string& out, std::size_t octets_max) override {
        out.append(octets_, 0, octets_max);
        octets_.erase(0, octets_max);
        return true;
    }
    [[nodiscard]] std::uint64_t size() const override { return octets_.size(); }

private:
    std::size_t bytes_max_;
    std::string octets_;
};

}  // namespace hikyaku::gateway::api
