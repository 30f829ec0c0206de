#include "gateway/links/network_list.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <map>

#include "config/values.hpp"

namespace hikyaku::gateway::links {
namespace {

using octets = std::array<std::uint8_t, 16>;
constexpr std::size_t class_count = 3;
constexpr std::uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

octets as_v6(std::span<const std::uint8_t> address) {
    assert(address.size() == 4 || address.size() == 16);
    octets out{};
    if (address.size() == 16) {
        std::memcpy(out.data(), address.data(), 16);
    } else {
        std::memcpy(out.data(), mapped, sizeof(mapped));
        std::memcpy(out.data() + sizeof(mapped), address.data(), 4);
    }
    return out;
}

struct range {
    octets first{}, last{};
};

range range_of(const config::network& network) {
    range out;
    out.first = as_v6(std::span(network.bytes).first(network.v6 ? 16U : 4U));
    out.last = out.first;
    const std::size_t fixed = network.prefix_bits + (network.v6 ? 0U : 96U);
    for (std::size_t bit = fixed; bit < 128; ++bit) {
        const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
        out.first[bit / 8] = static_cast<std::uint8_t>(out.first[bit / 8] & ~mask);
        out.last[bit / 8] = static_cast<std::uint8_t>(out.last[bit / 8] | mask);
    }
    return out;
}

/// The next address; false behind the last one.
bool advance(octets& address) {
    for (std::size_t i = address.size(); i-- > 0;)
        if (++address[i] != 0) return true;
    return false;
}

}  // namespace

network_list::network_list(const std::vector<config::link_network>& networks) {
    std::map<octets, std::array<int, class_count>> changes;
    for (const config::link_network& each : networks)
        for (const config::network& one : each.ranges) {
            range covered = range_of(one);
            const auto kind = static_cast<std::size_t>(each.says);
            ++changes[covered.first][kind];
            if (advance(covered.last)) --changes[covered.last][kind];
        }
    std::array<int, class_count> open{};
    for (const auto& [from, change] : changes) {
        border next{from, 0};
        for (std::size_t kind = 0; kind < class_count; ++kind) {
            open[kind] += change[kind];
            if (open[kind] > 0) next.says = static_cast<std::uint8_t>(next.says | (1U << kind));
        }
        borders_.push_back(next);
    }
}

std::size_t network_list::at_or_before(const octets_of_v6& what) const {
    const auto behind = std::ranges::upper_bound(borders_, what, {}, &border::from);
    return static_cast<std::size_t>(behind - borders_.begin());
}

std::uint8_t network_list::says_of(std::span<const std::uint8_t> address) const {
    if (borders_.empty()) return 0;
    const std::size_t at = at_or_before(as_v6(address));
    return at == 0 ? std::uint8_t{0} : borders_[at - 1].says;
}

network_list::network_says network_list::says_of_network(std::string_view text) const {
    const auto network = config::parse_network(text);
    if (borders_.empty() || !network) return {};
    const range covered = range_of(*network);
    std::size_t at = at_or_before(covered.first);
    const std::uint8_t first = at == 0 ? std::uint8_t{0} : borders_[at - 1].says;
    network_says out{first, first};
    for (; at < borders_.size() && borders_[at].from <= covered.last; ++at) {
        out.all = static_cast<std::uint8_t>(out.all & borders_[at].says);
        out.some = static_cast<std::uint8_t>(out.some | borders_[at].says);
    }
    return out;
}

std::uint64_t network_list::fingerprint() const {
    std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
    const auto add = [&hash](std::uint8_t octet) { hash = (hash ^ octet) * 1099511628211ULL; };
    for (const border& each : borders_) {
        for (const std::uint8_t octet : each.from)
            add(octet);
        add(each.says);
    }
    return hash;
}

}  // namespace hikyaku::gateway::links
