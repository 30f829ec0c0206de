#include "gateway/links/recent_hits.hpp"

#include <algorithm>
#include <cassert>

namespace hikyaku::gateway::links {

recent_hits::recent_hits(std::size_t networks_max, milliseconds window, random_source random)
    : window_(window), table_(networks_max, random) {
    assert(window.count() > 0);
}

std::uint32_t recent_hits::note(const network_key& network, std::string_view code,
                                milliseconds now) {
    const std::uint64_t code_hash =
        table_.hash({reinterpret_cast<const std::uint8_t*>(code.data()), code.size()});
    entry& known = table_.find_or_add(network);
    known.last = now;
    std::uint32_t others = 0;
    for (const opened& candidate : known.codes) {
        const bool recent = candidate.at != milliseconds::min() && candidate.at > now - window_;
        if (recent && candidate.code_hash != code_hash) ++others;
    }
    const auto same = std::ranges::find(known.codes, code_hash, &opened::code_hash);
    const auto oldest = std::ranges::min_element(known.codes, {}, &opened::at);
    *(same != known.codes.end() ? same : oldest) = opened{now, code_hash};
    return others;
}

}  // namespace hikyaku::gateway::links
