// Applies the lists of today to the hits of before: their classes and reasons are made anew from
// what is stored of each, and the counts of their messages with them, in one batch for each step. A
// step looks at a bounded number of hits and waits for the disk, so that messages are not delayed
// and a crash costs one step. Nobody is told of a hit again. Engine's thread only.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "gateway/engine/hits/hits.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/links/hit_lists.hpp"

namespace hikyaku::gateway {

class reclassifier : private room {
public:
    reclassifier(engine_context& context, hits& stored) : room(context), hits_(stored) {}

    /// Lists that count from now on. What an earlier process has begun goes on; with other lists
    /// than those it begins again.
    void use(std::shared_ptr<const links::hit_lists> lists);
    /// Looks at all hits that are stored now, if that is not under way with these lists.
    /// REQUIRES: use().
    void begin();
    /// The next step, if the one before is on disk.
    void run();
    void on_stored() { under_way_ = false; }

    [[nodiscard]] reclassification_view view() const;

private:
    void load();
    void restart();
    void step();
    void look_at(const store::snapshot& snapshot, const model::hit_position& where,
                 std::string_view key, std::string_view octets);
    void put_progress();

    hits& hits_;
    std::shared_ptr<const links::hit_lists> lists_;
    bool loaded_ = false;
    bool under_way_ = false;  // a step is on its way to the disk
    reclassification_view state_;
    std::uint64_t fingerprint_ = 0;  // of the lists that it is done with
    std::string next_;               // key of the table hits to go on behind; empty = the beginning
};

}  // namespace hikyaku::gateway
