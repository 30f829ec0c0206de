// The documents of Twilio's messages API: a message, a page of messages, an error, each in JSON and
// in the XML that Twilio answers when ".json" is not asked for. Pure, any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/api/twilio/request.hpp"

namespace hikyaku::gateway::api::twilio {

enum class form : std::uint8_t { json, xml };

/// A message with what its view does not have.
struct shown_message {
    message_view message;
    std::string body;
    std::string_view account_sid;
    bool is_new = false;  // it has just been accepted
};

struct shown_page {
    std::string first_uri, uri, next_uri, previous_uri;  // empty = null
    std::uint32_t page = 0;
    std::size_t page_size = 0;
};

[[nodiscard]] http_response render_message(const shown_message& what, form as, unsigned status,
                                           std::int64_t now_ms);
[[nodiscard]] http_response render_page(const shown_page& page,
                                        std::span<const shown_message> messages, form as,
                                        std::int64_t now_ms);
[[nodiscard]] http_response render_fault(const fault& what, form as);

/// "/2010-04-01/Accounts/AC...".
[[nodiscard]] std::string account_uri(std::string_view account_sid);
/// "queued", "scheduled", ...: Twilio's word for what became of a message.
[[nodiscard]] std::string_view status_of(const message_view& message, std::int64_t now_ms);
/// "Mon, 30 Nov 2026 07:41:10 +0000".
[[nodiscard]] std::string format_mail_date(std::int64_t wall_ms);

}  // namespace hikyaku::gateway::api::twilio
