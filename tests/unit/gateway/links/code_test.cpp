// Codes: shape, use of the random source, even distribution.
#include "gateway/links/code.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "seeded_random.hpp"

namespace hikyaku::gateway::links {
namespace {

TEST(code, alphabet_is_base58) {
    EXPECT_EQ(base58_alphabet.size(), 58U);
    EXPECT_EQ(std::set<char>(base58_alphabet.begin(), base58_alphabet.end()).size(), 58U);
    for (const char confusing : {'0', 'O', 'I', 'l'})
        EXPECT_EQ(base58_alphabet.find(confusing), std::string_view::npos) << confusing;
}

TEST(code, every_length_has_the_shape) {
    for (std::size_t length = code_length_min; length <= code_length_max; ++length) {
        const std::string code = make_code(length);
        EXPECT_EQ(code.size(), length);
        EXPECT_TRUE(is_code(code)) << code;
    }
}

TEST(code, system_source_does_not_repeat) {
    std::set<std::string> codes;
    for (int i = 0; i < 2000; ++i)
        codes.insert(make_code(10));
    EXPECT_EQ(codes.size(), 2000U);
}

TEST(code, a_seed_reproduces_the_codes) {
    seeded_random first{7};
    seeded_random second{7};
    seeded_random other{8};
    const std::string code = make_code(12, first);
    EXPECT_EQ(code, make_code(12, second));
    EXPECT_NE(code, make_code(12, other));
    EXPECT_NE(code, make_code(12, first)) << "the source goes on";
}

TEST(code, bytes_that_would_bias_are_drawn_again) {
    // The first block holds only refused values, the second counts up from 0.
    int calls = 0;
    auto source = [&calls](std::span<std::uint8_t> bytes) {
        ++calls;
        for (std::size_t i = 0; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::uint8_t>(calls == 1 ? 232 + i % 24 : i);
    };
    EXPECT_EQ(make_code(10, source), "123456789A");
    EXPECT_EQ(calls, 2);

    // 231 is the last value that counts: 231 % 58 = 57, the last character.
    auto edge = [](std::span<std::uint8_t> bytes) { std::ranges::fill(bytes, std::uint8_t{231}); };
    EXPECT_EQ(make_code(10, edge), "zzzzzzzzzz");
}

TEST(code, all_byte_values_reach_each_character_equally_often) {
    std::array<int, 256> count{};
    for (unsigned value = 0; value < 232; ++value) {
        auto constant = [value](std::span<std::uint8_t> bytes) {
            std::ranges::fill(bytes, static_cast<std::uint8_t>(value));
        };
        ++count[static_cast<unsigned char>(make_code(10, constant)[0])];
    }
    for (const char c : base58_alphabet)
        EXPECT_EQ(count[static_cast<unsigned char>(c)], 4) << c;
}

TEST(code, characters_are_evenly_distributed) {
    seeded_random source{2024};
    std::array<int, 256> count{};
    constexpr int codes = 5800;
    for (int i = 0; i < codes; ++i)
        for (const char c : make_code(10, source))
            ++count[static_cast<unsigned char>(c)];
    // 1000 of each expected; chi-square with 57 degrees of freedom is below 95 in 99.9 % of cases.
    double chi_square = 0;
    for (const char c : base58_alphabet) {
        const double difference = count[static_cast<unsigned char>(c)] - 1000.0;
        chi_square += difference * difference / 1000.0;
    }
    EXPECT_LT(chi_square, 95.0);
    EXPECT_GT(chi_square, 20.0) << "too even to be random";
}

TEST(code, shape) {
    struct row {
        std::string_view text;
        bool expected;
    };
    const row rows[] = {
        {"123456789A", true},
        {"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", true},    // 32
        {"zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", false},  // 33
        {"123456789", false},
        {"", false},
        {"123456789O", false},
        {"123456789I", false},
        {"123456789l", false},
        {"0123456789", false},
        {"12345-789A", false},
        {"123456789A/", false},
        {"../../etc/passwd", false},
        {"123456789\xE3\x81\x82", false},
        {std::string_view("123456789\0A", 11), false},
    };
    for (const row& r : rows)
        EXPECT_EQ(is_code(r.text), r.expected) << r.text;
}

TEST(code, is_found_in_a_path) {
    constexpr std::string_view code = "7fW3kQ9xTz";
    for (const std::string_view path : {"/7fW3kQ9xTz",          "7fW3kQ9xTz",
                                        "//7fW3kQ9xTz",         "/7fW3kQ9xTz/",
                                        "/7fW3kQ9xTz//",        "/7fW3kQ9xTz)",
                                        "/7fW3kQ9xTz.",         "/7fW3kQ9xTz,",
                                        "/7fW3kQ9xTz!",         "/7fW3kQ9xTz'",
                                        "/7fW3kQ9xTz;",         "/7fW3kQ9xTz%20",
                                        "/7fW3kQ9xTz%E3%80%82", "/7fW3kQ9xTz\u3002",
                                        "/7fW3kQ9xTz\uFF01",    "/7fW3kQ9xTz%EF%BC%89",
                                        "/7fW3kQ9xTz).",        "/7fW3kQ9xTz%",
                                        "/7fW3kQ9xTz%2",        "/7fW3kQ9xTz%zz",
                                        "/7fW3kQ9xTz{id}",      "/7fW3kQ9xTz|b",
                                        "/7fW3kQ9xTz/more",     "/%207fW3kQ9xTz",
                                        "/p/7fW3kQ9xTz",        "/%E3%80%8C7fW3kQ9xTz%E3%80%8D",
                                        "/7fW3kQ9xTz\"",        "/<7fW3kQ9xTz>"})
        EXPECT_EQ(find_code(path), code) << path;
    for (const std::string_view path :
         {"", "/", "/7fW3kQ9xT0", "/7fW3kQ9xTzl", "/l7fW3kQ9xTz", "/7fW3kQ9x", "/%37fW3kQ9xTz",
          "/7fW3k.Q9xTz", "/favicon.ico", "/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"})
        EXPECT_EQ(find_code(path), "") << path;
}

}  // namespace
}  // namespace hikyaku::gateway::links
