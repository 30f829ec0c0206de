// How attempts to bind to one carrier ended that did not lead to a bind: each is counted by the
// stage it came to, and logged once, then by the minute while the same end repeats, and once more
// when the binds that it befell are bound again. smpp_carriers keeps one of these for each carrier,
// its binds report to it, and the admin pages show its last end. Io thread only.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/types.hpp"
#include "gateway/io/fault_log.hpp"

namespace hikyaku::gateway::io {

/// How far an attempt came.
enum class bind_stage : std::uint8_t {
    resolve,  // the host's name has no address
    connect,  // no TCP connection
    tls,      // no handshake, or no trust
    bind,     // the bind was sent; closed, silent, or an answer that is none
    refused,  // the carrier answered with an error
    outbind,  // a call of the carrier that never said an outbind with the right credentials
    own,      // ended by a limit or the configuration of this gateway
};
inline constexpr std::size_t bind_stage_count = 7;
[[nodiscard]] std::string_view name_of(bind_stage stage);

struct bind_end {
    bind_stage stage = bind_stage::resolve;
    std::string host;        // tried, or that has called us
    std::uint16_t port = 0;  // 0: it has called us
    std::string reason;      // equal for equal ends
    std::string detail;      // the carrier's own words, if it has said any
};

/// Which bind of the carrier. Number 0: its calls, all of them.
struct bind_identity {
    smpp::command_id command{};
    std::uint32_t number = 0;
    bool operator==(const bind_identity&) const = default;
};

/// Equal ends, from the first one until no bind is left that had it and was not bound since.
struct bind_end_run {
    bind_end what;  // with the detail of the last one
    std::uint64_t times = 0;
    instant first, last;
    bool over = false;

    std::vector<bind_identity> failing;
    bool told = false;  // a line about this run was logged
    line_limit lines{std::chrono::minutes(1)};
};

class bind_ends {
public:
    /// Different ends that are remembered; of more the one that has not come for longest is lost.
    static constexpr std::size_t runs_max = 16;
    /// The other side writes part of a reason: so many lines of one stage a minute, whatever it is.
    static constexpr unsigned lines_max = 8;

    explicit bind_ends(std::string carrier) : carrier_(std::move(carrier)) {}

    void failed(const bind_identity& who, bind_end what, instant now);
    void bound(const bind_identity& who, instant now);

    [[nodiscard]] const std::array<std::uint64_t, bind_stage_count>& counts() const {
        return counts_;
    }
    /// The run of the last end; null: there was none. Valid until the next call.
    [[nodiscard]] const bind_end_run* last() const {
        return runs_.empty() ? nullptr : &runs_.back();
    }

private:
    bind_end_run& run_of(const bind_end& what);
    [[nodiscard]] bool has_room(bind_stage stage, instant now);

    /// Lines of one stage in the minute that began at `since`.
    struct stage_lines {
        std::chrono::steady_clock::time_point since{};
        unsigned written = 0;
    };

    std::string carrier_;
    std::vector<bind_end_run> runs_;  // the last one that came stands last
    std::array<std::uint64_t, bind_stage_count> counts_{};
    std::array<stage_lines, bind_stage_count> lines_{};
};

}  // namespace hikyaku::gateway::io
