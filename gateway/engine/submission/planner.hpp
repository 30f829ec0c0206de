// From a submission to what is stored and sent: checks addresses, times and flags, rewrites links,
// plans the segments for a carrier, and writes the Message record. Everything that can be wrong
// with a submission in itself is found here; what depends on the engine's state (rate, queues) is
// not. Pure, apart from random link codes, which come from the caller's source. Engine's thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/sending/carrier_text.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/links/rewrite.hpp"

namespace hikyaku::gateway {

struct plan_context {
    const config::account* account = nullptr;
    const config::links_server* links = nullptr;
    std::int64_t now_ms = 0;
    links::random_source random;
    const smpp::text::text_profile* profile = nullptr;  // of the carrier; null = the standard
    std::uint64_t profile_fingerprint = 0;              // its smpp::text::fingerprint
    bool keep_text = false;                             // fill planned_message::final_text
};

struct planned_message {
    smpp::text::encoding encoding = smpp::text::encoding::gsm7;
    std::uint8_t data_coding = 0;
    std::uint8_t esm_class = 0;
    std::uint32_t units = 0;
    std::uint8_t priority = 0;
    std::int64_t not_before_ms = 0;
    std::int64_t expires_ms = 0;
    smpp::text::segment_list segments;
    std::vector<links::written_link> links;
    std::string link_domain;                      // the host that answers them
    std::optional<std::int64_t> link_expires_ms;  // empty = as the settings say
    std::uint32_t link_max_uses = 0;
    std::string final_text;  // UTF-8; empty for octets that were passed through
    smpp::text::segmentation concatenation = smpp::text::segmentation::none;
    std::uint16_t reference = 0;  // of all segments, if they are several; 0 until it is taken
    std::uint16_t languages = 0;  // languages_of()
    std::uint32_t parts = 1;      // short messages on the air
    std::uint32_t billed = 1;     // in the carrier's units
    std::uint64_t profile = 0;    // as Message.plan: 0 = for every carrier
    std::uint8_t choice = 0;      // as Message.choice
    std::uint32_t parts_max = 1;
    std::vector<smpp::text::replacement> replaced;
};

struct plan_refusal {
    refusal why = refusal::none;
    std::uint32_t detail = 0;  // as submit_result::detail
};

/// The planner's failure as an application is told.
[[nodiscard]] plan_refusal refusal_of(const smpp::text::plan_failure& failure);

/// What does not depend on the carrier, in this order: addresses, flags, times. `message.source`
/// and `destination` are normalised in place: separators removed, TON and NPI filled in, numbers
/// made international by the account's settings (numbers.hpp), an empty source replaced by the only
/// sender of the account. What was normalised once stays as it is when it comes again.
[[nodiscard]] plan_refusal check_message(submission& message, const plan_context& context,
                                         planned_message& into);

/// Links, encoding and segments for the carrier of the context. Fills `into` anew when it is called
/// again for another carrier; what check_message() has set stays.
[[nodiscard]] plan_refusal plan_content(const submission& message, const plan_context& context,
                                        planned_message& into);

/// Both.
[[nodiscard]] boost::system::result<planned_message, plan_refusal> plan_message(
    submission& message, const plan_context& context);

}  // namespace hikyaku::gateway
