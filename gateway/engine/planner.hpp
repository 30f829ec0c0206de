// From a submission to what is stored and sent: checks addresses, times and flags, rewrites links,
// plans the segments, and writes the Message record. Everything that can be wrong with a submission
// in itself is found here; what depends on the engine's state (rate, queues) is not. Pure, apart
// from random link codes, which come from the caller's source. Engine's thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/links/rewrite.hpp"

namespace hikyaku::gateway {

struct plan_context {
    const config::account* account = nullptr;
    const config::links_server* links = nullptr;
    std::int64_t now_ms = 0;
    std::uint8_t reference = 0;  // of concatenated segments
    links::random_source random;
};

struct planned_message {
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
    std::uint8_t data_coding = 0;
    std::uint8_t esm_class = 0;
    std::uint32_t units = 0;
    std::uint8_t priority = 0;
    std::int64_t not_before_ms = 0;
    std::int64_t expires_ms = 0;
    std::vector<std::string> segments;
    std::vector<links::written_link> links;
    std::string final_text;  // UTF-8; empty for octets that were passed through
};

struct plan_refusal {
    refusal why = refusal::none;
    std::uint32_t detail = 0;  // as submit_result::detail
};

/// Checks in this order: addresses, flags, times, text. `message.source` and `destination` are
/// normalised in place (separators removed, TON and NPI filled in).
[[nodiscard]] boost::system::result<planned_message, plan_refusal> plan_message(
    submission& message, const plan_context& context);

}  // namespace hikyaku::gateway
