#include "gateway/api/desk/contact_point.hpp"

#include <algorithm>

#include "gateway/engine/submission/numbers.hpp"
#include "gateway/model/keys.hpp"

namespace hikyaku::gateway::api {

std::string contact_point(const config::account& account, std::string_view given) {
    auto digits = model::canonical_contact(given);
    const bool is_number =
        !digits.empty() && std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) return std::string(given);
    if (given.starts_with('+')) return '+' + digits;
    const bool is_international = read_number(account, 0, digits) == number_reading::international;
    return is_international ? '+' + digits : std::string(given);
}

}  // namespace hikyaku::gateway::api
