// Whom a body of the desk's resources is about: one contact point, debtor or debt, or the whole
// account. Used inside this folder, for the length of one request.
#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/model/keys.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {

struct named_party {
    model::party_scope scope = model::party_scope::contact;
    std::string reference;  // a contact point in its canonical form; empty for the account
};

/// The one of the members contact, debtor, debt and account that the body has, if its shape has
/// them; an error where there is none, or more than one.
[[nodiscard]] boost::system::result<named_party, problem> read_party(
    const body_object& body, const config::account& account);

/// Where a list goes on: the id in the member or parameter `name`, 0 where there is none.
[[nodiscard]] boost::system::result<std::uint64_t, problem> read_place(
    std::string_view name, std::optional<std::string_view> text);

}  // namespace hikyaku::gateway::api
