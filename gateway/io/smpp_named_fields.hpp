// What SMPP has no field for and a submission has: purpose, contact, debtor and debt, from the
// service_type and the TLVs that the account has named for them ([account.smpp_fields]). Pure
// functions, used by smpp_submission.cpp and the server's sessions on the io thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/submission/zone_names.hpp"
#include "gateway/engine/types.hpp"
#include "smpp/pdu/tlv.hpp"

namespace hikyaku::gateway::io {

/// The tags that the account has named, 0 where it has named none.
[[nodiscard]] inline std::array<std::uint16_t, 6> tags_in(
    const config::account_smpp_fields& names) {
    return {names.purpose_tlv, names.contact_tlv, names.zones_tlv,
            names.tags_tlv,    names.debtor_tlv,  names.debt_tlv};
}

/// Fills these fields of `into`, whose service_type is there already; a TLV wins over it. A NUL at
/// the end of a value does not count. False for a value against the rules of
/// gateway/engine/submission/contact_fields.hpp, an empty one among them.
[[nodiscard]] bool read_named_fields(const config::account_smpp_fields& names,
                                     const smpp::tlv_list& tlvs, const zone_names& zones,
                                     submission& into);

/// submission_vital_tags and those of the account: a dunning message whose torn TLV were ignored
/// would pass for another.
[[nodiscard]] std::vector<std::uint16_t> vital_tags_of(const config::account_smpp_fields& names);

}  // namespace hikyaku::gateway::io
