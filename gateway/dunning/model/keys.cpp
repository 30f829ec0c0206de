#include "gateway/dunning/model/keys.hpp"

#include <algorithm>

namespace hikyaku::gateway::dunning {

suppression_key::suppression_key(const suppression_position& position) {
    u32(position.account);
    bytes({reinterpret_cast<const char*>(position.contact.data()), position.contact.size()});
}

std::optional<suppression_position> suppression_key::parse(std::string_view octets) {
    store::key_reader reader(octets);
    suppression_position position;
    position.account = reader.u32();
    const auto digest = reader.bytes(position.contact.size());
    std::copy(digest.begin(), digest.end(), position.contact.begin());
    return reader.checked(position);
}

std::optional<stop_position> stop_key::parse(std::string_view octets) {
    store::key_reader reader(octets);
    stop_position position;
    position.account = reader.u32();
    position.purpose = reader.u8();
    return reader.checked(position);
}

std::optional<std::uint64_t> open_task_key::parse(std::string_view octets) {
    store::key_reader reader(octets);
    (void)reader.u32();
    const auto task = reader.u64();
    return reader.checked(task);
}

}  // namespace hikyaku::gateway::dunning
