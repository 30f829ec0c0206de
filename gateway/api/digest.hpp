// Digests of texts (BLAKE2b, 32 octets), and the comparison of secrets by them: that of passwords
// which are kept as they are, at every door (sendsms, the SMPP server, carriers that call). Pure,
// any thread.
#pragma once

#include <array>
#include <string_view>

namespace hikyaku::gateway::api {

using digest = std::array<unsigned char, 32>;

[[nodiscard]] digest digest_of(std::string_view text);

/// Whether the two are equal. The time that the answer takes says nothing about where they differ:
/// their digests are compared, which are of one length.
[[nodiscard]] bool same_secret(std::string_view left, std::string_view right);

}  // namespace hikyaku::gateway::api
