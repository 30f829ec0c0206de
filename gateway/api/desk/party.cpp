#include "gateway/api/desk/party.hpp"

#include "gateway/api/desk/contact_point.hpp"
#include "gateway/api/json/field_faults.hpp"

namespace hikyaku::gateway::api {
namespace {

using model::party_scope;

struct named_scope {
    std::string_view name;
    party_scope scope;
};
constexpr named_scope scopes[] = {{"contact", party_scope::contact},
                                  {"debtor", party_scope::debtor},
                                  {"debt", party_scope::debt},
                                  {"account", party_scope::account}};

}  // namespace

boost::system::result<named_party, problem> read_party(const body_object& body,
                                                       const config::account& account) {
    if (auto fault = body.label_fault({"contact", "debtor", "debt"})) return std::move(*fault);
    named_party made;
    std::size_t said = 0;
    for (const auto& [name, scope] : scopes) {
        const bool is_account = scope == party_scope::account;
        if (is_account ? !body.flag(name) : !body.has(name)) continue;
        ++said;
        made.scope = scope;
        if (!is_account) made.reference = body.text(name);
    }
    if (said == 1) {
        if (made.scope == party_scope::contact)
            made.reference = contact_point(account, made.reference);
        return made;
    }
    problem fault;
    fault.code = said == 0 ? problem_code::field_missing : problem_code::field_invalid;
    fault.detail = "it must be about one contact, debtor or debt, or about the account";
    return fault;
}

boost::system::result<std::uint64_t, problem> read_place(std::string_view name,
                                                         std::optional<std::string_view> text) {
    if (!text) return std::uint64_t{0};
    if (const auto id = store::parse_id(*text)) return *id;
    problem fault;
    fault.code = problem_code::field_invalid;
    fault.detail.append(name).append(" must be what a page before has given");
    return fault;
}

}  // namespace hikyaku::gateway::api
