// Receipt texts as carriers write them, texts that are none, and the receipts that we write.
#include "smpp/text/receipt.hpp"

#include <gtest/gtest.h>
#include <regex.h>

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::smpp::text {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;
using maybe = std::optional<std::string_view>;
constexpr auto none = std::nullopt;

struct shape {
    std::string_view text;
    receipt_text fields;
};

const std::vector<shape>& shapes() {
    static const std::vector<shape> list{
        // Appendix B, dates with 10, 12 and 14 digits
        {"id:0123456789 sub:001 dlvrd:001 submit date:2401152359 done date:2401160001 stat:DELIVRD "
         "err:000 text:Your invoice is due",
         {"0123456789", "001", "001", "2401152359", "2401160001", "DELIVRD", "000",
          "Your invoice is due"}},
        {"id:1 sub:001 dlvrd:000 submit date:240115235901 done date:240116000102 stat:EXPIRED "
         "err:001 "
         "text:",
         {"1", "001", "000", "240115235901", "240116000102", "EXPIRED", "001", ""}},
        {"id:1 sub:001 dlvrd:001 submit date:20240115235901 done date:20240116000102 stat:DELIVRD "
         "err:0 text:x",
         {"1", "001", "001", "20240115235901", "20240116000102", "DELIVRD", "0", "x"}},
        // fields missing
        {"id:7 submit date:2401152359 done date:2401160001 stat:UNDELIV err:011 text:a",
         {"7", none, none, "2401152359", "2401160001", "UNDELIV", "011", "a"}},
        {"id:7 sub:001 dlvrd:001 submit date:2401152359 done date:2401160001 stat:DELIVRD err:000",
         {"7", "001", "001", "2401152359", "2401160001", "DELIVRD", "000", none}},
        {"id:7 stat:REJECTD", {"7", none, none, none, none, "REJECTD", none, none}},
        {"id:7 done date:2401160001 stat:DELETED",
         {"7", none, none, none, "2401160001", "DELETED", none, none}},
        // case of keys
        {"id:7 sub:001 stat:DELIVRD err:000 Text:Hello there",
         {"7", "001", none, none, none, "DELIVRD", "000", "Hello there"}},
        {"ID:7 SUB:001 DLVRD:001 SUBMIT DATE:2401152359 DONE DATE:2401160001 STAT:delivrd ERR:000 "
         "TEXT:hi",
         {"7", "001", "001", "2401152359", "2401160001", "delivrd", "000", "hi"}},
        {"Id:a1B2-c3 Sub:1 Dlvrd:1 Submit Date:2401152359 Done Date:2401160001 Stat:ACCEPTD Err:0",
         {"a1B2-c3", "1", "1", "2401152359", "2401160001", "ACCEPTD", "0", none}},
        // names of dates
        {"id:7 submitdate:2401152359 donedate:2401160001 stat:DELIVRD",
         {"7", none, none, "2401152359", "2401160001", "DELIVRD", none, none}},
        {"id:7 submit_date:2401152359 done_date:2401160001 stat:DELIVRD",
         {"7", none, none, "2401152359", "2401160001", "DELIVRD", none, none}},
        // dates of other forms
        {"id:7 submit date:2024-01-15 23:59:01 done date:2024-01-16 00:01:02 stat:DELIVRD err:000",
         {"7", none, none, "2024-01-15 23:59:01", "2024-01-16 00:01:02", "DELIVRD", "000", none}},
        // err of letters, of many digits, empty
        {"id:7 stat:UNDELIV err:E42 text:x", {"7", none, none, none, none, "UNDELIV", "E42", "x"}},
        {"id:7 stat:UNDELIV err:00001234",
         {"7", none, none, none, none, "UNDELIV", "00001234", none}},
        {"id:7 stat:UNDELIV err:ABSENT_SUB",
         {"7", none, none, none, none, "UNDELIV", "ABSENT_SUB", none}},
        {"id:7 stat:DELIVRD err: text:x", {"7", none, none, none, none, "DELIVRD", "", "x"}},
        // stat of other words
        {"id:7 stat:DELIVERED err:0", {"7", none, none, none, none, "DELIVERED", "0", none}},
        {"id:7 stat:FAILED err:5", {"7", none, none, none, none, "FAILED", "5", none}},
        {"id:7 stat:BUFFERD", {"7", none, none, none, none, "BUFFERD", none, none}},
        {"id:7 stat:BUFFRED", {"7", none, none, none, none, "BUFFRED", none, none}},
        {"id:7 stat:ACKED", {"7", none, none, none, none, "ACKED", none, none}},
        {"id:7 stat:ENROUTE", {"7", none, none, none, none, "ENROUTE", none, none}},
        {"id:7 stat:UNDELIVERABLE", {"7", none, none, none, none, "UNDELIVERABLE", none, none}},
        {"id:7 stat:BLOCKED", {"7", none, none, none, none, "BLOCKED", none, none}},
        {"id:7 sub:001 dlvrd:000 stat:2 err:9", {"7", "001", "000", none, none, "2", "9", none}},
        // any order
        {"stat:DELIVRD err:000 done date:2401160001 submit date:2401152359 dlvrd:001 sub:001 id:99",
         {"99", "001", "001", "2401152359", "2401160001", "DELIVRD", "000", none}},
        {"text:Your invoice id:99 stat:DELIVRD err:000",
         {"99", none, none, none, none, "DELIVRD", "000", "Your invoice"}},
        {"id:99 text:Hello, you sub:001 dlvrd:001 stat:DELIVRD err:000",
         {"99", "001", "001", none, none, "DELIVRD", "000", "Hello, you"}},
        // commas
        {"id:99,sub:001,dlvrd:001,submit date:2401152359,done date:2401160001,stat:DELIVRD,err:000,"
         "text:Hello, you",
         {"99", "001", "001", "2401152359", "2401160001", "DELIVRD", "000", "Hello, you"}},
        {"id:99, sub:001, dlvrd:001, submit date:2401152359, done date:2401160001, stat:DELIVRD, "
         "err:000, text:",
         {"99", "001", "001", "2401152359", "2401160001", "DELIVRD", "000", ""}},
        {"id:99;stat:DELIVRD;err:000;", {"99", none, none, none, none, "DELIVRD", "000", none}},
        // spaces, line ends, NULs
        {"id: 99 sub: 001 dlvrd: 001 stat: DELIVRD err: 000 text: Hello",
         {"99", "001", "001", none, none, "DELIVRD", "000", "Hello"}},
        {"  id:99   sub:001\tstat:DELIVRD  err:000 ",
         {"99", "001", none, none, none, "DELIVRD", "000", none}},
        {"id:99\nsub:001\nstat:DELIVRD\nerr:000\ntext:two\nlines\r\n",
         {"99", "001", none, none, none, "DELIVRD", "000", "two\nlines"}},
        {"id:99 stat:DELIVRD err:000\0"sv, {"99", none, none, none, none, "DELIVRD", "000", none}},
        {"id:99 stat:DELIVRD text:abc\0"sv, {"99", none, none, none, none, "DELIVRD", none, "abc"}},
        // what looks like a field inside another
        {"id:99 sub:001 dlvrd:001 submit date:2401152359 done date:2401160001 stat:DELIVRD err:000 "
         "text:your id:5 stat:FAILED",
         {"99", "001", "001", "2401152359", "2401160001", "DELIVRD", "000",
          "your id:5 stat:FAILED"}},
        {"id:99 stat:DELIVRD text:done date: soon, err: none",
         {"99", none, none, none, none, "DELIVRD", none, "done date: soon, err: none"}},
        {"id:a,b:c stat:DELIVRD", {"a,b:c", none, none, none, none, "DELIVRD", none, none}},
        {"id:1 id:2 stat:DELIVRD stat:FAILED",
         {"1", none, none, none, none, "DELIVRD", none, none}},
        {"mid:3 id:99 stat:DELIVRD", {"99", none, none, none, none, "DELIVRD", none, none}},
    };
    return list;
}

TEST(receipt, every_shape) {
    EXPECT_GE(shapes().size(), 25u);
    for (const shape& s : shapes()) {
        const auto parsed = parse_receipt(s.text);
        ASSERT_TRUE(parsed.has_value()) << s.text;
        EXPECT_EQ(parsed->id, s.fields.id) << s.text;
        EXPECT_EQ(parsed->sub, s.fields.sub) << s.text;
        EXPECT_EQ(parsed->dlvrd, s.fields.dlvrd) << s.text;
        EXPECT_EQ(parsed->submit_date, s.fields.submit_date) << s.text;
        EXPECT_EQ(parsed->done_date, s.fields.done_date) << s.text;
        EXPECT_EQ(parsed->stat, s.fields.stat) << s.text;
        EXPECT_EQ(parsed->err, s.fields.err) << s.text;
        EXPECT_EQ(parsed->text, s.fields.text) << s.text;
    }
}

TEST(receipt, no_receipt) {
    for (const std::string_view text :
         {""sv, " "sv, "my id: 5"sv, "STOP"sv, "id:5"sv, "id: stat:"sv, "id: stat:DELIVRD"sv,
          "stat:DELIVRD"sv, "stat:DELIVRD err:000"sv, "id:5 stat:"sv, "id:5 stat:fine"sv,
          "my id:5, stat: good, text: me"sv, "paid:5 restat:DELIVRD"sv, "id 5 stat DELIVRD"sv,
          "id=5 stat=DELIVRD"sv, "text:id 5"sv, ":::::"sv, "submit date:2401152359"sv,
          "sub:001 dlvrd:001 done date:2401152359 err:000"sv})
        EXPECT_FALSE(parse_receipt(text)) << text;
}

TEST(receipt, fields_of_a_receipt_whose_id_is_in_a_tlv) {
    const receipt_text fields = scan_receipt("stat:UNDELIV err:027 done date:2401160001");
    EXPECT_FALSE(is_receipt(fields));
    EXPECT_EQ(fields.stat, maybe("UNDELIV"));
    EXPECT_EQ(fields.err, maybe("027"));
    EXPECT_EQ(fields.done_date, maybe("2401160001"));
}

TEST(receipt, states) {
    using enum receipt_state;
    const std::vector<std::pair<std::string_view, receipt_state>> words{
        {"DELIVRD", delivered}, {"Delivered", delivered},   {"EXPIRED", expired},
        {"DELETED", deleted},   {"UNDELIV", undeliverable}, {"FAILED", undeliverable},
        {"ACCEPTD", accepted},  {"ACKED", accepted},        {"UNKNOWN", unknown},
        {"rejectd", rejected},  {"REJECTED", rejected},     {"ENROUTE", enroute},
        {"BUFFRED", enroute},   {"BUFFERD", enroute},       {"BUFFERED", enroute}};
    for (const auto& [word, state] : words)
        EXPECT_EQ(receipt_state_of(word), state) << word;
    for (const std::string_view word : {"", "DELIV", "DELIVRDX", "BLOCKED", "2"})
        EXPECT_EQ(receipt_state_of(word), none) << word;
    const std::array tlv{enroute,       enroute,  delivered, expired,  deleted,
                         undeliverable, accepted, unknown,   rejected, undeliverable};
    for (std::uint8_t value = 0; value < tlv.size(); ++value)
        EXPECT_EQ(receipt_state_of(value), tlv[value]) << int{value};
    EXPECT_EQ(receipt_state_of(std::uint8_t{10}), none);
    EXPECT_EQ(receipt_state_of(std::uint8_t{255}), none);
    for (std::uint8_t value = 1; value <= 8; ++value) {
        const auto state = static_cast<receipt_state>(value);
        EXPECT_EQ(word_of(state).size(), 7u);
        EXPECT_EQ(receipt_state_of(word_of(state)), state);
        EXPECT_EQ(is_final(state), state != enroute && state != accepted);
    }
}

TEST(receipt, dates) {
    using namespace std::chrono;
    const sys_seconds minute = sys_days{2024y / January / 15} + 23h + 59min;
    for (const auto& [text, date] : std::vector<std::pair<std::string_view, sys_seconds>>{
             {"2401152359", minute},
             {"240115235907", minute + 7s},
             {"20240115235907", minute + 7s},
             {"2024-01-15 23:59:07", minute + 7s},
             {"2024/01/15T23:59", minute},
             {"202401152359", minute},  // month 24 would be none
             {"0002290000", sys_days{2000y / February / 29}}})
        EXPECT_EQ(parse_receipt_date(text), date) << text;
    for (const std::string_view text :
         {"", "0", "240115235", "24011523591", "2413152359", "2402302359", "2401152460",
          "2401152400", "240115235x", "N/A", "-2401152359", "202401152359070",
          "20240115235907000R"})
        EXPECT_EQ(parse_receipt_date(text), none) << text;
}

receipt_fields example() {
    using namespace std::chrono;
    return {.id = "1234567890123456789",
            .sub = 1,
            .dlvrd = 1,
            .submit_date = sys_days{2024y / January / 5} + 3h + 4min + 59s,
            .done_date = sys_days{2031y / December / 31} + 23h + 59min,
            .stat = receipt_state::delivered,
            .err = "",
            .text = "Hello"};
}

std::string written(const receipt_fields& fields) {
    std::array<char, receipt_octets_max> buffer{};
    const auto text = write_receipt(buffer, fields);
    EXPECT_TRUE(text.has_value());
    return std::string(text.value_or(""));
}

TEST(receipt_writer, canonical_form) {
    receipt_fields fields = example();
    EXPECT_EQ(written(fields),
              "id:1234567890123456789 sub:001 dlvrd:001 submit date:2401050304 done "
              "date:3112312359 stat:DELIVRD err:000 text:Hello");
    fields = {
        .id = "a", .sub = 12, .dlvrd = 1000, .stat = receipt_state::undeliverable, .err = "1B"};
    EXPECT_EQ(written(fields),
              "id:a sub:012 dlvrd:999 submit date:7001010000 done date:7001010000 stat:UNDELIV "
              "err:1B text:");
}

TEST(receipt_writer, err_as_it_is) {
    const std::string word_32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    const std::vector<std::pair<std::string_view, std::string>> cases{
        {"", "000"},        {"0", "0"},         {"7", "7"},        {"123", "123"},
        {"00012", "00012"}, {"2050", "2050"},   {"0x0A", "0x0A"},  {"ABSENT_SUB", "ABSENT_SUB"},
        {"a b\n", "a?b?"},  {"\xC3\xA4", "??"}, {word_32, word_32}};
    for (const auto& [err, expected] : cases) {
        receipt_fields fields = example();
        fields.err = err;
        const std::string text = written(fields);
        EXPECT_NE(text.find(" err:" + expected + " text:"), std::string::npos) << text;
    }
}

TEST(receipt_writer, a_word_in_the_place_of_stat) {
    receipt_fields fields = example();
    for (const auto& [word, expected] : std::vector<std::pair<std::string_view, std::string>>{
             {"", "DELIVRD"}, {"NOCRED", "NOCRED"}, {"2", "2"}, {"a b\xFF", "a?b?"}}) {
        fields.stat_word = word;
        const std::string text = written(fields);
        EXPECT_NE(text.find(" stat:" + expected + " err:000 "), std::string::npos) << text;
    }
}

TEST(receipt_writer, the_longest_of_everything_fits) {
    const std::string word(40, 'W'), id(64, 'f'), text(30, 't');
    receipt_fields fields = example();
    fields.id = id;
    fields.stat_word = fields.err = word;
    fields.text = text;
    fields.dates = receipt_date_form::fourteen_digits;
    EXPECT_LE(written(fields).size(), 254U);  // of a short_message
    EXPECT_NE(written(fields).find(" err:" + word.substr(0, 32) + " text:"), std::string::npos);
}

TEST(receipt_writer, text_is_cut_and_plain) {
    receipt_fields fields = example();
    fields.text = "012345678901234567890123";
    EXPECT_TRUE(written(fields).ends_with("text:01234567890123456789"));
    fields.text = "日本 ü\n€";
    EXPECT_TRUE(written(fields).ends_with("text:?? ???"));
}

/// POSIX's matcher: std::regex does not compile without warnings with g++ 12 and sanitizers.
bool matches(const std::string& text, const char* pattern) {
    regex_t compiled;
    EXPECT_EQ(regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB), 0);
    const bool found = regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
    regfree(&compiled);
    return found;
}

TEST(receipt_writer, strict_readers_accept_it) {
    const char* const pattern =
        "^id:[^ ]{1,64} sub:[0-9]+ dlvrd:[0-9]+ submit date:[0-9]{1,14} done date:[0-9]{1,14} "
        "stat:[^ ]{1,15} err:[^ ]{1,3} text:.{0,20}$";
    receipt_fields fields = example();
    const std::string longest(64, 'f');
    fields.id = longest;
    fields.text = "123456789012345678901234567890";
    EXPECT_TRUE(matches(written(fields), pattern));
    const std::string text = written(fields);
    const auto parsed = parse_receipt(text);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->id, maybe(longest));
    EXPECT_EQ(parse_receipt_date(*parsed->submit_date),
              std::chrono::floor<std::chrono::minutes>(fields.submit_date));
    EXPECT_EQ(parsed->text, maybe("12345678901234567890"));
}

TEST(receipt_writer, small_buffers) {
    const std::string whole = written(example());
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        std::string buffer(size, '#');
        EXPECT_EQ(write_receipt(buffer, example()).has_value(), size == whole.size());
    }
}

TEST(receipt, random_changes_and_cuts) {
    std::size_t receipts = 0;
    for (std::uint32_t seed = 1; seed <= 20000; ++seed) {
        std::mt19937 random(seed);
        const auto below = [&random](std::size_t limit) { return random() % limit; };
        std::string text(shapes()[below(shapes().size())].text);
        for (std::size_t changes = below(4); changes > 0; --changes) {
            const std::size_t at = below(text.size());
            if (below(3) == 0)
                text[at] = static_cast<char>(below(256));
            else if (below(2) == 0)
                text.erase(at, 1 + below(9));
            else
                text.insert(at, text.substr(below(text.size()), below(30)));
            if (text.empty()) break;
        }
        const std::string_view view = text;
        const receipt_text fields = scan_receipt(view);
        receipts += is_receipt(fields) ? 1 : 0;
        for (const maybe& field : {fields.id, fields.sub, fields.dlvrd, fields.submit_date,
                                   fields.done_date, fields.stat, fields.err, fields.text}) {
            if (!field) continue;
            ASSERT_GE(field->data(), view.data()) << seed;
            ASSERT_LE(field->data() + field->size(), view.data() + view.size()) << seed;
        }
    }
    EXPECT_GT(receipts, 10000u);
}

TEST(receipt, long_hostile_texts_take_linear_time) {
    // A quadratic reader would take minutes for these.
    for (const std::string_view piece :
         {","sv, "id:,"sv, "err:x "sv, "submit "sv, " "sv, "text:"sv, "sub: "sv, ",err:"sv}) {
        std::string text = "text:";
        while (text.size() < 300'000)
            text += piece;
        EXPECT_FALSE(parse_receipt(text));
        EXPECT_FALSE(parse_receipt("id:" + text));
    }
}

}  // namespace
}  // namespace hikyaku::smpp::text
