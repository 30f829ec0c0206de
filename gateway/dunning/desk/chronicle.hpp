// The timeline of events, each in the chain of its account, as rows: what happens becomes sealed
// rows in a batch, and a chain can be read back and checked. Knows nothing of threads; the desk's
// thread uses it, and tests.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/dunning/model/tables.hpp"
#include "gateway/dunning/seal/chain.hpp"
#include "gateway/dunning/seal/key_ring.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway::dunning {

/// One fact, before it is sealed. Empty texts are not known.
struct happening {
    std::uint64_t id = 0;  // rises; tells when it was written down
    std::uint32_t account = 0;
    std::int64_t at_ms = 0;
    record::TimelineKind kind{};
    std::uint64_t subject = 0;  // the hold, message or task
    std::string contact, phone, debtor, debt;
    std::string detail;  // "promise", "delivered"
    // Of a reply: what it was, and what was read in it as JSON.
    std::string text{}, read{};
};

struct timeline_view : happening {
    std::uint64_t number = 0;  // in the account's chain
};

/// A chain that does not hold.
struct chain_fault {
    std::uint64_t number = 0;  // of the first event that is not as it was written, or is missing
    std::string sentence;
};

class chronicle {
public:
    chronicle(const secret_octets& master, store::environment& store)
        : master_(master), store_(store) {}

    /// Puts the rows of one event into `rows`. False: the account has no key yet, and nothing was
    /// put. The batch must be on disk before another chronicle goes on with the account.
    [[nodiscard]] bool append(const happening& what, const store::snapshot& from,
                              store::batch& rows);

    /// What the engine's thread has sealed for the timeline, into `into`.
    void open_intake(std::uint64_t id, const record::Intake& row, const store::snapshot& from,
                     happening& into);

    /// The events of a contact point that is known by its digest alone, likewise.
    [[nodiscard]] std::vector<timeline_view> find(std::uint32_t account,
                                                  const party_digest& contact, std::uint64_t before,
                                                  std::size_t limit);

    /// The events of a contact point, a debtor or a debt before the id `before`, the youngest
    /// first.
    [[nodiscard]] std::vector<timeline_view> find(std::uint32_t account, model::party_scope scope,
                                                  std::string_view reference, std::uint64_t before,
                                                  std::size_t limit);

    /// Goes through all events; empty: the account's chain holds, up to its head.
    [[nodiscard]] std::optional<chain_fault> check(std::uint32_t account);

private:
    struct head {
        std::uint64_t number = 0;
        digest_octets hash{};
    };
    [[nodiscard]] const account_secret* keys_of(std::uint32_t account, const store::snapshot& from);
    [[nodiscard]] static head head_in(std::uint32_t account, const store::snapshot& from);
    [[nodiscard]] head& head_of(std::uint32_t account, const store::snapshot& from);
    [[nodiscard]] static timeline_view view_of(std::uint64_t id, const record::TimelineEvent& row,
                                               const account_secret& keys);

    using fits = std::function<bool(const timeline_view&, const account_secret&)>;
    [[nodiscard]] std::vector<timeline_view> find_those(std::uint32_t account,
                                                        const party_digest& whose,
                                                        std::uint64_t before, std::size_t limit,
                                                        const fits& fits_it);

    secret_octets master_;
    store::environment& store_;
    key_ring keys_;
    boost::unordered_flat_map<std::uint32_t, head> heads_;
};

}  // namespace hikyaku::gateway::dunning
