#include "store/key.hpp"

namespace hikyaku::store {

namespace {

std::uint64_t fnv1a(std::string_view bytes) {
    std::uint64_t hash = 0xCBF29CE484222325;
    for (char byte : bytes)
        hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3;
    return hash;
}

}  // namespace

key& key::text(std::string_view value) {
    if (value.size() <= key_text_max) return bytes(value);
    return bytes(value.substr(0, key_text_max)).u64(fnv1a(value));
}

}  // namespace hikyaku::store
