// Octets of golden tests: views of texts, and lengths of PDUs. A test's own helper.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "smpp/pdu/octet_reader.hpp"
#include "tests/support/hex.hpp"

namespace hikyaku::smpp {

using octet_buffer = std::vector<std::uint8_t>;

inline octet_view view_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Writes the real length into the first four octet_buffer.
inline octet_buffer with_length(octet_buffer bytes) {
    for (int i = 0; i < 4; ++i)
        bytes[static_cast<std::size_t>(i)] =
            static_cast<std::uint8_t>(bytes.size() >> (24 - 8 * i));
    return bytes;
}

}  // namespace hikyaku::smpp
