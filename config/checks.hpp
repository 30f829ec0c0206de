// The rules that no single setting can break alone: unique names, references between sections,
// limits that contradict each other, addresses used twice, and warnings about what is allowed but
// unwise. Runs once after everything is read, also when there are faults already, so that one
// look shows all of them. Called by load.cpp.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "config/reader.hpp"
#include "config/settings.hpp"

namespace hikyaku::config {

inline constexpr std::size_t system_id_chars_max = 15;  // SMPP 3.4, 5.2.1: 16 octets with the NUL

/// All of the checks below; faults and warnings go to the reader.
void check_all(const settings& s, reader& r);

void check_servers(const settings& s, reader& r);
void check_accounts(const settings& s, reader& r);
/// Domains and targets of links, and what accounts announce.
void check_account_links(const settings& s, reader& r);
void check_carriers(const settings& s, reader& r);
void check_routes(const settings& s, reader& r);
void check_sandbox(const settings& s, reader& r);

/// One warning about all secrets that stand in the file itself; `open_to_all`: its permissions, if
/// everybody on the machine may read it.
void check_secrets(const settings& s, std::optional<unsigned> open_to_all, reader& r);

struct url_parts {
    bool http = false;         // http or https
    bool https = false;        // only that
    bool credentials = false;  // user or password before the host
    bool extra = false;        // query, fragment, space or control character
    std::string_view host;     // without port and brackets
};
/// Looks at the shape of a URL only; an empty host means that it is none.
[[nodiscard]] url_parts split_url(std::string_view url);

/// What is wrong with the start of tracked links, as "must begin with ..."; empty if nothing is.
[[nodiscard]] std::string base_url_fault(std::string_view url);

}  // namespace hikyaku::config
