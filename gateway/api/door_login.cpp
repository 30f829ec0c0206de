#include "gateway/api/door_login.hpp"

#include <algorithm>
#include <chrono>

#include "gateway/api/digest.hpp"

namespace hikyaku::gateway::api {

std::optional<account_id> door_login::check(service& gateway, const http_request& http,
                                            const shown& by, std::optional<account_id> found,
                                            secret_of secret, instant now) {
    const auto time =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.steady.time_since_epoch());
    const config::account* account = found ? &gateway.settings_of(*found) : nullptr;
    const bool is_listed =
        account != nullptr && std::ranges::any_of(account->networks, [&http](const auto& each) {
            return each.contains(http.peer.bytes.data(), http.peer.v6);
        });
    if (!guesses_.may_try(http.peer, by.username, found, is_listed, time)) {
        ++counters_.locked_out;
        ++counters_.unauthorized;
        return {};
    }
    const auto password = account != nullptr ? secret(*account, by.username) : std::string_view{};
    const bool same = same_secret(by.password, password);
    if (account == nullptr || !same || password.empty()) {
        guesses_.failed(http.peer, by.username, found, time);
        ++counters_.unauthorized;
        return {};
    }
    if (!account->networks.empty() && !is_listed) {
        ++counters_.unauthorized;
        return {};
    }
    guesses_.succeeded(http.peer, by.username, time);
    return found;
}

}  // namespace hikyaku::gateway::api
