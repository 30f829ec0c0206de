// What a report of abuse may be, and the paths that are no codes.
#include "gateway/io/abuse_form.hpp"

#include <gtest/gtest.h>

#include "gateway/api/form.hpp"
#include "gateway/io/fixed_paths.hpp"

namespace hikyaku::gateway::io {
namespace {

std::optional<abuse_report> read(std::string_view body) {
    return read_abuse_report(api::form_type, body);
}

TEST(abuse_form, a_report_is_words_and_perhaps_a_link) {
    const auto whole = read("link=https%3A%2F%2Fpay.example%2F7fW3kQ9xTz&text=they+threaten+me");
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->code, "7fW3kQ9xTz");
    EXPECT_EQ(whole->text, "they threaten me");
    EXPECT_EQ(read("text=x")->code, "");
    EXPECT_EQ(read("link=7fW3kQ9xTz&text=x")->code, "7fW3kQ9xTz");
    EXPECT_EQ(read("link=https%3A%2F%2Fabcdefghijk.example%2Fshort&text=x")->code, "")
        << "a host is no code";
    EXPECT_EQ(read("text=a%0Ab%1B%5Bc")->text, "a\nb [c");
}

TEST(abuse_form, what_is_no_report) {
    EXPECT_FALSE(read(""));
    EXPECT_FALSE(read("text="));
    EXPECT_FALSE(read("text=++"));
    EXPECT_FALSE(read("link=7fW3kQ9xTz"));
    EXPECT_FALSE(read("text=%FF"));
    EXPECT_FALSE(read_abuse_report("application/json", "text=x"));
}

TEST(abuse_form, words_are_cut_between_characters) {
    std::string body = "text=" + std::string(report_text_octets_max - 1, 'a') + "%E6%94%AF";
    EXPECT_EQ(read(body)->text, std::string(report_text_octets_max - 1, 'a'));
}

TEST(fixed_paths, what_every_host_is_asked_for) {
    EXPECT_EQ(fixed_path_of("/robots.txt"), fixed_path::robots);
    for (const std::string_view path :
         {"/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png",
          "/.well-known", "/.well-known/", "/.well-known/a/b"})
        EXPECT_EQ(fixed_path_of(path), fixed_path::nothing) << path;
    for (const std::string_view path : {"/", "/favicon.icon", "/robots.txt/", "/x/favicon.ico",
                                        "/apple-touch-icon/x.png", "/.well-knownx", "/7fW3kQ9xTz"})
        EXPECT_EQ(fixed_path_of(path), fixed_path::none) << path;
}

}  // namespace
}  // namespace hikyaku::gateway::io
