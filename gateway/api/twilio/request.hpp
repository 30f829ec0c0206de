// The parameters of Twilio's messages API: a form in a body or a query, read into a submission or
// into what a page of the list is to show. What is not supported is refused by name; what does no
// harm here is ignored, and only that (docs/twilio.md lists both). Pure, any thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/api/addresses.hpp"
#include "gateway/api/twilio/errors.hpp"
#include "gateway/api/twilio/signature.hpp"
#include "gateway/engine/engine.hpp"

namespace hikyaku::gateway::api::twilio {

struct fault {
    error what{};
    std::string detail;             // behind the row's sentence; empty = nothing
    unsigned status = 0;            // 0 = the row's
    std::uint32_t retry_after = 0;  // seconds; 0 = not said
};

template <class T>
using read_result = boost::system::result<T, fault>;

/// As parse_sender(), but for "whatsapp:..." and other channels, which are not ours.
[[nodiscard]] boost::system::result<phone_address, address_error> read_sender_address(
    std::string_view text);

/// Names and values of a form, decoded, in their order. A name that comes twice is a fault.
[[nodiscard]] read_result<form_values> read_form(std::string_view text);

struct new_message {
    submission message;
    std::string from, to;     // as they are shown
    std::string service_sid;  // empty = none
    bool is_scheduled = false;
};

/// REQUIRES: the account has twilio.
[[nodiscard]] read_result<new_message> read_new_message(const form_values& form,
                                                        const config::account& account,
                                                        std::int64_t now_ms);

/// A POST to a message: nothing but Status=canceled is possible.
[[nodiscard]] std::optional<fault> check_update(const form_values& form);

/// A sender of the pool for a number: the same one each time, as long as the pool stays. Empty:
/// there are only patterns.
[[nodiscard]] std::optional<std::string> choose_sender(const config::twilio_service& service,
                                                       const config::account& account,
                                                       std::string_view to);

struct list_request {
    message_range range;
    std::uint32_t page = 0;
    std::size_t page_size = 0;
    bool is_backwards = false;  // the page before one that was shown
    std::string filters;        // those that were given, encoded again: "To=%2B81...&"
};
[[nodiscard]] read_result<list_request> read_list(std::string_view query,
                                                  const config::account& account);

}  // namespace hikyaku::gateway::api::twilio
