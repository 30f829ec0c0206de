// A callback as it goes over HTTP: each form of request is rendered here from the engine's event,
// and the answer is judged as the program would that the application was written for. A form has a
// file of its own (kannel.hpp, ...); gateway/io/callback_sender makes the requests. Pure, any
// thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/outputs.hpp"

namespace hikyaku::gateway::api {

/// Who wrote a reply, and to which number: an answer's body may hold messages for them.
struct answerable_reply {
    std::string phone, number;
};

struct rendered_callback {
    CallbackMethod method = CallbackMethod::get;
    std::string url;  // empty: nothing can be requested
    std::string content_type;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;  // beside those of every request
    std::optional<answerable_reply> answerable;
};

[[nodiscard]] rendered_callback render_callback(const callback_request& what,
                                                const config::account& account);

/// "+819012345678" where the address is international; UTF-8.
[[nodiscard]] std::string phone_of(const address_view& address);

/// Whether an answer with a 2xx counts as one. For kannel and twilio the status is all,
/// jasmin wants words of its own in the body.
[[nodiscard]] bool is_acknowledged(CallbackForm form, std::uint32_t status, std::string_view body);

}  // namespace hikyaku::gateway::api
