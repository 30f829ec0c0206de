// Receipts and replies that found nobody, as they lie in the store and as an operator asks for them
// and has them tried again. The engine fills the views (unmatched.hpp), gateway/api shows
// them masked. Plain data; engine's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/receiving/carrier_receipt.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/model/records.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

using model::record::UnmatchedWhy;
inline constexpr std::size_t unmatched_why_count = 8;

/// The word of a reason, as JSON, metrics and the log have it.
[[nodiscard]] std::string_view word_of(UnmatchedWhy why);

/// One of them; nothing is masked here.
struct unmatched_view {
    model::unmatched_position id;  // `counter` alone is unique
    std::string carrier;           // its name, also when it is configured no more
    bool is_reply = false;
    UnmatchedWhy why = UnmatchedWhy::not_recorded;
    std::string source, destination;
    bool destination_is_ours = false;  // of a reply: an account has this number
    std::uint8_t esm_class = 0, data_coding = 0;
    std::string octets, tlvs;  // as the carrier sent them; of a part of a reply in our form
};

struct unmatched_query {
    static constexpr std::size_t limit_max = 100;

    std::optional<model::unmatched_position> after;  // empty = from the beginning
    std::size_t limit = limit_max;
    std::string_view carrier;      // empty = of all
    std::optional<bool> is_reply;  // empty = both
};

/// By carrier (in the order in which the store came to know them), then by time.
struct unmatched_page {
    bool carrier_known = true;  // false: no carrier ever had that name
    std::vector<unmatched_view> found;
    /// Where to go on; empty = that was all. A page may end early, even empty, when many entries
    /// were looked at that are not of the kind asked for.
    std::optional<model::unmatched_position> next;
};

/// What became of one that was tried again.
struct unmatched_replay {
    refusal refused = refusal::none;  // not_found, shutting_down, store_failing, store_busy
    bool applied = false;             // outputs.replay_settled() follows, after the commit
    UnmatchedWhy why = UnmatchedWhy::not_recorded;  // if it is nobody's still
};

/// For the log: a reply came that no account is told of.
struct unowned_reply {
    std::string_view carrier, source, destination;
    UnmatchedWhy why = UnmatchedWhy::no_owner;
};

/// What the carrier sent; views into the record.
[[nodiscard]] carrier_message message_of(const model::record::Unmatched& stored);

/// One entry as it lies in the store; owns its bytes.
struct unmatched_entry {
    std::string bytes;
    store::record_reader reader;
    const model::record::Unmatched* record = nullptr;
    carrier_message message;  // views into `bytes`

    /// Sets `record` and `message`; false if the bytes are no Unmatched. The entry stays where it
    /// is afterwards.
    [[nodiscard]] bool read();
    /// Why it is nobody's; of an older version's what can be told.
    [[nodiscard]] UnmatchedWhy why() const;
};

}  // namespace hikyaku::gateway
