// How often each character occurs in a text, so that the planner can tell what a text takes in any
// national tables without writing it in each of them. plan.cpp uses it; nobody else includes this
// file. Pure, any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "smpp/text/national.hpp"

namespace hikyaku::smpp::text {

class character_counts {
public:
    /// `utf8` must be valid.
    explicit character_counts(std::string_view utf8);

    /// Septets of the text in the given tables; empty if they lack one of its characters.
    [[nodiscard]] std::optional<std::size_t> septets(national_shift shift) const noexcept;

private:
    std::vector<std::pair<char32_t, std::size_t>> others_;  // what decides comes first
    std::array<std::size_t, 128> ascii_{};
};

}  // namespace hikyaku::smpp::text
