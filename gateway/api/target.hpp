// Takes the target of a request apart: path, query and the percent-encoding of both. Pure functions
// of this folder and the redirector.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::api {

struct target_parts {
    std::string_view path;   // still percent-encoded
    std::string_view query;  // without the question mark
};

/// Also accepts the absolute form that proxies use ("http://host/path").
[[nodiscard]] target_parts split_target(std::string_view target);

/// Decodes %XX; empty if an escape is cut or not hexadecimal. A plus sign stays one.
[[nodiscard]] std::optional<std::string> decode_percent(std::string_view text);

/// The same for a form: "+" is a space, and a percent sign that begins no escape stands for itself.
[[nodiscard]] std::string decode_form(std::string_view text);

struct parameter {
    std::string_view name, value;  // still percent-encoded
};

/// Takes the first parameter off the front of `query`; empty at its end. boost::urls::parse_query()
/// would refuse the whole query for one octet that clients send as it is ("|", raw UTF-8), or for a
/// broken escape in a parameter that nobody reads.
[[nodiscard]] std::optional<parameter> take_parameter(std::string_view& query);

struct decoded_parameter {
    std::string name, value;
};
/// All parameters of a query or a form, each decoded by decode_form().
[[nodiscard]] std::vector<decoded_parameter> decode_parameters(std::string_view query);

/// A name or value of a query, decoded ("+" is a space); empty if it is not decodable.
[[nodiscard]] std::optional<std::string> decode_query(std::string_view text);

/// The value of the first parameter with this name, decoded ("+" is a space); empty if there is
/// none or it is not decodable.
[[nodiscard]] std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace hikyaku::gateway::api
