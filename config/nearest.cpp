#include "config/nearest.hpp"

#include <algorithm>
#include <numeric>

namespace hikyaku::config {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
    const std::size_t longer = std::max(a.size(), b.size());
    if (longer - std::min(a.size(), b.size()) > limit) return limit + 1;
    // Three rows of the classic matrix: the one before last is needed for swaps.
    std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t other = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + other});
            if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                lower(a[i - 2]) == lower(b[j - 1]))
                row[j] = std::min(row[j], before[j - 2] + 1);
        }
        std::swap(before, last);
        std::swap(last, row);
    }
    return std::min(last[b.size()], limit + 1);
}

std::string nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
    constexpr std::size_t word_bytes_max = 64;  // longer is no typing mistake of a key
    if (word.size() > word_bytes_max) return {};
    const std::size_t limit = std::clamp<std::size_t>(word.size() / 3, 1, 4);
    std::size_t best_distance = limit + 1;
    std::string_view best;
    for (const std::string_view candidate : candidates) {
        const std::size_t distance = edit_distance(word, candidate, limit);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return std::string{best};
}

}  // namespace hikyaku::config
