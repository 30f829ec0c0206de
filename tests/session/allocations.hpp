// Counts every operator new of this test program, so that a test can say "none from here to there".
#pragma once

#include <cstddef>
#include <optional>

namespace hikyaku::smpp::test {

/// So far, on any thread; empty in builds with a sanitizer, which brings its own operator new.
std::optional<std::size_t> allocations();

}  // namespace hikyaku::smpp::test
