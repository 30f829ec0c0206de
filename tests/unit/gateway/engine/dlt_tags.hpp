// India's DLT: the TLVs with the entity's and the template's id, which the carriers of that country
// require.
#pragma once

#include <cstdint>

namespace hikyaku::gateway {

inline constexpr std::uint16_t dlt_entity = 0x1400, dlt_template = 0x1401;

}  // namespace hikyaku::gateway
