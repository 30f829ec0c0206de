// The emergency stops that are in force, all of them in memory: a few. One counts from the moment
// in which it is asked for; its end counts when that is on disk. Engine's thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/dunning/model/tables.hpp"
#include "gateway/gate/facts.hpp"
#include "store/snapshot.hpp"

namespace hikyaku::gateway::dunning {

struct stop_row {
    stop_position of;
    std::int64_t at_ms = 0;
    std::string by;
};

class stop_list {
public:
    void load(const store::snapshot& from);

    /// A second stop of the same is the first one.
    void add(const stop_row& stop);
    /// False: there was none.
    bool remove(const stop_position& of);
    [[nodiscard]] bool has(const stop_position& of) const;
    [[nodiscard]] const std::vector<stop_row>& all() const { return stops_; }

    /// Whether nothing at all of the account is sent.
    [[nodiscard]] bool stops(std::uint32_t account) const;
    /// Whether nothing of this purpose is.
    [[nodiscard]] bool stops(std::uint32_t account, gate::purpose purpose) const;
    [[nodiscard]] bool empty() const { return stops_.empty(); }

private:
    std::vector<stop_row> stops_;
};

}  // namespace hikyaku::gateway::dunning
