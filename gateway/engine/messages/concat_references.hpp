// The reference numbers that tie the segments of a message together on a phone. Each destination
// counts on, so that two messages to one phone do not mix; the last number of each is in the store,
// by a hash of the destination. Engine's thread only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "gateway/engine/room.hpp"

namespace hikyaku::gateway {

class concat_references : private room {
public:
    /// Numbers that are not in the store begin anywhere, so that a store that was lost does not
    /// begin with references that phones have just seen.
    explicit concat_references(engine_context& context);

    [[nodiscard]] std::uint16_t next(std::string_view destination) const;
    /// The number is used by a message that goes into the batch.
    void take(std::string_view destination, std::uint16_t reference, store::batch& into);

private:
    std::vector<std::uint16_t> last_;  // by slot
};

}  // namespace hikyaku::gateway
