// The form by which anybody reports a message or link that looks like abuse: it works without
// script and asks for nothing but words. What it sends becomes a task for the account of the link
// or of the domain, or for the operator; it is shown to nobody else and sent nowhere. Pure, any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"

namespace hikyaku::gateway::io {

struct abuse_report {
    std::string code;  // of the link; empty: none was named, or what was is none
    std::string text;  // UTF-8, cut
};

inline constexpr std::size_t report_text_octets_max = 2000;

/// Empty: the body is no form with a text in it. `content_type` is that of the request.
[[nodiscard]] std::optional<abuse_report> read_abuse_report(std::string_view content_type,
                                                            std::string_view body);

[[nodiscard]] api::http_response abuse_form_page();
/// After a report, whatever became of it.
[[nodiscard]] api::http_response abuse_thanks_page();

}  // namespace hikyaku::gateway::io
