// Reads what a page's form sends: application/x-www-form-urlencoded (WHATWG URL, 5.1), strictly. A
// body that a browser did not make is an error with a name instead of a guess; the query of
// sendsms, where applications send raw octets, has rules of its own (sendsms/request.hpp). Pure,
// any thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::api {

inline constexpr std::string_view form_type = "application/x-www-form-urlencoded";

enum class form_fault : std::uint8_t {
    body_too_large,
    too_many_fields,
    name_too_long,
    value_too_long,
    escape_invalid,  // a percent sign without two hexadecimal digits
    utf8_invalid,
};
/// "too_many_fields".
[[nodiscard]] std::string_view name_of(form_fault fault);

/// Octets after decoding, but for the body.
struct form_limits {
    std::size_t body_bytes_max = 64 << 10;
    std::size_t fields_max = 100;
    std::size_t name_bytes_max = 256;
    std::size_t value_bytes_max = 16 << 10;
};

class form {
public:
    /// The value of the first field with this name; a field may be empty.
    [[nodiscard]] std::optional<std::string_view> value(std::string_view name) const;
    /// Of all of them, in the order of the form (check boxes).
    [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
    [[nodiscard]] std::size_t size() const { return fields_.size(); }

private:
    friend boost::system::result<form, form_fault> read_form(std::string_view, const form_limits&);
    struct field {
        std::string name, value;
    };
    std::vector<field> fields_;
};

[[nodiscard]] boost::system::result<form, form_fault> read_form(std::string_view body,
                                                                const form_limits& limits = {});

}  // namespace hikyaku::gateway::api
