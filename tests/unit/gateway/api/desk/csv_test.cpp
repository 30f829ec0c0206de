// Comma-separated values as people and spreadsheets write them.
#include "gateway/api/desk/csv.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway::api {
namespace {

using fields = std::vector<std::string>;

struct read_back {
    std::vector<fields> records;
    std::vector<std::size_t> lines, faulty, too_long;

    friend bool operator==(const read_back&, const read_back&) = default;
};

read_back read(std::string_view octets, std::size_t piece) {
    read_back all;
    csv_reader reader;
    const auto note = [&] {
        if (!reader.has_record()) return;
        all.records.push_back(reader.fields());
        all.lines.push_back(reader.line());
        if (reader.fault() == csv_fault::quote) all.faulty.push_back(reader.line());
        if (reader.fault() == csv_fault::too_long) all.too_long.push_back(reader.line());
    };
    while (!octets.empty()) {
        auto now = octets.substr(0, piece);
        octets.remove_prefix(now.size());
        while (!now.empty()) {
            now.remove_prefix(reader.take(now));
            note();
        }
    }
    reader.finish();
    note();
    return all;
}

/// However the octets come, the records are the same.
read_back read(std::string_view octets) {
    auto whole = read(octets, std::string_view::npos);
    for (const std::size_t piece : {1, 2, 3, 7})
        EXPECT_EQ(read(octets, piece), whole) << piece << " octets at once";
    return whole;
}

TEST(csv, is_read_in_every_usual_form) {
    struct row {
        std::string_view octets;
        std::vector<fields> records;
    };
    const row rows[] = {
        {"", {}},
        {"\r\n\n\r\n", {}},
        {"a,b", {{"a", "b"}}},
        {"a,b\n", {{"a", "b"}}},
        {"a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
        {"a\n\n\nb", {{"a"}, {"b"}}},
        {",", {{"", ""}}},
        {"a,", {{"a", ""}}},
        {"\xEF\xBB\xBF"
         "a",
         {{"a"}}},
        {R"("a")", {{"a"}}},
        {R"("a,b",c)", {{"a,b", "c"}}},
        {R"("a ""b""",c)", {{R"(a "b")", "c"}}},
        {"\"a\nb\",c\nd", {{"a\nb", "c"}, {"d"}}},
        {R"("")", {{""}}},
        {"+819012345678,dunning", {{"+819012345678", "dunning"}}},
    };
    for (const auto& each : rows) {
        const auto all = read(each.octets);
        EXPECT_EQ(all.records, each.records) << each.octets;
        EXPECT_TRUE(all.faulty.empty()) << each.octets;
    }
}

TEST(csv, tells_where_a_record_begins_and_which_are_faulty) {
    const auto all = read("h\n\"a\n\nb\",1\n\nx\"y\n\"z\"z\nlast\n\"open\n,");
    EXPECT_EQ(all.lines, (std::vector<std::size_t>{1, 2, 6, 7, 8, 9}));
    EXPECT_EQ(all.faulty, (std::vector<std::size_t>{6, 7, 9}));
}

TEST(csv, comes_back_as_it_was_written) {
    const std::vector<fields> records = {{"plain", "with,comma", "with \"quotes\""},
                                         {"", "two\nlines", "\r\n"},
                                         {"+81", "=1+1", " "}};
    std::string octets;
    for (const auto& each : records)
        append_csv(octets, {each[0], each[1], each[2]});
    const auto all = read(octets);
    EXPECT_EQ(all.records, records);
    EXPECT_TRUE(all.faulty.empty());
}

TEST(csv, takes_only_a_whole_byte_order_mark_for_one) {
    EXPECT_EQ(read("\xEF\xBB\xBF\xEF\xBB\xBF"
                   "a")
                  .records,
              (std::vector<fields>{{"\xEF\xBB\xBF"
                                    "a"}}));
    EXPECT_EQ(read("\xEF\xBB,a").records, (std::vector<fields>{{"\xEF\xBB", "a"}}));
}

TEST(csv, is_bounded_in_every_direction) {
    const std::string longest(csv_reader::field_octets_max, 'x');
    EXPECT_EQ(read(longest + ",b\n").too_long, std::vector<std::size_t>{});
    EXPECT_EQ(read(longest + "x,b\nc\n").too_long, std::vector<std::size_t>{1});
    const std::string many(csv_reader::fields_max - 1, ',');
    EXPECT_EQ(read(many + "\n").too_long, std::vector<std::size_t>{});
    EXPECT_EQ(read(many + ",\nc").too_long, std::vector<std::size_t>{1});
    EXPECT_EQ(read(many + ",\nc").records.back(), fields{"c"});
}

/// A quote that nobody closes costs the records up to the end of the line in which it is given up.
TEST(csv, goes_on_behind_a_quote_that_is_never_closed) {
    std::string octets = "a\n\"open\n";
    while (octets.size() < csv_reader::record_octets_max + 1000)
        octets += "line of it\n";
    octets += "last\n";
    const auto all = read(octets);
    ASSERT_GE(all.records.size(), 3U);
    EXPECT_EQ(all.records.front(), fields{"a"});
    EXPECT_EQ(all.records.back(), fields{"last"});
    EXPECT_EQ(all.too_long, std::vector<std::size_t>{2});
    EXPECT_LT(all.records.size(), 1000U / 11 + 4);
}

TEST(csv, is_made_safe_for_spreadsheets_and_comes_back) {
    for (const std::string field :
         {"=1+1", "+81", "-1", "@a", "\tx", "'=1", "''+1", "'", "x", "", "'x", "x=1"}) {
        std::string octets;
        append_csv(octets, {field}, true);
        if (looks_like_formula(field)) EXPECT_EQ(octets.front(), '\'');
        if (field.empty()) continue;  // an empty line
        const auto all = read(octets);
        ASSERT_EQ(all.records.size(), 1U) << field;
        EXPECT_EQ(without_apostrophe(all.records[0][0]), field);
    }
    std::string plain;
    append_csv(plain, {"+81"});
    EXPECT_EQ(plain, "+81\r\n");
}

}  // namespace
}  // namespace hikyaku::gateway::api
