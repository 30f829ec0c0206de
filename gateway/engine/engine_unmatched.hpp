// The part of the engine that keeps what found nobody: receipts of unknown, several or other
// messages and replies of no account go into the table `unmatched` with the reason, are listed a
// page at a time, and are tried again when an operator asks. An entry goes in the same batch as
// what it has become. A class of its own inside the engine; read by engine_*.cpp only.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <memory>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/unmatched.hpp"

namespace hikyaku::gateway {

struct engine::impl::unmatched_desk {
    explicit unmatched_desk(impl& around) : engine_(around) {}

    /// A receipt in which an id was read has a `receipt`, and may be early unless it is ambiguous.
    /// `as_sent`: a reply's addresses and octets are the carrier's, not ours.
    void keep(carrier_id carrier, const carrier_message& message, UnmatchedWhy why,
              const carrier_receipt* receipt = nullptr, bool as_sent = false);
    /// At the start: receipts that a response may still ask for.
    void load();
    /// With what it has become, in this turn's batch; nobody sees it any more.
    void erase(const store::unmatched_position& position);
    /// The erasure is on disk.
    void on_gone(std::uint64_t counter) { gone_.erase(counter); }

    [[nodiscard]] unmatched_page page(const unmatched_query& query) const;
    [[nodiscard]] std::optional<unmatched_view> find(
        const store::unmatched_position& position) const;
    unmatched_replay replay(const store::unmatched_position& position, reply_ticket ticket);

private:
    /// The parts of one long reply that found nobody, and where they lie.
    struct kept_reply {
        reply_set set;
        std::vector<std::unique_ptr<kept_part>> parts;
        std::vector<store::unmatched_position> members;
    };
    [[nodiscard]] std::unique_ptr<unmatched_entry> read(
        const store::unmatched_position& position) const;
    [[nodiscard]] std::string carrier_name(std::uint32_t number) const;
    [[nodiscard]] unmatched_view view_of(const store::unmatched_position& position,
                                         const unmatched_entry& entry) const;
    void put(const store::unmatched_position& position, const carrier_message& message,
             UnmatchedWhy why, std::string_view carrier_message_id, bool as_sent);
    [[nodiscard]] kept_reply companions(const store::unmatched_position& position,
                                        const store::reply_part_position& part) const;
    // Each erases the entries that belong to somebody now and returns how many they are: one, for a
    // long reply its parts, or none and why.
    [[nodiscard]] std::size_t try_receipt(carrier_id carrier,
                                          const store::unmatched_position& position,
                                          const unmatched_entry& entry, UnmatchedWhy& why);
    [[nodiscard]] std::size_t try_reply(carrier_id carrier,
                                        const store::unmatched_position& position,
                                        const unmatched_entry& entry, UnmatchedWhy& why);
    [[nodiscard]] std::size_t try_parts(const store::unmatched_position& position,
                                        const store::reply_part_position& part, UnmatchedWhy& why);

    impl& engine_;
    /// Counters of entries whose erasure is not on disk yet.
    boost::unordered_flat_set<std::uint64_t> gone_;
};

}  // namespace hikyaku::gateway
