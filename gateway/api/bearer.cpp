#include "gateway/api/bearer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "gateway/api/answers.hpp"

namespace hikyaku::gateway::api {
namespace {

http_response refuse_token(problem_code code) {
    http_response response = refuse(code);
    response.headers.emplace_back("WWW-Authenticate",
                                  code == problem_code::token_missing
                                      ? R"(Bearer realm="hikyaku")"
                                      : R"(Bearer realm="hikyaku", error="invalid_token")");
    return response;
}

/// The token of "Bearer <token>", empty for anything else.
std::string_view token_of(std::string_view authorization) {
    constexpr std::string_view scheme = "Bearer ";
    if (!equal_ignoring_case(authorization.substr(0, scheme.size()), scheme)) return {};
    authorization.remove_prefix(scheme.size());
    const auto begin = authorization.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view{} : authorization.substr(begin);
}

bool is_inside(const std::vector<config::network>& networks, const peer_address& peer) {
    return networks.empty() || std::ranges::any_of(
                                   networks,
                                   [&peer](const config::network& each) {
                                       return each.contains(peer.bytes.data(), peer.v6);
                                   });
}

bool has_role(const known_token& token, role needed) {
    if (needed == role::nobody) return true;
    // One of api_tokens.
    if (token.settings == nullptr) return needed == role::submit || needed == role::read;
    const auto wanted = needed == role::submit ? config::token_role::submit
                        : needed == role::read ? config::token_role::read
                                               : config::token_role::admin;
    return std::ranges::find(token.settings->roles, wanted) != token.settings->roles.end();
}

}  // namespace

bearer authenticate(service& gateway, const http_request& request, instant now) {
    const std::string_view authorization = request.header("Authorization");
    if (authorization.empty()) return {refuse_token(problem_code::token_missing)};
    const std::string_view text = token_of(authorization);
    const auto found = text.empty() ? std::nullopt : gateway.find_token(text);
    if (!found) return {refuse_token(problem_code::token_invalid)};
    const auto* const own = found->settings;
    if (own != nullptr && own->expires_ms != 0 && now.system_ms() >= own->expires_ms)
        return {refuse_token(problem_code::token_expired)};
    if (!is_inside(gateway.settings_of(found->account).networks, request.peer) ||
        (own != nullptr && !is_inside(own->networks, request.peer)))
        return {refuse(problem_code::address_not_allowed)};
    return {{}, *found};
}

std::optional<http_response> refuse_role(const known_token& token, role needed) {
    if (has_role(token, needed)) return {};
    http_response response = refuse(problem_code::role_missing,
                                    fmt::format("this needs the role \"{}\"", name_of(needed)));
    response.headers.emplace_back("WWW-Authenticate",
                                  R"(Bearer realm="hikyaku", error="insufficient_scope")");
    return response;
}

}  // namespace hikyaku::gateway::api
