// Writes the carrier's message ids in each form. One number gives the same message in every form,
// so that the response may speak hexadecimal and the receipt decimal, as real carriers do. Lives on
// the stack; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "bench/carrier/options.hpp"

namespace hikyaku::bench {

class message_id {
public:
    /// Decimal and hex (small letters) without leading zeros; uuid as 36 characters, version 8.
    message_id(std::uint64_t number, id_form form);
    [[nodiscard]] std::string_view view() const { return {chars_.data(), size_}; }

private:
    std::array<char, 36> chars_;
    std::size_t size_ = 0;
};

}  // namespace hikyaku::bench
