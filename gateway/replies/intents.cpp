#include "gateway/replies/intents.hpp"

#include <algorithm>
#include <array>

namespace hikyaku::gateway::replies {
namespace {

constexpr std::array<std::string_view, intent_count> names{
    "stop",     "start",        "help",           "paid",       "promise", "plan_request",
    "dispute",  "wrong_person", "representation", "insolvency", "death",   "hardship",
    "callback", "question",     "complaint",      "abuse",      "unclear"};

}  // namespace

std::string_view name_of(intent what) {
    return names[static_cast<std::size_t>(what)];
}

std::optional<intent> intent_from(std::string_view name) {
    const auto at = std::ranges::find(names, name);
    if (at == names.end()) return std::nullopt;
    return static_cast<intent>(at - names.begin());
}

}  // namespace hikyaku::gateway::replies
