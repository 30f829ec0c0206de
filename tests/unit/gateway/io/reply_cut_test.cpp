#include "gateway/io/reply_cut.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hikyaku::gateway::io {
namespace {

using octets = std::vector<std::uint8_t>;

std::vector<std::size_t> sizes(const octets& text, std::uint8_t data_coding) {
    std::vector<std::size_t> all;
    octets joined;
    for (const auto part : cut_reply(text, data_coding)) {
        all.push_back(part.size());
        joined.insert(joined.end(), part.begin(), part.end());
    }
    EXPECT_TRUE(joined == text || all.empty());
    return all;
}

TEST(reply_cut, by_the_alphabet) {
    using list = std::vector<std::size_t>;
    EXPECT_EQ(sizes(octets(153, 'x'), 0), (list{153}));
    EXPECT_EQ(sizes(octets(154, 'x'), 0), (list{153, 1}));
    EXPECT_EQ(sizes(octets(154, 'x'), 0xF1), (list{153, 1}));
    EXPECT_EQ(sizes(octets(154, 'x'), 3), (list{134, 20}));
    EXPECT_EQ(sizes(octets(154, 'x'), 4), (list{134, 20}));
    EXPECT_EQ(sizes(octets(154, 'x'), 8), (list{134, 20}));
    EXPECT_EQ(sizes({}, 0), list{});
}

TEST(reply_cut, never_tears_an_escape_or_a_surrogate_pair) {
    using list = std::vector<std::size_t>;
    octets text(160, 'x');
    text[152] = 0x1B;
    EXPECT_EQ(sizes(text, 0), (list{152, 8}));
    EXPECT_EQ(sizes(text, 4), (list{134, 26}));
    octets wide(140, 0);
    wide[132] = 0xD8;
    EXPECT_EQ(sizes(wide, 8), (list{132, 8}));
    EXPECT_EQ(sizes(wide, 4), (list{134, 6}));
    wide[132] = 0xDC;  // the second half of a pair
    EXPECT_EQ(sizes(wide, 8), (list{134, 6}));
}

TEST(reply_cut, at_most_255_parts) {
    EXPECT_EQ(cut_reply(octets(255 * 153, 'x'), 0).size(), 255U);
    EXPECT_TRUE(cut_reply(octets(255 * 153 + 1, 'x'), 0).empty());
}

TEST(reply_cut, a_part_begins_with_the_header) {
    EXPECT_EQ(reply_part(octets{'a', 'b'}, 7, 2, 3), (octets{5, 0, 3, 7, 3, 2, 'a', 'b'}));
}

}  // namespace
}  // namespace hikyaku::gateway::io
