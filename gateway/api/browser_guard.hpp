// What a listener without authentication asks of a request, so that a web page of somebody else
// cannot reach it through the browser of an operator who may: not by a name that the page's owner
// has pointed here (DNS rebinding), not by a request across sites, not by a form. Programs that are
// no browsers send none of the fields and notice nothing, but for the name in Host. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "gateway/api/http.hpp"
#include "gateway/api/problems.hpp"

namespace hikyaku::gateway::api {

/// Empty: answer it. `hosts`: the names, without port, by which the listener may be called beside
/// `localhost` and every numeric address.
///
/// * host_not_allowed: Host (or the target in absolute form) has another name. A page that was
/// loaded
///   from a name can be bound to any address later; from an address it cannot.
/// * origin_not_allowed: Sec-Fetch-Site says that a page of another site asks, unless the operator
///   has clicked on a link, which shows the answer to nobody else; or the request may change
///   something and its Origin is not this listener.
[[nodiscard]] std::optional<problem> refuse_foreign_page(const http_request& request,
                                                         std::span<const std::string> hosts);

}  // namespace hikyaku::gateway::api
