// The query of a request, read by the table of its route's line (routes.hpp): the routers do it
// before they call a handler, which finds sound values. Pure, for the length of one request.
#pragma once

#include <boost/container/small_vector.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/problems.hpp"
#include "gateway/api/routes.hpp"

namespace hikyaku::gateway::api {

/// Those of the line's parameters that the request has.
class query_values {
public:
    /// The decoded value; empty if the request has none.
    [[nodiscard]] std::optional<std::string_view> text(std::string_view name) const;
    /// Of a parameter whose shape is an integer.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;

    struct given {
        std::string_view name;  // the table's
        std::string text;
        std::int64_t number = 0;
    };
    void add(given one) { given_.push_back(std::move(one)); }

private:
    [[nodiscard]] const given* find(std::string_view name) const;

    boost::container::small_vector<given, 2> given_;
};

/// `query` is still percent-encoded. A parameter that the line does not have is refused
/// (field_unknown), but for those whose name begins with "_": caches are kept out with such. So are
/// values that do not fit, a parameter that comes twice (field_invalid), and a missing one that is
/// required. The detail begins with the parameter's name. Of a line with `any_query` nothing is
/// read.
[[nodiscard]] boost::system::result<query_values, problem> read_query(const route_line& line,
                                                                      std::string_view query);

}  // namespace hikyaku::gateway::api
