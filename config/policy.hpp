// A policy pack as it is written: the rules that messages of one kind of account in one
// jurisdiction are under, each with its source. The packs of config/policy/ are part of the
// program; a folder named by [policy] may hold others of the same names. docs/protection.md tells
// how to write one. Read with the configuration; gateway/gate turns it into what a decision walks
// through.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/load.hpp"
#include "config/settings.hpp"

namespace hikyaku::config {

struct embedded_pack {
    std::string_view name;  // "japan/lender"
    std::string_view text;
};
/// By name. Generated from config/policy/ while building.
[[nodiscard]] std::span<const embedded_pack> embedded_packs();

/// The pack in a text, or every fault in it. `name` is what it has to be called.
[[nodiscard]] boost::system::result<policy_pack, faults> parse_policy_pack(std::string_view text,
                                                                           std::string_view name,
                                                                           std::string file_name,
                                                                           const sources& from);

/// The packs of the program, by name.
[[nodiscard]] const std::vector<policy_pack>& shipped_packs();

/// All packs that there are with this folder of others, which may be empty: those of the program
/// and those that `wanted` names. Faults of files are added to `found`.
[[nodiscard]] std::vector<policy_pack> packs_in(const std::string& folder,
                                                std::span<const std::string> wanted,
                                                const sources& from, faults& found);

[[nodiscard]] const policy_pack* find_pack(std::span<const policy_pack> packs,
                                           std::string_view name);

/// Minutes since midnight of "08:00"; 24:00 is the end of the day. Empty for anything else.
[[nodiscard]] std::optional<std::uint32_t> parse_clock(std::string_view text);

/// The days of "2026-12-31" or "2026-12-30..2027-01-03", both ends included, as days since 1970.
struct day_span {
    std::int32_t first = 0, last = 0;
};
[[nodiscard]] std::optional<day_span> parse_day_span(std::string_view text);

/// 0 = Sunday. Empty for no name of a day.
[[nodiscard]] std::optional<unsigned> parse_weekday(std::string_view text);

}  // namespace hikyaku::config
