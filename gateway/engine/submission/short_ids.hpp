// Short ids: what clients of SMPP 3.3 know messages by, eight hexadecimal digits from a counter in
// the store. Engine's thread only.
#pragma once

#include <cstdint>
#include <optional>

#include "gateway/engine/room.hpp"

namespace hikyaku::gateway {

class short_ids : private room {
public:
    explicit short_ids(engine_context& context);

    /// A new one for the message. `into` must be of the same kind as the batch that holds the
    /// message.
    [[nodiscard]] std::uint32_t give(message_id id, store::batch& into);
    [[nodiscard]] std::optional<message_id> find(std::uint32_t alias) const;
    /// With the message that retention removes; 0 = it has none.
    void erase(std::uint64_t id, std::uint32_t alias, const store::snapshot& snapshot,
               store::batch& into) const;

private:
    std::uint32_t last_ = 0;
};

}  // namespace hikyaku::gateway
