// Texts that are sealed together, as the octets that are sealed. Pure; any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/dunning/seal/seal.hpp"

namespace hikyaku::gateway::dunning {

[[nodiscard]] std::string seal_words(const account_secret& by, const seal_place& at,
                                     std::initializer_list<std::string_view> texts);
/// `count` texts: fewer are filled up with empty ones, and all are empty where the seal cannot be
/// opened.
[[nodiscard]] std::vector<std::string> open_words(const account_secret& by, const seal_place& at,
                                                  std::string_view sealed, std::size_t count);

}  // namespace hikyaku::gateway::dunning
