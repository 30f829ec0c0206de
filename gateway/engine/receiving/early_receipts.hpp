// Receipts that came before the response to their segment, or whose message nobody knows: they are
// in the table `unmatched`, and here under every receipt key by which a response may ask for them.
// Several may wait under one key, because carriers use their ids again. Engine's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/directory/rate.hpp"
#include "gateway/engine/receiving/carrier_receipt.hpp"
#include "gateway/engine/text_map.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

struct early_receipt {
    model::unmatched_position position;
    carrier_receipt receipt;
    steady_time came;  // the beginning of time for those that were read from the store
    std::string source, destination;
    std::vector<std::string> keys;  // model::receipt_key of each reading of its id
};

class early_receipts {
public:
    /// Above these numbers the oldest are forgotten: they stay in the store for the operator, until
    /// retention.
    explicit early_receipts(std::size_t kept_max) : kept_max_(kept_max) {}
    static constexpr std::size_t of_one_key_max = 16;

    void add(early_receipt&& one);
    void forget(std::uint64_t number);
    /// The one in this place of the table, if it waits under one of the keys.
    void forget(const std::vector<std::string>& keys, const model::unmatched_position& position);
    [[nodiscard]] bool empty() const { return by_number_.empty(); }
    [[nodiscard]] std::size_t size() const { return by_number_.size(); }
    [[nodiscard]] const early_receipt& at(std::uint64_t number) const {
        return by_number_.at(number);
    }
    /// The numbers of those that wait under this key, oldest first; a view until the next change.
    [[nodiscard]] const std::vector<std::uint64_t>& waiting(std::string_view key) const;
    /// All of them by number, oldest first.
    [[nodiscard]] const std::map<std::uint64_t, early_receipt>& all() const { return by_number_; }

private:
    std::size_t kept_max_;
    std::uint64_t next_ = 1;
    std::map<std::uint64_t, early_receipt> by_number_;
    text_map<std::vector<std::uint64_t>> by_key_;
};

}  // namespace hikyaku::gateway
