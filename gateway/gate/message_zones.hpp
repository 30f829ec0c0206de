// In which zones the person may be whom a message is for: those that the application has named,
// else those of the number, else those of the account. Made for one decision, on its stack.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/gate/facts.hpp"
#include "gateway/gate/policy.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::gateway::gate {

/// The zones that count for one message.
class message_zones {
public:
    message_zones(const facts& about, const policy& rules, zone_book& book);

    enum class origin : std::uint8_t { nowhere, contact, number, account };
    [[nodiscard]] origin from() const { return from_; }
    /// Empty: not known, or one of them is not known to the system.
    [[nodiscard]] zone_book::zones all() const { return {zones_.data(), count_}; }
    /// Whose holidays count; none if those of one possible country are not known.
    [[nodiscard]] std::span<const std::string_view> countries() const {
        return {countries_.data(), country_count_};
    }

private:
    static constexpr std::size_t zones_max = 96;
    static constexpr std::size_t countries_max = 8;

    template <class Names>
    bool add_names(const Names& names, zone_book& book);
    bool add(zone_book::zones more);
    [[nodiscard]] bool add_country(std::string_view country);
    void find_countries(const facts& about);

    origin from_ = origin::nowhere;
    std::array<const local_zone*, zones_max> zones_;
    std::size_t count_ = 0;
    std::array<std::string_view, countries_max> countries_;
    std::size_t country_count_ = 0;
};

/// "contact", "number", "account", "nowhere".
[[nodiscard]] std::string_view name_of(message_zones::origin what);

}  // namespace hikyaku::gateway::gate
