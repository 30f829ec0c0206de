// The redirector's decisions without sockets, clock or engine: what a request asks for, whose
// address it comes from, and what the answers look like. Only a GET of a known, valid code is
// answered with its target; HEAD, unknown, expired and malformed codes get one and the same page,
// so that neither a guesser nor a link checker learns which codes exist. Pure, any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "gateway/api/http.hpp"
#include "gateway/engine/engine.hpp"
#include "gateway/io/fixed_paths.hpp"

namespace hikyaku::gateway::io {

struct redirect_request {
    enum class kind : std::uint8_t {
        link,        // GET or HEAD of a path that may be a code
        fixed,       // GET or HEAD of a path that every host is asked for (fixed_paths.hpp)
        about,       // GET or HEAD of /about and /about.json
        abuse,       // GET, HEAD or POST of /abuse
        bad_method,  // anything else
    } what = kind::link;
    fixed_path fixed = fixed_path::none;
    bool wants_json = false;  // about
    /// The code to look up. A malformed one is replaced by a code that nobody can have, so that the
    /// look-up takes place all the same and takes as long.
    std::string code;
    bool well_formed = false;
    /// The host that was asked, in lower case and without port; "" for the default domain.
    std::string host;
};

[[nodiscard]] redirect_request read_redirect(const api::http_request& request);

/// Where the request really comes from: the right-most address of X-Forwarded-For that is no
/// trusted proxy, if the peer is one; otherwise the peer itself. Anything that is no address ends
/// the search at the address before it.
[[nodiscard]] api::peer_address client_address(const api::http_request& request,
                                               std::span<const config::network> trusted_proxies);

/// The answer to a link. `link` is what the look-up found.
[[nodiscard]] api::http_response redirect_response(const redirect_request& request,
                                                   const std::optional<link_view>& link,
                                                   std::int64_t now_ms);
[[nodiscard]] api::http_response bad_method_response();
[[nodiscard]] api::http_response too_many_response(std::chrono::milliseconds retry_after);
/// The neutral page with any status, for what never became a request.
[[nodiscard]] api::http_response neutral_response(unsigned status);

}  // namespace hikyaku::gateway::io
