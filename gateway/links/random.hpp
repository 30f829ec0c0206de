// Where codes and hash keys take their random bytes from. Normally that is the system's CSPRNG;
// tests and the simulation pass a callable of their own so that a seed reproduces a whole run.
// A random_source is a reference: the callable must outlive it. Any thread, if the callable is.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <type_traits>

namespace hikyaku::gateway::links {

class random_source {
public:
    /// The system's CSPRNG (libsodium).
    random_source() noexcept;

    /// `fill` is called with a span and writes every byte of it. Not owned.
    template <typename Fill>
    requires(!std::same_as<std::remove_cv_t<Fill>, random_source> &&
             std::invocable<Fill&, std::span<std::uint8_t>>) random_source(Fill& fill)
    noexcept  // NOLINT: implicit on purpose, as for a function reference
        : context_(&fill), call_([](void* context, std::span<std::uint8_t> bytes) {
              (*static_cast<Fill*>(context))(bytes);
          }) {}

    void fill(std::span<std::uint8_t> bytes) const { call_(context_, bytes); }

private:
    void* context_;
    void (*call_)(void* context, std::span<std::uint8_t> bytes);
};

}  // namespace hikyaku::gateway::links
