// How many different links one network has opened lately. A person opens one or two; a scanner that
// reads a whole run of messages opens dozens within a minute. classify() takes the number as one
// of its facts. Memory is fixed, codes are kept as hashes, time is an argument. Redirector's
// thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gateway/links/network.hpp"
#include "gateway/links/network_table.hpp"

namespace hikyaku::gateway::links {

class recent_hits {
public:
    using milliseconds = std::chrono::milliseconds;
    static constexpr std::size_t codes_per_network = 16;  // more are not counted

    explicit recent_hits(std::size_t networks_max, milliseconds window = milliseconds(60000),
                         random_source random = {});

    /// Notes a hit and returns how many *other* codes the network has opened in the last `window`,
    /// at most codes_per_network. `now` is steady time from any origin.
    std::uint32_t note(const network_key& network, std::string_view code, milliseconds now);

    [[nodiscard]] std::size_t networks() const { return table_.size(); }
    [[nodiscard]] std::size_t networks_max() const { return table_.capacity(); }

private:
    struct opened {
        milliseconds at = milliseconds::min();  // min() = free
        std::uint64_t code_hash = 0;
    };
    struct entry {
        std::array<opened, codes_per_network> codes{};
        milliseconds last = milliseconds::min();
        [[nodiscard]] milliseconds freshness() const { return last; }
    };

    milliseconds window_;
    network_table<entry> table_;
};

}  // namespace hikyaku::gateway::links
