// GET /v1/messages without a reference: an account's messages in the order of their acceptance, by
// time and status, a page or all of them. Read from the store as of its last commit, in slices on a
// reader's thread, which never runs more than one slice ahead of the client; so memory stays small
// and the map may grow between two slices. docs/http-api.md describes the form.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/api/query.hpp"
#include "gateway/api/readers.hpp"
#include "gateway/engine/stored_view.hpp"

namespace hikyaku::gateway::api {

struct listing_query {
    account_id account{};
    std::uint64_t first = 0;                // id
    std::uint64_t end = ~std::uint64_t{0};  // behind the last one
    std::uint32_t states = ~0u;             // a bit for each State
    std::uint64_t limit = 100;              // 0 = none
    std::uint64_t looked_at_max = 0;        // messages of anybody, on one page; 0 = no bound
    bool lines = false;                     // one object a line instead of a document
};

/// From ?after=&from=&to=&status=&limit=. An error says which parameter is wrong, unknown, or there
/// twice. The account is left to the caller.
[[nodiscard]] boost::system::result<listing_query, problem> read_listing_query(
    std::string_view query, bool lines);

/// What is wrong with a query that has `reference` beside other parameters, which would have no
/// effect; empty: nothing is.
[[nodiscard]] std::optional<problem> fault_beside_reference(const query_values& query);

/// Whether an Accept header asks for lines.
[[nodiscard]] bool wants_lines(std::string_view accept);

/// The work of a reader's thread.
class listing_scan {
public:
    listing_scan(const listing_query& query, std::shared_ptr<const shown_names> names);

    /// Appends what the next slice of the store gives; looks at a bounded number of messages.
    void read_slice(store::environment& environment, std::string& out);
    [[nodiscard]] bool has_ended() const { return ended_; }

    static constexpr std::size_t slice_rows_max = 1024;  // looked at
    static constexpr std::size_t slice_found_max = 128;

private:
    void collect(store::environment& environment);
    void end_document(std::string& out);

    listing_query query_;
    std::shared_ptr<const shown_names> names_;
    std::vector<message_view> found_;  // of one slice
    std::uint64_t at_;
    std::uint64_t last_shown_ = 0;
    std::uint64_t looked_at_ = 0;
    std::uint64_t shown_ = 0;
    bool more_ = false;  // there may be, behind at_
    bool begun_ = false;
    bool ended_ = false;
};

/// 200 with a body that brings the listing; 503 if all readers are busy, or the account has as many
/// listings under way as it may.
[[nodiscard]] http_response listing_response(const listing_query& query,
                                             std::shared_ptr<const shown_names> names,
                                             readers& pool);

}  // namespace hikyaku::gateway::api
