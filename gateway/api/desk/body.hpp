// Reads a body that is one object with texts, times and words in it, by its shape. Used inside this
// folder, for the length of one request.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"

namespace hikyaku::gateway::api {

class body_object {
public:
    /// The body, or what is wrong with it by the table of `wanted`. An empty body is an empty
    /// object where nothing is required.
    [[nodiscard]] static boost::system::result<body_object, problem> read(std::string_view body,
                                                                          const shape& wanted);

    [[nodiscard]] bool has(std::string_view name) const { return object_.contains(name); }
    /// "" if there is none.
    [[nodiscard]] std::string text(std::string_view name) const;
    [[nodiscard]] bool flag(std::string_view name) const;
    /// Of a member whose shape is an integer; empty if there is none.
    [[nodiscard]] std::optional<std::int64_t> number(std::string_view name) const;
    /// Milliseconds since 1970 UTC; `otherwise` where there is none. An error if it is no time.
    [[nodiscard]] boost::system::result<std::int64_t, problem> time(std::string_view name,
                                                                    std::int64_t otherwise) const;
    /// Bits by the places of the words in the shape's list; 0 if there is no such member.
    [[nodiscard]] boost::system::result<std::uint32_t, problem> words(std::string_view name,
                                                                      const shape& word) const;
    /// The first member among these whose text holds control characters, as a fault.
    [[nodiscard]] std::optional<problem> label_fault(
        std::initializer_list<std::string_view> names) const;

private:
    explicit body_object(boost::json::object object) : object_(std::move(object)) {}

    boost::json::object object_;
};

}  // namespace hikyaku::gateway::api
