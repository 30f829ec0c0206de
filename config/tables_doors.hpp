// The settings that the doors of other gateways' protocols share in [[account]]: how an application
// is known, and how patient the requests for its URLs are. Used by tables_account.cpp,
// tables_jasmin.cpp and tables_twilio.cpp.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "config/table.hpp"
#include "config/table_units.hpp"

namespace hikyaku::config {

/// The words of http_method.
inline constexpr std::string_view http_method_words[] = {"GET", "POST"};

/// `username` and `password` of a request.
template <class Door>
std::vector<setting> login_settings() {
    return {
        field<Door, &Door::username>(
            make::required_text("username", "Name in the request, unique")),
        field<Door, &Door::password>(make::required_secret("password", "Password in the request"))};
}

/// Of requests for URLs that the account or its messages name; `allowed` says which.
template <class Door>
std::vector<setting> callback_settings(std::string_view allowed) {
    return {field<Door, &Door::allow_private>(make::flag("allow_private", "false", allowed)),
            field<Door, &Door::timeout>(
                make::duration("timeout", R"("15s")", second, 300 * second,
                               "A request without an answer after this time has failed")),
            field<Door, &Door::give_up_after>(
                make::duration("give_up_after", R"("1d")", hour, 30 * day,
                               "A request that fails for this time becomes a dead letter"))};
}

/// A section of all of these, in their order.
inline section joined(std::string_view heading, std::string_view intro, const void* defaults,
                      std::initializer_list<std::vector<setting>> parts) {
    section made{heading, intro, defaults, {}};
    for (const auto& part : parts)
        made.settings.insert(made.settings.end(), part.begin(), part.end());
    return made;
}

}  // namespace hikyaku::config
