// What changes in the store goes through here: the two batches of this turn, those that the writer
// has, and what follows when each of them is on disk. One of the two may be refused by a failing
// disk, as long as nobody has been told of what is in it; the other one is kept until it is
// written. Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/engine/batches/continuation.hpp"
#include "gateway/engine/outputs.hpp"
#include "gateway/engine/turn.hpp"
#include "store/batch.hpp"

namespace hikyaku::gateway {

class pending_batch {
public:
    /// Puts and erases of this batch.
    [[nodiscard]] store::batch& rows();
    void then(continuation next) { then_.push_back(std::move(next)); }
    [[nodiscard]] bool waited_for() const { return !then_.empty(); }
    [[nodiscard]] bool empty() const { return then_.empty() && (!rows_ || rows_->empty()); }
    [[nodiscard]] std::size_t bytes() const { return rows_ ? rows_->bytes() : 0; }

private:
    friend class batches;

    std::unique_ptr<store::batch> rows_;
    std::vector<continuation> then_;
    std::size_t bytes_ = 0;  // when it was handed to the writer
};

class batches {
public:
    batches(turn& now, engine_outputs& outputs) : turn_(now), outputs_(outputs) {}

    /// New submissions and what belongs to them: a failing disk may refuse them all.
    [[nodiscard]] pending_batch& may_refuse() { return acceptance_; }
    /// What has happened: kept until it is on disk.
    [[nodiscard]] pending_batch& must_keep();
    /// The same for what is safe already and may wait a little for others, so that one commit takes
    /// them all.
    [[nodiscard]] pending_batch& may_wait();

    /// Hands the batches of this turn to the writer. `hurries`: what may wait does not, because
    /// there is too much of it.
    void flush(bool hurries);
    /// The batch of `ticket` is on disk, or is given up: calls `follow(continuation&)` for each of
    /// what was to follow, which may ask for more. `rows` is used again.
    template <class Follow>
    void on_committed(std::uint64_t ticket, std::unique_ptr<store::batch> rows, Follow&& follow) {
        auto done = take(ticket);
        for (auto& next : done.then_)
            follow(next);
        keep_for_reuse(std::move(done), std::move(rows));
    }

    /// Octets that wait for the disk, with those of this turn.
    [[nodiscard]] std::size_t waiting_bytes() const {
        return committing_bytes_ + acceptance_.bytes() + state_.bytes();
    }
    [[nodiscard]] std::size_t committing_bytes() const { return committing_bytes_; }
    /// What follows when the batches under way, and those of this turn, are on disk.
    [[nodiscard]] std::size_t committing_entries() const;
    /// Nothing in this turn, nothing with the writer.
    [[nodiscard]] bool idle() const {
        return committing_.empty() && acceptance_.empty() && state_.empty();
    }

private:
    void hand_over(commit_kind kind, pending_batch& from);
    [[nodiscard]] bool state_waits(bool hurries) const;
    [[nodiscard]] pending_batch take(std::uint64_t ticket);
    void keep_for_reuse(pending_batch done, std::unique_ptr<store::batch> rows);

    turn& turn_;
    engine_outputs& outputs_;
    pending_batch acceptance_, state_;
    bool state_hurries_ = false;  // something in it waits for the commit
    std::optional<steady_time> unhurried_since_;
    boost::unordered_flat_map<std::uint64_t, pending_batch> committing_;
    std::vector<pending_batch> spare_;
    std::uint64_t next_ticket_ = 1;
    std::size_t committing_bytes_ = 0;
};

}  // namespace hikyaku::gateway
