// Golden bytes both ways, and what must hold for every PDU when it is cut or damaged.
#include "golden.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "hex.hpp"
#include "smpp/pdu/decode.hpp"
#include "smpp/pdu/encode.hpp"

namespace hikyaku::smpp {
namespace {

/// A copy on the heap of exactly its size, so that a sanitizer sees a read behind the end.
struct exact_copy {
    explicit exact_copy(octet_view from)
        : bytes(std::make_unique<std::uint8_t[]>(from.size())), size(from.size()) {
        std::ranges::copy(from, bytes.get());
    }
    [[nodiscard]] octet_view view() const { return {bytes.get(), size}; }
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t size;
};

TEST(golden, decodes_to_the_written_values) {
    for (const golden_pdu& golden : golden_pdus()) {
        const octet_buffer bytes = from_hex(golden.hex);
        const decode_result result = decode(bytes);
        ASSERT_TRUE(result.ok()) << golden.name << ": " << name_of(result.status) << " in "
                                 << result.field;
        EXPECT_EQ(result.consumed, bytes.size()) << golden.name;
        EXPECT_EQ(result.value.header.command_length, bytes.size()) << golden.name;
        EXPECT_EQ(result.status, command_status::esme_rok);
        EXPECT_EQ(describe(result.value), golden.text) << golden.name;
    }
}

TEST(golden, encodes_back_to_the_written_bytes) {
    octet_buffer out = from_hex("EE");
    for (const golden_pdu& golden : golden_pdus()) {
        const octet_buffer bytes = from_hex(golden.hex);
        out.resize(1);
        const auto written = encode(out, decode(bytes).value);
        ASSERT_TRUE(written.has_value()) << golden.name << ": " << written.error().field;
        EXPECT_EQ(*written, bytes.size()) << golden.name;
        EXPECT_EQ(to_hex(out), "ee" + to_hex(bytes)) << golden.name;
    }
}

TEST(golden, covers_every_command) {
    std::size_t seen = 0;
    for (std::uint32_t low = 0; low < 0x200; ++low) {
        for (const std::uint32_t high : {0U, response_bit}) {
            const auto id = static_cast<command_id>(low | high);
            if (!is_known(id)) continue;
            ++seen;
            EXPECT_TRUE(std::ranges::any_of(golden_pdus(), [&](const golden_pdu& golden) {
                return decode(from_hex(golden.hex)).value.header.command_id == id;
            })) << name_of(id);
        }
    }
    EXPECT_EQ(seen, 33U);
}

TEST(golden, every_prefix_is_incomplete_and_says_what_it_needs) {
    for (const golden_pdu& golden : golden_pdus()) {
        const octet_buffer bytes = from_hex(golden.hex);
        for (std::size_t n = 0; n < bytes.size(); ++n) {
            const exact_copy cut(octet_view(bytes).first(n));
            const decode_result result = decode(cut.view());
            ASSERT_EQ(result.outcome, decode_outcome::incomplete) << golden.name << " at " << n;
            EXPECT_EQ(result.consumed, 0U);
            EXPECT_EQ(result.bytes_needed, n < 4 ? header_octets : bytes.size());
        }
    }
}

TEST(golden, two_pdus_in_one_buffer_are_taken_one_by_one) {
    const octet_buffer first = from_hex(golden_pdus()[0].hex);
    octet_buffer both = first;
    const octet_buffer second = from_hex(golden_pdus()[12].hex);
    both.insert(both.end(), second.begin(), second.end());
    const decode_result result = decode(both);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result.consumed, first.size());
    EXPECT_TRUE(result.value.tlvs.empty());
    const decode_result next = decode(octet_view(both).subspan(result.consumed));
    ASSERT_TRUE(next.ok());
    EXPECT_EQ(describe(next.value), golden_pdus()[12].text);
}

/// Cut short with a command_length that agrees: requests are recoverable until the last mandatory
/// field is whole, then only where a TLV ends; responses may end before any of their fields.
TEST(golden, every_consistent_truncation_is_judged) {
    for (const golden_pdu& golden : golden_pdus()) {
        const octet_buffer bytes = from_hex(golden.hex);
        const decode_result whole = decode(bytes);
        const octet_view tlvs = whole.value.tlvs.raw();
        const std::size_t mandatory = bytes.size() - tlvs.size();
        const bool request = !is_response(whole.value.header.command_id);
        for (std::size_t n = header_octets; n < bytes.size(); ++n) {
            const octet_buffer shortened = with_length(
                octet_buffer(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n)));
            const exact_copy cut(shortened);
            const decode_result result = decode(cut.view());
            EXPECT_EQ(result.consumed, n);
            EXPECT_EQ(result.value.header.sequence_number, whole.value.header.sequence_number);
            if (n >= mandatory) {
                EXPECT_TRUE(result.ok());
                const bool clean = tlv_list::parse(tlvs.first(n - mandatory)).has_value();
                EXPECT_EQ(result.trailing == 0, clean) << golden.name << " at " << n;
                EXPECT_EQ(result.value.tlvs.raw().size() + result.trailing, n - mandatory);
            } else if (request) {
                ASSERT_EQ(result.outcome, decode_outcome::recoverable)
                    << golden.name << " at " << n;
                EXPECT_FALSE(result.field.empty());
            }
            if (!result.ok()) {
                EXPECT_EQ(result.outcome, decode_outcome::recoverable);
                EXPECT_NE(result.status, command_status::esme_rok);
            }
        }
    }
}

TEST(golden, every_single_byte_corruption_is_survived) {
    std::size_t told = 0;
    for (const golden_pdu& golden : golden_pdus()) {
        const octet_buffer bytes = from_hex(golden.hex);
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            const exact_copy damaged(bytes);
            for (int value = 0; value < 256; value += at < header_octets ? 1 : 7) {
                damaged.bytes[at] = static_cast<std::uint8_t>(value);
                const decode_result result = decode(damaged.view());
                if (result.outcome == decode_outcome::incomplete ||
                    result.outcome == decode_outcome::unrecoverable) {
                    ASSERT_LT(at, 4U) << golden.name;  // only the length can do that
                    continue;
                }
                ASSERT_GE(result.consumed, header_octets);
                ASSERT_LE(result.consumed, bytes.size());
                told += describe(result.value).size();  // touches every octet of every view
                if (!result.ok()) continue;
                // What was understood can be written, and means the same when read again.
                octet_buffer out;
                const auto written = encode(out, result.value);
                ASSERT_TRUE(written.has_value()) << golden.name;
                const decode_result again = decode(out);
                ASSERT_TRUE(again.ok());
                if (result.value.header.command_status == command_status::esme_rok)
                    EXPECT_EQ(describe(again.value), describe(result.value));
            }
        }
    }
    EXPECT_GT(told, 0U);
}

}  // namespace
}  // namespace hikyaku::smpp
