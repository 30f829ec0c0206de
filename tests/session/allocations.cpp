#include "tests/session/allocations.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

std::optional<std::size_t> hikyaku::smpp::test::allocations() {
    return std::nullopt;
}

#else

namespace {
std::atomic<std::size_t> counted{0};
}

std::optional<std::size_t> hikyaku::smpp::test::allocations() {
    return counted.load();
}

void* operator new(std::size_t size) {
    ++counted;
    if (void* got = std::malloc(size)) return got;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

#endif
