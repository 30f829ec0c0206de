// What several tests of the planner need: long texts, and a plan that has to be there.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "smpp/text/plan.hpp"
#include "smpp/text/profile.hpp"

namespace hikyaku::smpp::text {

inline std::string times(std::size_t count, std::string_view text) {
    std::string repeated;
    for (std::size_t i = 0; i < count; ++i)
        repeated += text;
    return repeated;
}

inline plan planned(std::string_view text, const plan_options& options = {.parts_max = 255},
                    const text_profile& profile = {}) {
    const auto made = plan_text(text, options, profile);
    EXPECT_TRUE(made.has_value()) << text;
    return made ? *made : plan{};
}

}  // namespace hikyaku::smpp::text
