// Prints docs/errors.md as the table of errors says it must be; `./dev docs` puts it in its place.
#include <cstdio>

#include "tests/docs/errors_text.hpp"

int main() {
    const auto page = hikyaku::gateway::test::errors_page();
    const bool written = std::fwrite(page.data(), 1, page.size(), stdout) == page.size();
    return written && std::fflush(stdout) == 0 ? 0 : 1;
}
