// What the desk writes: it makes events of the timeline out of what the engine's thread has left in
// the store for it (table intake, and the rows of contacts) and out of the events of the desk's
// outbox. It knows nothing of threads. The desk's thread uses it, and tests that have no thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/dunning/answers/read_reply.hpp"
#include "gateway/dunning/answers/reply_listener.hpp"
#include "gateway/dunning/desk/chronicle.hpp"
#include "gateway/engine/outputs.hpp"
#include "store/batch.hpp"

namespace hikyaku::gateway::dunning {

/// Rows for the store, and the event of the desk's outbox up to which they are about; 0 = none.
struct desk_rows {
    std::shared_ptr<store::batch> rows;
    std::uint64_t consumed = 0;
    /// An account of which nothing has been sealed yet: whoever keeps the rows makes its key
    /// (key_ring::of) with them; 0 = none.
    std::uint32_t keyless = 0;
    /// Replies among the events, at most one of a phone: whoever keeps the rows has what follows
    /// from them carried out in the same batch (answers/reply_follower).
    std::vector<read_reply> replies{};

    [[nodiscard]] bool empty() const { return rows->empty() && consumed == 0 && keyless == 0; }
};

/// What was heard from the outbox, by its sequence there.
struct heard_event {
    std::uint64_t sequence = 0;
    happening what;
    std::optional<heard_reply> reply{};  // it is one
};

class scribe {
public:
    static constexpr std::size_t written_at_once = 256;

    /// `store` outlives it.
    scribe(const secret_octets& master, store::environment& store);

    /// An item of the outbox as it is kept until it is written.
    [[nodiscard]] static heard_event heard(const outbox_item& item);

    /// A few of what is new in the store, and `events` up to one of an account that has no key:
    /// those stay there. The rows must be on disk before it is asked again.
    [[nodiscard]] desk_rows compose(std::vector<heard_event>& events);

    [[nodiscard]] chronicle& book() { return chronicle_; }
    /// How replies are read from now on.
    void read_by(std::shared_ptr<const reading_settings> settings) {
        listener_.use(std::move(settings));
    }

private:
    void take_events(std::vector<heard_event>& events, const store::snapshot& from,
                     desk_rows& made);
    void take_intake(store::batch& rows, const store::snapshot& from);
    void take_contacts(store::batch& rows, const store::snapshot& from);
    [[nodiscard]] bool has_told_hand_off(happening& what);
    void describe(happening& what, const store::snapshot& from);
    [[nodiscard]] bool append(happening& what, std::uint64_t id, const store::snapshot& from,
                              store::batch& rows);

    store::environment& store_;
    chronicle chronicle_;
    reply_listener listener_;
    std::uint64_t last_id_ = 0;
    std::uint64_t contacts_to_ = 0;
    store::record_reader messages_;
};

}  // namespace hikyaku::gateway::dunning
