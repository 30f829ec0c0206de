// What an account's configuration says of its callbacks, whichever door they belong to: how
// patient requests are, where they may go, and where replies are told. The engine decides by it
// when an event is given up; the driver makes requests by it. Pure functions, any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

/// Of one form of callbacks. Views live as long as the account's settings.
struct callback_settings {
    bool allow_private = false;
    std::chrono::seconds timeout{0};
    std::chrono::hours give_up_after{0};
    std::string_view reply_url;  // empty = replies are not told so
    CallbackMethod reply_method = CallbackMethod::get;
};

/// Empty: the account has no door of this form.
[[nodiscard]] std::optional<callback_settings> callback_settings_of(const config::account& account,
                                                                    CallbackForm form);

/// Some door of the account has callbacks.
[[nodiscard]] bool has_callbacks(const config::account& account);

/// The form in which the account's replies are requested: the first that has an URL for them.
[[nodiscard]] std::optional<CallbackForm> reply_callback_of(const config::account& account);

}  // namespace hikyaku::gateway
