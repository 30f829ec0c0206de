// Where the URLs of an account's messages may lead: the entries of `links.targets`, each a host,
// "*.host" for all below one, perhaps with a port and the beginning of a path. Whoever steals an
// account's credentials cannot send people elsewhere in its name. Pure, engine's thread.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace hikyaku::gateway::links {

/// Whether a URL (ASCII, valid) is of one of the entries. Its path is compared piece by piece:
/// "/pay" is the beginning of "/pay", "/pay/7" and "/pay?x", and not of "/payments" or
/// "/pay/../x". Without a port in the entry, the URL has none but that of its scheme.
[[nodiscard]] bool is_allowed_target(std::string_view url, std::span<const std::string> allowed);

/// The octet at which the first URL of `text` begins that no entry allows, or of which nobody can
/// say where it leads; empty if there is none. URLs under `base_url` are the gateway's own.
[[nodiscard]] std::optional<std::size_t> find_foreign_target(std::string_view text,
                                                             std::span<const std::string> allowed,
                                                             std::string_view base_url);

}  // namespace hikyaku::gateway::links
