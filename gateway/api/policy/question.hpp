// Reads a question to the gate about a message that nobody sends: POST /v1/policy:evaluate and a
// line of `hikyaku gate evaluate` are the same document. Pure, for the length of one question.
#pragma once

#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/gate/facts.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::api {

extern const shape policy_question_shape;

/// A moment, or a whole day of the person's.
struct asked_time {
    std::int64_t ms = 0;
    std::optional<std::int32_t> day;  // days since 1970; then `ms` says nothing
};

struct asked_hold {
    gate::hold_kind kind = gate::hold_kind::manual;
    gate::hold_scope scope = gate::hold_scope::contact;
    std::optional<asked_time> from, until;
};

struct policy_question {
    std::string pack;    // empty: the account's
    std::string number;  // of the contact, empty = not known
    std::vector<std::string> zones, tags;
    std::string debtor;
    std::vector<asked_hold> holds;
    std::vector<gate::contact_fact> history;
    std::vector<gate::consent_fact> consents;
    std::vector<std::string> consent_sources;  // what `consents` point to
    gate::facts facts;                         // without what is a view of the above
};

/// Pointers of faults begin at the document: "/holds/0/kind".
[[nodiscard]] boost::system::result<policy_question, problem> read_policy_question(
    const boost::json::value& given);

}  // namespace hikyaku::gateway::api
