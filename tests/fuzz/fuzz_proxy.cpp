// The PROXY header in front of a connection: however it is cut, the answer is the same, never more
// is wanted than the header has, and a finished or faulty one needs no further octets.
#include <cassert>
#include <span>
#include <vector>

#include "smpp/io/proxy_protocol.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku::smpp::io {
namespace {

constexpr std::size_t header_octets_max = std::max(proxy_v1_octets_max, proxy_v2_octets_max);

/// Feeds the octets as a listener does: only as many more as are wanted.
void feed(std::span<const std::uint8_t> octets) {
    std::size_t taken = 0;
    for (;;) {
        const auto read = parse_proxy_header(octets.first(taken));
        if (!read) return;
        if (read->wanted == 0) {
            if (read->header.local) assert(!read->header.source);
            return;
        }
        assert(taken + read->wanted <= header_octets_max);
        if (taken == octets.size()) return;
        taken = std::min(octets.size(), taken + read->wanted);
    }
}

}  // namespace
}  // namespace hikyaku::smpp::io

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hikyaku;
    const std::span<const std::uint8_t> octets(data, size);
    smpp::io::feed(octets);
    // The signatures are hard to guess.
    constexpr std::uint8_t v2[] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                   0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
    constexpr std::uint8_t v1[] = {'P', 'R', 'O', 'X', 'Y', ' '};
    std::vector<std::uint8_t> signed_octets(std::begin(v2), std::end(v2));
    signed_octets.insert(signed_octets.end(), octets.begin(), octets.end());
    smpp::io::feed(signed_octets);
    signed_octets.assign(std::begin(v1), std::end(v1));
    for (const std::uint8_t octet : octets)
        signed_octets.push_back(octet % 128);
    smpp::io::feed(signed_octets);
    return 0;
}
