#include "gateway/engine/submission/message_id_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hikyaku::gateway {
namespace {

using config::id_form;

constexpr message_id some{123456789012345678U};

TEST(message_id_text, e22_writes_decimal_and_hexadecimal_without_leading_zeros) {
    EXPECT_EQ(format_message_id(some, id_form::decimal).view(), "123456789012345678");
    EXPECT_EQ(format_message_id(some, id_form::hexadecimal).view(), "1b69b4ba630f34e");
    EXPECT_EQ(format_message_id(message_id{1}, id_form::decimal).view(), "1");
    constexpr message_id last{0x7FFFFFFFFFFFFFFF};
    EXPECT_EQ(format_message_id(last, id_form::decimal).view(), "9223372036854775807");
    EXPECT_EQ(format_message_id(last, id_form::hexadecimal).view(), "7fffffffffffffff");
}

TEST(message_id_text, reads_what_it_writes) {
    for (const auto form : {id_form::decimal, id_form::hexadecimal})
        for (const auto id : {message_id{1}, some, message_id{0x7FFFFFFFFFFFFFFF}})
            EXPECT_EQ(parse_message_id(format_message_id(id, form), form), id);
    for (const std::uint32_t alias : {1U, 0xABCDEFU, 0xFFFFFFFFU})
        EXPECT_EQ(parse_alias(format_alias(alias)), alias);
}

TEST(message_id_text, reads_hexadecimal_of_either_case_and_with_leading_zeros) {
    EXPECT_EQ(parse_message_id("1B69B4BA630F34E", id_form::hexadecimal), some);
    EXPECT_EQ(parse_message_id("01b69b4ba630f34e", id_form::hexadecimal), some);
}

TEST(message_id_text, refuses_what_is_no_id) {
    for (const std::string text :
         {"", "0", "-1", "+1", " 1", "1 ", "0123", "12a", "1b69b4ba630f34e", "9223372036854775808",
          "18446744073709551616", "99999999999999999999"})
        EXPECT_EQ(parse_message_id(text, id_form::decimal), std::nullopt) << text;
    for (const std::string text :
         {"", "0", "00000000", "-1", "0x12", "g", "8000000000000000", "10000000000000000"})
        EXPECT_EQ(parse_message_id(text, id_form::hexadecimal), std::nullopt) << text;
}

TEST(message_id_text, e12a_an_alias_has_at_most_eight_characters) {
    EXPECT_EQ(format_alias(0xFFFFFFFF).view(), "ffffffff");
    EXPECT_EQ(format_alias(0x00ABCDEF).view(), "abcdef");
    EXPECT_EQ(parse_alias("00ABCDEF"), 0xABCDEFU);
    for (const std::string text : {"", "0", "00000000", "123456789", "-1", "xyz"})
        EXPECT_EQ(parse_alias(text), std::nullopt) << text;
}

}  // namespace
}  // namespace hikyaku::gateway
