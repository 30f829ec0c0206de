// What follows from a reply: which suppression, holds and task, and whether a text goes out without
// a person. A pure function of what was read, of what is in force already, and of what the account
// wants; whoever carries it out (reply_follower) collects these. What is missing tightens: a
// possible stop, dispute, representation, insolvency, death or wrong person holds until somebody
// has looked, and nothing that is not sure sends anything. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "gateway/gate/facts.hpp"
#include "gateway/replies/intents.hpp"

namespace hikyaku::gateway::dunning {

/// From here on a reading counts as sure.
inline constexpr double sure_confidence = 0.8;

struct reply_facts {
    bool is_readable = true;       // whole, and of a known alphabet
    bool is_stopped = false;       // nothing more is sent for dunning and marketing already
    bool is_of_one_debt = false;   // the stop names one debt of the account to this phone
    bool is_debt_stopped = false;  // under a hold of the kind opt_out
    bool is_closed = false;        // staff have closed the conversation
    bool may_help = false;         // there is a text, and none went out within a day
    bool may_tell_closed = false;  // likewise
    std::int64_t now_ms = 0;
    std::int64_t promised_ms = 0;  // the end of the last day that is promised; 0 = no day
};

struct wanted_hold {
    gate::hold_kind kind = gate::hold_kind::manual;
    enum class on : std::uint8_t { contact, contact_and_debtor, debt } where = on::contact;
    std::int64_t until_ms = gate::never_ms;
    bool is_provisional = false;  // of what is not sure

    friend bool operator==(const wanted_hold&, const wanted_hold&) = default;
};

enum class wanted_answer : std::uint8_t { none, stop, stop_one, help, closed };

struct following {
    bool stops = false;           // suppresses dunning and marketing
    bool starts = false;          // takes away what stops by reply have made
    bool suppresses_all = false;  // nobody may write to this phone: it is somebody else's
    std::vector<wanted_hold> holds;
    std::optional<replies::intent> task;  // why a person has to look; empty = nobody has to
    wanted_answer answer = wanted_answer::none;
    bool reopens = false;  // the conversation, which is closed

    friend bool operator==(const following&, const following&) = default;
};

[[nodiscard]] following what_follows(const replies::reading& said, const reply_facts& known);

/// What a person has to do about a reply of this kind.
[[nodiscard]] std::string_view work_for(replies::intent why);

}  // namespace hikyaku::gateway::dunning
