// Escapes of dlr-url and reply_url. Expected values with "Kannel" in the name of the test are what
// a running Kannel 1.4.5 requested.
#include "gateway/engine/delivery/callback_url.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view receipt =
    "id:m48 sub:001 dlvrd:001 submit date:2611220519 done date:2611220520 stat:DELIVRD err:000 "
    "text:hello wor";

callback_values report() {
    callback_values values;
    values.type = 1;
    values.text = receipt;
    values.at_ms = 1'795'324'957'900;
    values.phone = "819012340000";
    values.number = "+123";
    values.carrier = "SMPPONE";
    values.foreign_id = "m48";
    values.id = 4711;
    values.service = "tester";
    values.meta_data = "?smpp?dlr_err=%03%00%18&";
    values.url = "http://a/?x=%d&y=1";
    return values;
}

callback_values reply(std::string_view text) {
    callback_values values;
    values.coding = callback_coding::text;
    values.text = text;
    values.phone = "+819011112222";
    values.number = "+5050";
    values.service = "tester";
    values.carrier = "SMPPONE";
    values.meta_data = "?smpp?";
    return values;
}

std::string filled(std::string_view escape, const callback_values& values) {
    const auto url = expand_callback(std::string("http://h/?").append(escape), values);
    return url.substr(std::string_view("http://h/?").size());
}

struct row {
    std::string_view escape, expected;
};

TEST(callback_url, a_report_as_kannel_requests_it) {
    const row rows[] = {
        {"%d", "1"},
        {"%A",
         "id%3Am48+sub%3A001+dlvrd%3A001+submit+date%3A2611220519+done+date%3A2611220520+"
         "stat%3ADELIVRD+err%3A000+text%3Ahello+wor"},
        {"%k", "id%3Am48"},
        {"%s", "sub%3A001"},
        {"%s,%S", "sub%3A001,dlvrd:001"},
        {"%c", "-1"},
        {"%C", "UTF-8"},
        {"%m", "-1"},
        {"%M", "-1"},
        {"%O", "00"},
        {"%B", ""},
        {"%f", ""},
        {"%u", ""},
        {"%v", ""},
        {"%V", ""},
        {"%o", ""},
        {"%F", "m48"},
        {"%i", "SMPPONE"},
        {"%I", "4711"},
        {"%n", "tester"},
        {"%p", "819012340000"},
        {"%P", "%2B123"},
        {"%q", "819012340000"},
        {"%Q", "%2B123"},
        {"%R", "http%3A%2F%2Fa%2F%3Fx%3D%25d%26y%3D1"},
        {"%t", "2026-11-22+05:22:37"},
        {"%T", "1795324957"},
        {"%D", "%3Fsmpp%3Fdlr_err%3D%2503%2500%2518%26"},
        {"%#smpp#dlr_err#", "%03%00%18"},
        {"%#smpp#other#", ""},
        {"%#other#dlr_err#", ""},
        {"%%", "%"},
    };
    for (const auto& each : rows)
        EXPECT_EQ(filled(each.escape, report()), each.expected) << each.escape;
}

TEST(callback_url, what_kannel_does_not_know_stays_as_it_is) {
    for (const std::string_view text :
         {"%g", "%h", "%j", "%l", "%w", "%x", "%y", "%z", "%0", "%E",  "%G",    "%H",
          "%J", "%K", "%L", "%N", "%U", "%W", "%X", "%Y", "%Z", "%25", "end=x%"})
        EXPECT_EQ(filled(text, report()), text);
}

TEST(callback_url, a_reply_as_kannel_requests_it) {
    const auto values = reply("HELLO  wor*ld  a&b c+d/e");
    const row rows[] = {
        {"%a", "HELLO+wor*ld+a%26b+c%2Bd%2Fe"},
        {"%A", "HELLO++wor*ld++a%26b+c%2Bd%2Fe"},
        {"%b", "HELLO++wor*ld++a%26b+c%2Bd%2Fe"},
        {"%e", "48454C4C4F2020776F722A6C64202061266220632B642F65"},
        {"%k", "HELLO"},
        {"%r", "wor*ld+a%26b+c%2Bd%2Fe"},
        {"%s|%S|%r", "wor*ld%7Ca&b%7Cc%2Bd%2Fe"},
        {"%S", "wor~ld"},
        {"%s%s%s%s%s", "wor*lda%26bc%2Bd%2Fe"},
        {"%d", "-1"},
        {"%c", "0"},
        {"%C", "UTF-8"},
        {"%D", "%3Fsmpp%3F"},
        {"%R", ""},
        {"%p", "%2B819011112222"},
        {"%q", "%2B819011112222"},
    };
    for (const auto& each : rows)
        EXPECT_EQ(filled(each.escape, values), each.expected) << each.escape;
    std::string all;
    for (char c = 0x21; c < 0x7F; ++c)
        all.push_back(c);
    EXPECT_EQ(filled("%b", reply(all)),
              "!%22%23%24%25%26'()*%2B%2C-.%2F0123456789%3A%3B%3C%3D%3E%3F%40"
              "ABCDEFGHIJKLMNOPQRSTUVWXYZ%5B%5C%5D%5E_%60abcdefghijklmnopqrstuvwxyz%7B%7C%7D~");
    EXPECT_EQ(filled("%b", reply("\u20AC euro@\u00A1")), "%E2%82%AC+euro%40%C2%A1");
}

TEST(callback_url, a_reply_in_ucs2_is_split_by_characters) {
    auto values = reply("\0A\0B\x30\x42\0 \0 \x20\x19\0C"sv);
    values.coding = callback_coding::utf16;
    values.data_coding = 8;
    EXPECT_EQ(filled("%a", values), "%00A%00B0B%00++%19%00C");
    EXPECT_EQ(filled("%b", values), "%00A%00B0B%00+%00++%19%00C");
    EXPECT_EQ(filled("%k,%r", values), "%00A%00B0B,+%19%00C");
    EXPECT_EQ(filled("%c,%C,%O", values), "2,UTF-16BE,08");
}

TEST(callback_url, a_binary_reply) {
    auto values = reply("\x01\x02\xFF\x80"sv);
    values.coding = callback_coding::binary;
    values.data_coding = 4;
    values.header = "\x06\x05\x04\x15\x81\x15\x81"sv;
    EXPECT_EQ(filled("%b,%e,%c,%C,%O", values), "%01%02%FF%80,0102FF80,1,8-BIT,04");
    EXPECT_EQ(filled("%u", values), "%06%05%04%15%81%15%81");
}

TEST(callback_url, message_classes_and_waiting_indicators) {
    auto values = reply("x");
    values.data_coding = 241;
    values.message_class = 1;
    EXPECT_EQ(filled("%m,%M,%O", values), "1,-1,241");
    values.message_class = -1;
    values.message_waiting = 5;
    EXPECT_EQ(filled("%m,%M", values), "-1,5");
}

TEST(callback_url, prepared_with_the_spelling_of_the_application) {
    callback_values given;
    given.phone = "00819012340000";
    given.number = "+A0 %d";
    given.service = "user&co";
    constexpr auto url = "http://h/%p?q=%q&P=%P&Q=%Q&n=%n&d=%d&pct=%%p&R=%R&m=%#smpp#p#"sv;
    const auto prepared = prepare_callback(url, given);
    EXPECT_EQ(prepared,
              "http://h/00819012340000?q=%%2B819012340000&P=%%2BA0+%%25d&Q=%%2BA0+%%25d"
              "&n=user%%26co&d=%d&pct=%%p&R=http%%3A%%2F%%2Fh%%2F%%25p%%3Fq%%3D%%25q%%26P%%3D%%25P"
              "%%26Q%%3D%%25Q%%26n%%3D%%25n%%26d%%3D%%25d%%26pct%%3D%%25%%25p%%26R%%3D%%25R"
              "%%26m%%3D%%25%%23smpp%%23p%%23&m=%#smpp#p#");
    // What was filled in is not taken for escapes again.
    EXPECT_TRUE(expand_callback(prepared, report())
                    .starts_with("http://h/00819012340000?q=%2B819012340000&P=%2BA0+%25d&"
                                 "Q=%2BA0+%25d&n=user%26co&d=1&pct=%p&R=http%3A%2F%2Fh%2F%25p"));
}

TEST(callback_url, what_can_be_requested) {
    for (const std::string_view url :
         {"http://h", "https://h/", "HTTP://h:8080/x?%d", "http://[::1]/", "http://h?x=%p",
          "http://h:65535", "http://h:/", "http://[::1]:80/"})
        EXPECT_TRUE(is_callback_url(url)) << url;
    for (const std::string_view url :
         {"", "notaurl", "ftp://h/x", "http://", "http:///x", "http://:80/", "http://u:p@h/",
          "http://h:65536/", "http://h:0/", "http://h:80x/", "http://a:1:2/", "http://[::1/",
          "http://%p/", "//h/", "http://h\r\nX: y/", "http://h h/", "http://^:/", "http://h\\x/"})
        EXPECT_FALSE(is_callback_url(url)) << url;
}

TEST(callback_url, what_must_not_stand_in_a_request_line_is_encoded) {
    EXPECT_EQ(expand_callback("http://h/a b\r\nX: y?\xC3\xA9=\"<>#frag", report()),
              "http://h/a%20b%0D%0AX:%20y?%C3%A9=%22%3C%3E");
    EXPECT_EQ(filled("%S", reply("k \r*%\x7F#")), "~%25%7F%23");
}

TEST(callback_url, hosts) {
    EXPECT_EQ(callback_host("HTTP://App.Example:8080/Path?x"), "http://app.example:8080");
    EXPECT_EQ(callback_host("http://a?b://c/"), "http://a");
    EXPECT_EQ(callback_host("nothing"), "");
}

}  // namespace
}  // namespace hikyaku::gateway
