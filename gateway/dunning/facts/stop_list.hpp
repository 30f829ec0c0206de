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
    std::uint64_t number = 0;  // of the last request for it, in this process
};

class stop_list {
public:
    void load(const store::snapshot& from);

    /// A second stop of the same is the first one with a new number.
    void add(const stop_row& stop);
    /// The number of a stop; 0: there is none.
    [[nodiscard]] std::uint64_t number_of(const stop_position& of) const;
    /// Unless it was asked for again since it had that number.
    void remove(const stop_position& of, std::uint64_t number);
    [[nodiscard]] bool has(const stop_position& of) const;
    [[nodiscard]] const std::vector<stop_row>& all() const { return stops_; }

    /// Whether nothing at all of the account is sent.
    [[nodiscard]] bool stops(std::uint32_t account) const;
    /// Whether nothing of this purpose is.
    [[nodiscard]] bool stops(std::uint32_t account, gate::purpose purpose) const;
    [[nodiscard]] bool empty() const { return stops_.empty(); }

private:
    std::vector<stop_row> stops_;
    std::uint64_t last_number_ = 0;
};

}  // namespace hikyaku::gateway::dunning
