// Comma-separated values as people and spreadsheets write them.
#include "gateway/api/desk/csv.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway::api {
namespace {

using fields = std::vector<std::string>;

struct read_back {
    std::vector<fields> records;
    std::vector<std::size_t> lines, faulty;
};

read_back read(std::string_view octets) {
    read_back all;
    csv_reader reader(octets);
    fields record;
    while (reader.next(record)) {
        all.records.push_back(record);
        all.lines.push_back(reader.line());
        if (reader.is_faulty()) all.faulty.push_back(reader.line());
    }
    return all;
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

}  // namespace
}  // namespace hikyaku::gateway::api
