#include "gateway/model/keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/algorithm/hex.hpp>
#include <limits>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gateway/model/tables.hpp"

namespace hikyaku::gateway::model {
namespace {

using store::key;
using store::key_bytes_max;
using store::key_text_max;
using store::key_view;
using store::read_number;
using store::write_number;

std::string hex(std::string_view bytes) {
    return boost::algorithm::hex_lower(std::string(bytes));
}

// The same examples stand in docs/store.md.
TEST(keys, golden_bytes) {
    struct example {
        key made;
        std::string expected;
    };
    const std::vector<example> examples = {
        {message_key(0x0BA3F1E2D3C4B5A6), "0ba3f1e2d3c4b5a6"},
        {queue_key(2, 3, 7, 1'767'225'600'000, 0x0BA3F1E2D3C4B5A6),
         "00000002"
         "fc"
         "00000007"
         "8000019b76daa800"
         "0ba3f1e2d3c4b5a6"},
        {write_number<std::int64_t>(-1), "7fffffffffffffff"},
        {receipt_key(5, "1a2b"),
         "00000005"
         "31613262"},
        {receipt_entry_key(receipt_key(5, "1a2b"), {0x0BA3F1E2D3C4B5A6, 1, 2}),
         "00000005"
         "31613262"
         "00"
         "0ba3f1e2d3c4b5a6"
         "0001"},
        {write_number<std::uint16_t>(2), "0002"},
        {unmatched_key(5, 0, 9),
         "00000005"
         "8000000000000000"
         "0000000000000009"},
        {outbox_key(4, 258),
         "00000004"
         "0000000000000102"},
        {link_key("7Xk2mPq9aB"), "37586b326d5071396142"},
        {hit_key(1, "7Xk2mPq9aB", 3),
         "8000000000000001"
         "37586b326d5071396142"
         "0000000000000003"},
        {idempotency_key(7, "a-1"),
         "00000007"
         "612d31"},
        {expiry_key(1, table::links, key_view<link_key>("ab")),
         "8000000000000001"
         "07"
         "6162"},
        {reference_key(7, "inv-9", 1),
         "00000007"
         "0005"
         "696e762d39"
         "0000000000000001"},
        {name_key(name_kind::carrier, "acme"),
         "02"
         "61636d65"},
        {write_number<std::uint32_t>(258), "00000102"},
        {reply_part_key({7, 0x1122334455667788, 0x0A0B, 1, 3, 2}),
         "00000007"
         "1122334455667788"
         "0a0b"
         "01"
         "03"
         "02"},
        {alias_key(0x00C0FFEE), "00c0ffee"},
        {concat_slot_key(65535), "0000ffff"},
        {write_number<std::uint16_t>(256), "0100"},
        {write_number<std::uint64_t>(1), "0000000000000001"},
    };
    for (const auto& one : examples)
        EXPECT_EQ(hex(one.made), one.expected);
}

TEST(keys, parse_gives_back_what_was_written) {
    queue_position queued{0xFFFFFFFF, 0, 0, -5, ~std::uint64_t{0} >> 1};
    EXPECT_EQ(queue_key::parse(queue_key(queued)), queued);
    EXPECT_EQ(read_number<std::int64_t>(write_number<std::int64_t>(-77)), -77);
    EXPECT_EQ(message_key::parse(message_key(42)), 42U);
    receipt_target target{9, 255, 65535};
    const auto of_id = receipt_key(5, "1a2b");
    const auto entry = receipt_entry_key(of_id, target);
    EXPECT_EQ(parse_receipt_entry(of_id, entry, write_number(target.attempt)), target);
    EXPECT_LT(entry.view(), receipt_keys_end(of_id).view());
    // As schema 1 has it.
    const auto value = key{}.u64(target.message).u16(target.segment).u16(target.attempt);
    EXPECT_EQ(parse_receipt_entry(of_id, of_id, value), target);
    unmatched_position unmatched{1, std::numeric_limits<std::int64_t>::min(), 3};
    EXPECT_EQ(unmatched_key::parse(unmatched_key(1, unmatched.at, 3)), unmatched);
    EXPECT_EQ(outbox_key::parse(outbox_key(1, 2)), (outbox_position{1, 2}));
    auto hit = hit_key(123, "CODE", 4);
    EXPECT_EQ(hit_key::parse(hit), (hit_position{123, "CODE", 4}));
    EXPECT_EQ(reference_key::parse(reference_key(1, std::string(5000, 'x'), 77)), 77U);
    reply_part_position part{0xFFFFFFFF, ~std::uint64_t{0}, 65535, 2, 255, 255};
    EXPECT_EQ(reply_part_key::parse(reply_part_key(part)), part);
    EXPECT_EQ(alias_key::parse(alias_key(0xDEADBEEF)), 0xDEADBEEFU);
    EXPECT_EQ(read_number<std::uint16_t>(write_number<std::uint16_t>(0xABCD)), 0xABCDU);
    EXPECT_EQ(read_number<std::uint32_t>(write_number<std::uint32_t>(9)), 9U);
    EXPECT_EQ(read_number<std::uint64_t>(write_number<std::uint64_t>(9)), 9U);
    auto expiry = expiry_key(-1, table::idempotency, key_view<idempotency_key>("k"));
    auto parsed = expiry_key::parse(expiry);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->at, -1);
    EXPECT_EQ(parsed->which, table::idempotency.number);
    EXPECT_EQ(parsed->target, "k");
}

TEST(keys, parse_refuses_other_lengths_and_numbers) {
    auto whole = queue_key(1, 2, 3, 4, 5);
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(queue_key::parse(whole.view().substr(0, size))) << size;
    EXPECT_FALSE(queue_key::parse(std::string(whole.view()) + "x"));
    EXPECT_FALSE(read_number<std::int64_t>("1234567"));
    EXPECT_FALSE(message_key::parse("1234567"));
    EXPECT_FALSE(message_key::parse("123456789"));
    const auto of_id = receipt_key(5, "1a2b");
    const auto entry = receipt_entry_key(of_id, {9, 1, 2});
    for (std::size_t size = of_id.size(); size < entry.size(); ++size)
        EXPECT_FALSE(parse_receipt_entry(of_id, entry.view().substr(0, size), "12")) << size;
    EXPECT_FALSE(parse_receipt_entry(of_id, std::string(entry.view()) + "x", "12"));
    EXPECT_FALSE(parse_receipt_entry(of_id, entry, "123"));
    EXPECT_FALSE(parse_receipt_entry(of_id, of_id, "12345678901"));
    EXPECT_FALSE(parse_receipt_entry(of_id, of_id, "1234567890123"));
    EXPECT_FALSE(parse_receipt_entry(receipt_key(5, "1a2"), entry, "12"));  // of a longer id
    EXPECT_FALSE(unmatched_key::parse(""));
    EXPECT_FALSE(outbox_key::parse("12345678901"));
    EXPECT_FALSE(hit_key::parse("123456789012345"));
    EXPECT_FALSE(reference_key::parse("1234"));
    EXPECT_FALSE(read_number<std::uint32_t>("12345"));
    EXPECT_FALSE(reply_part_key::parse(std::string(16, 'x')));
    EXPECT_FALSE(reply_part_key::parse(std::string(18, 'x')));
    EXPECT_FALSE(alias_key::parse("123"));
    EXPECT_FALSE(read_number<std::uint16_t>("1"));
    EXPECT_FALSE(expiry_key::parse("12345678"));
    EXPECT_FALSE(expiry_key::parse(key{}.i64(0).u8(20).bytes("k")));
    EXPECT_FALSE(expiry_key::parse(key{}.i64(0).u8(0)));  // no target
}

// Byte order must be the order of (route, most urgent priority, account, not_before, id).
TEST(keys, queue_order) {
    std::mt19937_64 random(20260101);
    auto small = [&](std::uint64_t limit) { return random() % limit; };
    std::vector<queue_position> positions;
    for (int i = 0; i < 2000; ++i) {
        auto far = static_cast<std::int64_t>(random());
        positions.push_back(
            {static_cast<std::uint32_t>(small(3) * 0x7FFFFFFF), static_cast<std::uint8_t>(small(4)),
             static_cast<std::uint32_t>(small(3) * 300),
             small(2) != 0 ? far : static_cast<std::int64_t>(small(5)) - 2, random() >> 1});
    }
    auto before = [](const queue_position& a, const queue_position& b) {
        return std::tuple(a.route, -int{a.priority}, a.account, a.not_before, a.id) <
               std::tuple(b.route, -int{b.priority}, b.account, b.not_before, b.id);
    };
    for (std::size_t i = 1; i < positions.size(); ++i) {
        const auto& a = positions[i - 1];
        const auto& b = positions[i];
        EXPECT_EQ(before(a, b), queue_key(a).view() < queue_key(b).view());
    }
    EXPECT_LT(queue_key(1, 3, 9, 9, 9).view(), queue_key(1, 2, 0, 0, 0).view());
}

TEST(keys, prefixes_begin_their_keys) {
    EXPECT_TRUE(queue_key(1, 2, 3, 4, 5).view().starts_with(queue_prefix(1)));
    EXPECT_TRUE(queue_key(1, 2, 3, 4, 5).view().starts_with(queue_prefix(1, 2)));
    EXPECT_TRUE(queue_key(1, 2, 3, 4, 5).view().starts_with(queue_prefix(1, 2, 3)));
    EXPECT_TRUE(unmatched_key(1, 2, 3).view().starts_with(unmatched_prefix(1)));
    EXPECT_TRUE(outbox_key(1, 2).view().starts_with(outbox_prefix(1)));
    EXPECT_TRUE(reference_key(1, "ab", 2).view().starts_with(reference_prefix(1, "ab")));
    EXPECT_FALSE(reference_key(1, "abc", 2).view().starts_with(reference_prefix(1, "ab")));
    EXPECT_FALSE(reference_key(1, "", 2).view().starts_with(reference_prefix(1, "ab")));
}

TEST(keys, texts_of_any_length_fit_and_stay_distinct) {
    const std::string long_text(100'000, 'x');
    for (std::size_t size : {0U, 1U, 65U, 256U, 399U, 400U, 401U, 408U, 409U, 100'000U}) {
        auto text = long_text.substr(0, size);
        EXPECT_LE(receipt_entry_key(receipt_key(1, text), {}).size(), key_bytes_max) << size;
        EXPECT_EQ(receipt_key(1, text).view(), receipt_key(1, text).view());
        auto idempotency = idempotency_key(1, text);
        EXPECT_EQ(expiry_key::parse(expiry_key(1, table::idempotency, idempotency))->target,
                  idempotency.view());
        EXPECT_LE(reference_key(1, text, 1).size() + 9, key_bytes_max) << size;
        EXPECT_LE(link_key(text).size() + 9, key_bytes_max);
        EXPECT_LE(name_key(name_kind::account, text).size(), key_bytes_max);
    }
    EXPECT_EQ(receipt_key(1, std::string(400, 'x')).size(), 404U);
    EXPECT_EQ(receipt_key(1, std::string(401, 'x')).size(), 412U);
    EXPECT_NE(receipt_key(1, std::string(400, 'x') + "a").view(),
              receipt_key(1, std::string(400, 'x') + "b").view());
    EXPECT_LE(hit_key(1, std::string(key_text_max, 'c'), 2).size(), key_bytes_max);
}

}  // namespace
}  // namespace hikyaku::gateway::model
