// Prints docs/config.md as the settings table says it must be; `./dev docs` puts it in its place.
#include <cstdio>

#include "config/reference.hpp"

int main() {
    const auto page = hikyaku::config::markdown_reference();
    const bool written = std::fwrite(page.data(), 1, page.size(), stdout) == page.size();
    return written && std::fflush(stdout) == 0 ? 0 : 1;
}
