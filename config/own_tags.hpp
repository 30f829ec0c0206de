// The TLVs to which the gateway gives a meaning of its own, from the range of vendors. The SMPP
// door reads them, and the checks of the configuration refuse an account that names one for a field
// of its own.
#pragma once

#include <cstdint>

namespace hikyaku::config {

/// "Never send this twice after an attempt without a known outcome": one octet, 1 = yes, 0 = no.
/// Carriers never see it. docs/smpp.md describes it.
inline constexpr std::uint16_t tag_at_most_once = 0x3E10;

/// The range of vendors (SMPP 3.4, 5.3.2).
inline constexpr std::uint16_t vendor_tag_min = 0x1400, vendor_tag_max = 0x3FFF;

}  // namespace hikyaku::config
