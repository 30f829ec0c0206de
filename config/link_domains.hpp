// Under which hosts the links of an account are answered: its own ones, `domains` and the host of
// its `base_url`, and the default one of [server.links] for links that were made there. Used by the
// checks of the configuration, the engine and the redirector. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace hikyaku::config {

/// The host of a URL in lower case, without port; empty if there is none.
[[nodiscard]] std::string host_of_url(std::string_view url);

/// What new links of the account begin with, without a slash at the end; empty: nothing.
[[nodiscard]] std::string link_base_of(const account_links& own, const links_server& all);

/// The host of new links of the account; empty: it has no links.
[[nodiscard]] std::string link_domain_of(const account_links& own, const links_server& all);

/// Whether `host`, in lower case and without port, is one of the account's own.
[[nodiscard]] bool is_own_domain(const account_links& own, std::string_view host);

/// A host name as the settings have them: labels of lower-case letters, digits and hyphens.
[[nodiscard]] bool is_domain_name(std::string_view text);

/// Whether `text` is an entry of `targets`: HOST or *.HOST, perhaps :PORT, perhaps /PATH.
[[nodiscard]] bool is_target_pattern(std::string_view text);

}  // namespace hikyaku::config
