// What the gate has decided about an account's messages, counted by day and rule: what counted, and
// what a pack in shadow would have done. Read from the stored decisions, in short slices, on a
// reader's thread; a page looks at a bounded number of them. GET /v1/policy/report, and the same of
// any account on the admin listener.
#pragma once

#include <boost/json/object.hpp>
#include <boost/system/result.hpp>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/api/http.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/api/query.hpp"
#include "gateway/gate/decision.hpp"
#include "gateway/gate/zone_book.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway::api {

struct report_question {
    std::uint32_t account = 0;
    std::string name;  // of the account
    std::string zone;  // whose days; empty = UTC
    std::int64_t from_ms = 0, to_ms = 0;
    std::uint64_t first = 0, end = 0;  // ids of messages
    std::size_t limit = 100;           // messages to list; 0 = they are counted only
};

/// From ?from=&to=&after=&limit=; the account is left to the caller.
[[nodiscard]] boost::system::result<report_question, problem> read_report_question(
    const query_values& asked);

class policy_report {
public:
    static constexpr std::size_t looked_at_max = 50'000, slice_max = 500;
    static constexpr std::int64_t range_max_ms = std::int64_t{92} * 24 * 3600 * 1000;

    explicit policy_report(report_question question);

    /// The work of a reader's thread.
    void read(store::environment& environment);
    [[nodiscard]] boost::json::object told() const;

private:
    struct row {
        std::string day, rule;
        gate::outcome says = gate::outcome::allow;
        bool shadow = false;
        auto operator<=>(const row&) const = default;
    };
    struct listed {
        std::uint64_t message = 0;
        std::int64_t at_ms = 0;
        gate::outcome says = gate::outcome::allow;
        bool shadow = false;
        std::vector<std::string> rules;
    };
    void read_slice(store::environment& environment, std::size_t& looked_at);
    void take(std::uint64_t message, std::string_view decision);
    [[nodiscard]] std::string day_of(std::int64_t at_ms);

    report_question question_;
    gate::zone_book zones_;
    store::record_reader decisions_, messages_;
    std::map<row, std::uint64_t> rows_;
    std::vector<listed> listed_;
    std::uint64_t allowed_ = 0;
    std::uint64_t at_;
    bool has_ended_ = false;
};

}  // namespace hikyaku::gateway::api
