// Numbers and senders as people write them.
#include "gateway/api/addresses.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway::api {
namespace {

struct good_row {
    std::string_view text;
    std::uint8_t ton, npi;
    std::string_view digits;
};

TEST(addresses, destinations) {
    const good_row rows[] = {
        {"+819012345678", 1, 1, "819012345678"},
        {"819012345678", 1, 1, "819012345678"},
        {"+81 90-1234-5678", 1, 1, "819012345678"},
        {" (81) 90.1234/5678 ", 1, 1, "819012345678"},
        {"+12345", 1, 1, "12345"},
        {"123456789012345", 1, 1, "123456789012345"},
        {"＋８１９０１２３４５６７８", 1, 1, "819012345678"},
        {"８１ー９０−１２３４−５６７８", 1, 1, "819012345678"},
        {"81　90 12345678", 1, 1, "819012345678"},
    };
    for (const good_row& row : rows) {
        const auto parsed = parse_destination(row.text, config::account{});
        ASSERT_TRUE(parsed) << row.text;
        EXPECT_EQ(parsed->digits, row.digits) << row.text;
        EXPECT_EQ(parsed->ton, row.ton) << row.text;
        EXPECT_EQ(parsed->npi, row.npi) << row.text;
    }
}

TEST(addresses, faulty_destinations) {
    const std::pair<std::string_view, address_error> rows[] = {
        {"", address_error::empty},
        {" - ", address_error::empty},
        {"+", address_error::too_short},
        {"1234", address_error::too_short},
        {"1234567890123456", address_error::too_long},
        {"09012345678", address_error::national_prefix},
        {"+0123456", address_error::national_prefix},
        {"0081901234567", address_error::national_prefix},
        {"81901234567x", address_error::bad_character},
        {"Example", address_error::bad_character},
        {"81+901234567", address_error::bad_character},
        {"++81901234567", address_error::bad_character},
        {"8190123\xFF"
         "4567",
         address_error::bad_character},
        {std::string_view{"8190123\0004567", 12}, address_error::bad_character},
    };
    for (const auto& [text, why] : rows) {
        const auto parsed = parse_destination(text, config::account{});
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error(), why) << text;
        EXPECT_FALSE(explain(why).empty());
    }
}

TEST(addresses, destinations_by_the_settings_of_the_account) {
    config::account account;
    account.home_country = "81";
    account.trunk_prefix = "0";
    account.international_prefix = "00";
    const good_row rows[] = {
        {"09012345678", 1, 1, "819012345678"},
        {"090-1234-5678", 1, 1, "819012345678"},
        {"(03) 1234 5678", 1, 1, "81312345678"},
        {"０９０ー１２３４−５６７８", 1, 1, "819012345678"},
        {"00819012345678", 1, 1, "819012345678"},
        {"00 49 30 123456", 1, 1, "4930123456"},
        {"00123456789012345", 1, 1, "123456789012345"},
        {"819012345678", 1, 1, "819012345678"},
        {"+819012345678", 1, 1, "819012345678"},
        {"12345", 1, 1, "12345"},
        {"000", 3, 0, "000"},
        {"000123", 3, 0, "000123"},
    };
    for (const good_row& row : rows) {
        const auto parsed = parse_destination(row.text, account);
        ASSERT_TRUE(parsed) << row.text;
        EXPECT_EQ(parsed->digits, row.digits) << row.text;
        EXPECT_EQ(parsed->ton, row.ton) << row.text;
        EXPECT_EQ(parsed->npi, row.npi) << row.text;
    }
    const std::pair<std::string_view, address_error> faulty[] = {
        {"+09012345678", address_error::national_prefix},
        {"+00819012345678", address_error::national_prefix},
        {"0123", address_error::national_prefix},
        {"01234567890123456", address_error::national_prefix},
        {"001234", address_error::national_prefix},
        {"00", address_error::too_short},
        {"0", address_error::too_short},
        {"1234", address_error::too_short},
        {"1234567890123456", address_error::too_long},
        {"", address_error::empty},
    };
    for (const auto& [text, why] : faulty) {
        const auto parsed = parse_destination(text, account);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error(), why) << text;
    }
    account.international_prefix = "810";
    EXPECT_EQ(parse_destination("81012", account).error(), address_error::uncertain);
    EXPECT_FALSE(explain(address_error::uncertain).empty());
}

TEST(addresses, senders) {
    const good_row rows[] = {
        {"+81312345678", 1, 1, "81312345678"},
        {"81312345678", 1, 1, "81312345678"},
        {"0120-444-444", 2, 1, "0120444444"},
        {"12345", 3, 0, "12345"},
        {"123", 3, 0, "123"},
        {"1234567", 3, 0, "1234567"},
        {"12345678", 1, 1, "12345678"},
        {"Example", 5, 0, "Example"},
        {"A", 5, 0, "A"},
        {"My Shop 24", 5, 0, "My Shop 24"},
        {"abcdefghijk", 5, 0, "abcdefghijk"},
        {"1a2", 5, 0, "1a2"},
        {"Tom&Co.", 5, 0, "Tom&Co."},
    };
    for (const good_row& row : rows) {
        const auto parsed = parse_sender(row.text);
        ASSERT_TRUE(parsed) << row.text;
        EXPECT_EQ(parsed->digits, row.digits) << row.text;
        EXPECT_EQ(parsed->ton, row.ton) << row.text;
        EXPECT_EQ(parsed->npi, row.npi) << row.text;
    }
}

TEST(addresses, faulty_senders) {
    const std::pair<std::string_view, address_error> rows[] = {
        {"", address_error::empty},
        {"12", address_error::too_short},
        {"+1234", address_error::too_short},
        {"1234567890123456", address_error::too_long},
        {"abcdefghijkl", address_error::too_long},
        {" Example", address_error::bad_character},
        {"Example ", address_error::bad_character},
        {"Caf\xC3\xA9", address_error::bad_character},
        {"a[b]", address_error::bad_character},
        {"a\nb", address_error::bad_character},
        {"a~b", address_error::bad_character},
        {"!!!", address_error::bad_character},
        {"+0312345678", address_error::national_prefix},
    };
    for (const auto& [text, why] : rows) {
        const auto parsed = parse_sender(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error(), why) << text;
    }
}

TEST(addresses, written_as_people_know_them) {
    EXPECT_EQ(format_address(1, "819012345678"), "+819012345678");
    EXPECT_EQ(format_address(1, "+819012345678"), "+819012345678");
    EXPECT_EQ(format_address(2, "0120444444"), "0120444444");
    EXPECT_EQ(format_address(5, "Example"), "Example");
}

}  // namespace
}  // namespace hikyaku::gateway::api
