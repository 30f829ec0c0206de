// How a fuzz target reads its input as choices: small numbers and runs of bytes, with zeros when
// the input is used up, so that every input means something. Also declares the entry that
// libFuzzer, or replay_main.cpp, calls. Single thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

/// libFuzzer's entry. A finding is a crash: a failed assert or what a sanitizer sees.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace hikyaku::fuzz {

class fuzz_input {
public:
    fuzz_input(const std::uint8_t* data, std::size_t size) : left_(data, size) {}

    [[nodiscard]] bool empty() const { return left_.empty(); }
    [[nodiscard]] std::span<const std::uint8_t> rest() const { return left_; }

    std::uint8_t u8() {
        if (left_.empty()) return 0;
        const std::uint8_t value = left_.front();
        left_ = left_.subspan(1);
        return value;
    }
    /// Big-endian, of `octets` octets.
    std::uint64_t number(unsigned octets) {
        std::uint64_t value = 0;
        for (unsigned i = 0; i < octets; ++i)
            value = value << 8 | u8();
        return value;
    }
    /// 0 to below - 1.
    std::uint8_t choose(std::uint8_t below) { return static_cast<std::uint8_t>(u8() % below); }
    /// At most `count` bytes.
    std::span<const std::uint8_t> bytes(std::size_t count) {
        const auto taken = left_.first(std::min(count, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }

private:
    std::span<const std::uint8_t> left_;
};

}  // namespace hikyaku::fuzz
