// How attempts to bind end: what is counted, remembered and logged, and how often.
#include "gateway/io/bind_ends.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <string>

#include "gateway/io/logging.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr bind_identity first{smpp::command_id::bind_transceiver, 1};
constexpr bind_identity second{smpp::command_id::bind_transceiver, 2};
constexpr bind_identity calls{smpp::command_id::bind_receiver, 0};

struct bind_ends_test : ::testing::Test {
    temporary_folder folder;
    std::string file = folder / "log";
    bind_ends ends{"north"};
    instant now{std::chrono::steady_clock::time_point(1h), 1'000'000};
    std::size_t seen = 0;

    void SetUp() override {
        std::string fault;
        ASSERT_TRUE(open_log({.file = file}, fault)) << fault;
    }
    void TearDown() override {
        std::string fault;
        EXPECT_TRUE(open_log({}, fault)) << "standard error again";
    }
    void pass(std::chrono::seconds time) {
        now.steady += time;
        now.wall_ms += time.count() * 1000;
    }
    void fail(const bind_identity& who, bind_stage stage, std::string reason,
              std::string host = "smsc.example", std::uint16_t port = 2775) {
        ends.failed(who, {stage, std::move(host), port, std::move(reason), {}}, now);
    }
    /// Since the last call; each from its sentence on.
    std::vector<std::string> lines() {
        flush_log();
        std::ifstream in(file);
        std::vector<std::string> all;
        for (std::string line; std::getline(in, line);)
            all.push_back(line.substr(std::min(line.size(), line.find("a bind to a carrier"))));
        all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(seen));
        seen += all.size();
        return all;
    }
    std::uint64_t count(bind_stage stage) const {
        return ends.counts()[static_cast<std::size_t>(stage)];
    }
};

TEST_F(bind_ends_test, the_first_is_logged_at_once_and_then_one_a_minute) {
    fail(first, bind_stage::refused, "ESME_RINVPASWD");
    const auto told = lines();
    ASSERT_EQ(told.size(), 1U);
    for (const auto* word : {"failed", "north", "bind_transceiver", "refused", "smsc.example",
                             "2775", "ESME_RINVPASWD", "times=1 "})
        EXPECT_THAT(told[0], HasSubstr(word));
    for (int i = 0; i < 59; ++i) {
        pass(1s);
        fail(first, bind_stage::refused, "ESME_RINVPASWD");
    }
    EXPECT_THAT(lines(), ElementsAre());
    pass(1s);
    fail(first, bind_stage::refused, "ESME_RINVPASWD");
    EXPECT_THAT(lines(), ElementsAre(HasSubstr("times=61 seconds=60")));
    EXPECT_EQ(count(bind_stage::refused), 61U);
    EXPECT_EQ(ends.last()->times, 61U);
    EXPECT_EQ(ends.last()->last.wall_ms - ends.last()->first.wall_ms, 60'000);
    EXPECT_FALSE(ends.last()->over);

    pass(30s);
    ends.bound(first, now);
    EXPECT_THAT(lines(), ElementsAre(HasSubstr("fails no more")));
    EXPECT_TRUE(ends.last()->over);
    ends.bound(first, now);
    EXPECT_THAT(lines(), ElementsAre());
}

TEST_F(bind_ends_test, the_line_at_the_end_says_how_often_and_how_long) {
    for (int i = 0; i < 3; ++i, pass(10s))
        fail(first, bind_stage::connect, "Connection refused");
    (void)lines();
    ends.bound(first, now);
    EXPECT_THAT(lines(), ElementsAre(HasSubstr("times=3 seconds=30")));
}

TEST_F(bind_ends_test, other_ends_have_lines_of_their_own) {
    fail(first, bind_stage::connect, "Connection refused");
    fail(first, bind_stage::connect, "Connection refused", "other.example");
    fail(first, bind_stage::connect, "Connection refused", "smsc.example", 2776);
    fail(first, bind_stage::connect, "Connection timed out");
    fail(first, bind_stage::refused, "ESME_RBINDFAIL");
    EXPECT_EQ(lines().size(), 5U);
    fail(first, bind_stage::connect, "Connection refused");
    EXPECT_EQ(lines().size(), 0U);
    EXPECT_EQ(ends.last()->what.reason, "Connection refused") << "the last, though not the newest";
    ends.bound(first, now);
    EXPECT_EQ(lines().size(), 5U);
    EXPECT_EQ(count(bind_stage::connect), 5U);
    EXPECT_EQ(count(bind_stage::refused), 1U);
}

TEST_F(bind_ends_test, several_binds_share_the_lines_and_end_together) {
    fail(first, bind_stage::refused, "ESME_RALYBND");
    fail(second, bind_stage::refused, "ESME_RALYBND");
    EXPECT_EQ(lines().size(), 1U);
    ends.bound(first, now);
    EXPECT_FALSE(ends.last()->over) << "the second one still fails";
    EXPECT_EQ(lines().size(), 0U);
    ends.bound(second, now);
    EXPECT_TRUE(ends.last()->over);
    EXPECT_THAT(lines(), ElementsAre(HasSubstr("times=2")));
}

// A carrier that accepts and refuses in turn.
TEST_F(bind_ends_test, coming_and_going_makes_no_more_lines) {
    for (int i = 0; i < 60; ++i, pass(1s)) {
        fail(first, bind_stage::refused, "ESME_RBINDFAIL");
        ends.bound(first, now);
        EXPECT_EQ(ends.last()->times, 1U);
    }
    EXPECT_EQ(lines().size(), 2U) << "one that it failed, one that it does no more";
    fail(first, bind_stage::refused, "ESME_RBINDFAIL");
    EXPECT_EQ(lines().size(), 1U);
    EXPECT_EQ(count(bind_stage::refused), 61U);
}

TEST_F(bind_ends_test, callers_from_everywhere_are_one_end) {
    fail(calls, bind_stage::outbind, "wrong credentials", "192.0.2.1", 0);
    fail(calls, bind_stage::outbind, "wrong credentials", "192.0.2.2", 0);
    EXPECT_THAT(lines(), ElementsAre(HasSubstr("192.0.2.1")));
    EXPECT_EQ(ends.last()->times, 2U);
    EXPECT_EQ(ends.last()->what.host, "192.0.2.2");
}

TEST_F(bind_ends_test, no_more_are_remembered_than_there_is_room_for) {
    for (std::uint16_t port = 1; port <= 100; ++port)
        fail(first, bind_stage::connect, "Connection refused", "smsc.example", port);
    EXPECT_EQ(lines().size(), bind_ends::lines_max);
    ends.bound(first, now);
    EXPECT_EQ(lines().size(), 0U) << "nothing was said of those that are remembered";
    EXPECT_EQ(count(bind_stage::connect), 100U);
    EXPECT_EQ(ends.last()->what.port, 100);
}

TEST_F(bind_ends_test, reasons_that_the_other_side_varies_fill_no_log) {
    for (int status = 0; status < 300; ++status) {
        fail(first, bind_stage::refused, std::to_string(0x400 + status));
        pass(1s);
    }
    EXPECT_EQ(lines().size(), 5 * bind_ends::lines_max);
    fail(first, bind_stage::connect, "Connection refused");
    EXPECT_EQ(lines().size(), 1U) << "each stage has its own";
}

TEST_F(bind_ends_test, words_of_the_carrier_stand_behind_the_reason) {
    ends.failed(first, {bind_stage::refused, "smsc.example", 2775, "ESME_RBINDFAIL", "try later"},
                now);
    EXPECT_THAT(lines(), ElementsAre(HasSubstr("ESME_RBINDFAIL: try later")));
    ends.failed(second,
                {bind_stage::refused, "smsc.example", 2775, "ESME_RINVSYSID", "+491720000001"},
                now);
    EXPECT_THAT(lines(), ElementsAre(HasSubstr("ESME_RINVSYSID: +*********001")));
    // They make no other end of it.
    ends.failed(first, {bind_stage::refused, "smsc.example", 2775, "ESME_RBINDFAIL", "later!"},
                now);
    EXPECT_EQ(lines().size(), 0U);
    EXPECT_EQ(ends.last()->times, 2U);
    EXPECT_EQ(ends.last()->what.detail, "later!");
}

}  // namespace
}  // namespace hikyaku::gateway::io
