// How undecoded bytes are passed around in smpp/text: as a read-only view. PDUs, the store and the
// planner keep their bytes in different containers, so the functions here take only this view.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hikyaku::smpp::text {

using octets = std::span<const std::uint8_t>;

/// The bytes of `bytes` as octets; the view lives as long as what it was made from.
[[nodiscard]] inline octets octets_of(std::string_view bytes) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

/// The same the other way round, for containers that speak char.
[[nodiscard]] inline std::string_view chars_of(octets bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace hikyaku::smpp::text
