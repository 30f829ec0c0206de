// The table of errors by itself and against the page that is written from it.
#include "gateway/engine/errors.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "smpp/pdu/constants.hpp"
#include "tests/docs/errors_text.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::command_status;

TEST(errors, each_line_has_one_name_and_a_door) {
    std::set<std::string_view> names;
    for (const error_line& line : error_table()) {
        EXPECT_TRUE(names.insert(line.name).second) << line.name;
        EXPECT_TRUE(line.http != 0 || line.sendsms.status != 0 || line.jasmin.status != 0)
            << line.name;
        EXPECT_EQ(line.http == 0, line.title.empty()) << line.name;
        EXPECT_FALSE(line.title.ends_with('.')) << line.name;
        EXPECT_TRUE(line.http == 0 || (line.http >= 400 && line.http < 600)) << line.name;
        EXPECT_EQ(&line_of(line.id), &line) << line.name;
    }
    EXPECT_GT(names.size(), 60U);
}

TEST(errors, each_refusal_has_a_status_and_a_code) {
    EXPECT_EQ(status_of(refusal::none), command_status::esme_rok);
    EXPECT_EQ(code_of(refusal::none), "none");
    for (std::size_t i = 1; i < refusal_count; ++i) {
        const auto why = static_cast<refusal>(i);
        EXPECT_NE(status_of(why), command_status::esme_rok) << code_of(why);
        EXPECT_FALSE(smpp::name_of(status_of(why)).empty()) << code_of(why);
    }
    EXPECT_EQ(status_of(refusal::rate_exceeded), command_status::esme_rthrottled);
    EXPECT_EQ(status_of(refusal::queue_full), command_status::esme_rmsgqful);
    EXPECT_EQ(status_of(refusal::store_failing), command_status::esme_rsyserr);
    EXPECT_EQ(status_of(refusal::text_too_long), command_status::esme_rinvmsglen);
    EXPECT_EQ(code_of(refusal::text_too_long), "text_too_long");
}

TEST(errors, waiting_helps_where_the_status_says_so) {
    for (const error_line& line : error_table()) {
        const bool temporary =
            line.http == 429 || line.http == 503 || line.id == error_id::idempotency_in_flight;
        EXPECT_EQ(line.retry_after_ms != 0, temporary) << line.name;
    }
}

TEST(errors, words_name_arguments_in_whole_braces) {
    for (const error_line& line : error_table()) {
        const auto text = line.jasmin.text;
        EXPECT_EQ(line.jasmin.status == 0, text.empty()) << line.name;
        EXPECT_EQ(std::ranges::count(text, '{'), std::ranges::count(text, '}')) << line.name;
        EXPECT_EQ(text.find('"'), text.npos) << line.name << ": it stands between quotes";
    }
}

TEST(errors, page_is_up_to_date) {
    std::ifstream file(HIKYAKU_SOURCE_DIR "/docs/errors.md", std::ios::binary);
    std::stringstream page;
    page << file.rdbuf();
    EXPECT_EQ(page.str(), test::errors_page()) << "run: ./dev docs";
}

}  // namespace
}  // namespace hikyaku::gateway
