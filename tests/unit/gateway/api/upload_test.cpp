// Uploads in lines: what each is answered, in which order, and what holds an upload back.
#include "gateway/api/upload.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {
namespace {

struct Upload : ::testing::Test {
    fake_service gateway;
    upload_limits limits;
    std::size_t answers_max = 1 << 20;
    bool permitted = true;  // the token is good
    int touched = 0, reader_woken = 0, source_woken = 0;
    std::unique_ptr<uploads> all;
    std::unique_ptr<body_reader> reader;
    std::unique_ptr<body_source> source;
    static constexpr session_id session{7};

    uploads::begun begin_one(session_id of) {
        auto begun = all->begin(
            fake_service::the_account, of, [this](instant) { return permitted; });
        begun.reader->on_wake([this] { ++reader_woken; });
        return begun;
    }
    void begin() {
        upload_surroundings around;
        around.now = [this] { return gateway.now; };
        around.touched = [this] { ++touched; };
        around.make_queue = [this] { return std::make_unique<memory_queue>(answers_max); };
        all = std::make_unique<uploads>(gateway, around, limits);
        auto begun = begin_one(session);
        EXPECT_EQ(begun.response.status, 200u);
        EXPECT_EQ(begun.response.content_type, "application/x-ndjson");
        reader = std::move(begun.reader);
        source = std::move(begun.response.source);
        source->on_wake([this] { ++source_woken; });
    }
    // A line with a recipient that ends with `number`.
    static std::string line(int number) {
        return fmt::format(R"({{"from":"Shop","to":"+4917220{:04}","text":"hi"}})", number) + "\n";
    }
    void take_all(std::string_view octets) { EXPECT_EQ(reader->take(octets), octets.size()); }
    void settle(std::size_t index, refusal why = refusal::none) {
        all->settled(gateway.submitted.at(index).ticket, why);
    }
    // What the client gets now.
    std::string answers(source_state ends_with = source_state::wait) {
        std::string out;
        auto state = source_state::more;
        while (state == source_state::more)
            state = source->next(out, 100, {});
        EXPECT_EQ(state, ends_with) << out;
        return out;
    }
    static std::vector<boost::json::object> rows(std::string_view text) {
        std::vector<boost::json::object> result;
        while (!text.empty()) {
            const auto end = text.find('\n');
            EXPECT_NE(end, std::string_view::npos) << text;
            result.push_back(boost::json::parse(text.substr(0, end)).as_object());
            text.remove_prefix(end + 1);
        }
        return result;
    }
};

TEST_F(Upload, ends_with_the_token_that_began_it) {
    begin();
    take_all(line(1) + R"({"from":"Shop")");
    permitted = false;
    EXPECT_EQ(reader->take(line(2)), 0u);
    settle(0);
    const auto told = rows(answers(source_state::end));
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].at("status").as_string(), "accepted");
    EXPECT_EQ(told[1].at("code").as_string(), "token_invalid");
    reader->finish();
    EXPECT_EQ(gateway.submitted.size(), 1u);
}

TEST_F(Upload, the_last_line_without_its_end_wants_a_good_token_too) {
    begin();
    const auto whole = line(1);
    take_all(std::string_view(whole).substr(0, whole.size() - 1));
    permitted = false;
    reader->finish();
    EXPECT_EQ(gateway.submitted.size(), 0u);
    EXPECT_EQ(rows(answers(source_state::end)).at(0).at("code").as_string(), "token_invalid");
}

TEST_F(Upload, faulty_lines_behind_one_that_waits_are_bounded) {
    limits.lines_max = 10;
    limits.turn_max = 128;
    begin();
    take_all(line(1));
    std::string faulty;
    for (int i = 0; i < 50; ++i)
        faulty += "1\n";
    EXPECT_EQ(reader->take(faulty), 18u) << "nine lines beside the one that waits";
    EXPECT_EQ(reader->take(faulty), 0u);
    settle(0);
    EXPECT_GE(reader_woken, 1);
    EXPECT_EQ(reader->take(std::string_view(faulty).substr(18)), 82u);
}

TEST_F(Upload, each_line_is_answered_when_it_is_on_disk) {
    begin();
    take_all(line(1) + line(2));
    EXPECT_EQ(gateway.submitted.size(), 2u);
    EXPECT_GE(touched, 1);
    EXPECT_EQ(answers(), "");
    EXPECT_EQ(source_woken, 0) << "one that wakes itself would never wait";
    EXPECT_EQ(all->pending(), 1u);
    settle(0);
    const std::string first = answers();
    EXPECT_EQ(first, fmt::format(R"({{"line":1,"id":"{}","to":"+49172200001","status":"accepted",)"
                                 R"("segments":1,"encoding":"gsm7"}})",
                                 static_cast<std::uint64_t>(gateway.submitted[0].id)) +
                         "\n");
    settle(1);
    reader->finish();
    EXPECT_EQ(rows(answers(source_state::end)).at(0).at("line"), 2);
    reader.reset();
    source.reset();
    EXPECT_EQ(all->pending(), 0u);
    EXPECT_FALSE(all->try_again());
    EXPECT_FALSE(all->has(session)) << "it is forgotten";
}

TEST_F(Upload, answers_keep_the_order_of_the_lines) {
    begin();
    take_all(line(1) + "{\"bad\n" + line(2) + "\n  \r\n" + line(3));
    settle(2);
    settle(1);
    EXPECT_EQ(answers(), "") << "the first is not on disk";
    settle(0);
    const auto got = rows(answers());
    ASSERT_EQ(got.size(), 4u);
    EXPECT_EQ(got[0].at("line"), 1);
    EXPECT_EQ(got[1].at("line"), 2);
    EXPECT_EQ(got[1].at("code"), "json_invalid");
    EXPECT_EQ(got[1].at("status"), 400);
    EXPECT_EQ(got[2].at("line"), 3);
    EXPECT_EQ(got[3].at("line"), 6) << "empty lines count, and have no answer";
}

TEST_F(Upload, lines_come_in_any_pieces) {
    begin();
    const std::string text = line(1) + line(2) + line(3);
    for (const char c : text.substr(0, text.size() - 1))
        take_all({&c, 1});
    EXPECT_EQ(gateway.submitted.size(), 2u);
    reader->finish();
    ASSERT_EQ(gateway.submitted.size(), 3u) << "the last one needs no end of line";
    for (std::size_t i = 0; i < 3; ++i)
        settle(i);
    EXPECT_EQ(rows(answers(source_state::end)).size(), 3u);
}

TEST_F(Upload, a_line_has_several_recipients) {
    begin();
    gateway.next_results.resize(1);
    gateway.next_results[0].why = refusal::no_route;
    take_all(R"({"from":"Shop","to":["+49172200001","+49172200002","x"],"text":"hi"})"
             "\n");
    ASSERT_EQ(gateway.submitted.size(), 1u);
    settle(0);
    const auto got = rows(answers()).at(0);
    EXPECT_EQ(got.at("line"), 1);
    EXPECT_EQ(got.at("accepted"), 1);
    EXPECT_EQ(got.at("refused"), 2);
    const auto& messages = got.at("messages").as_array();
    EXPECT_EQ(messages.at(0).at("problem").at("code"), "no_route");
    EXPECT_EQ(messages.at(1).at("status"), "accepted");
    EXPECT_EQ(messages.at(2).at("problem").at("pointer"), "/to/2");
}

TEST_F(Upload, what_the_disk_loses_is_said) {
    begin();
    take_all(line(1));
    settle(0, refusal::store_failing);
    EXPECT_EQ(rows(answers()).at(0).at("code"), "store_failing");
}

TEST_F(Upload, a_line_that_is_too_long_is_passed_over) {
    limits.line_bytes_max = 100;
    begin();
    const std::string exact = line(1).insert(1, std::string(100 + 1 - line(1).size(), ' '));
    take_all(exact);
    EXPECT_EQ(gateway.submitted.size(), 1u);
    const std::string over = line(2).insert(1, std::string(100 + 2 - line(2).size(), ' '));
    take_all(over + line(3));
    const std::string endless(1000, 'x');
    for (int i = 0; i < 1000; ++i)
        take_all(endless);
    take_all("\n" + line(4) + endless);
    reader->finish();
    for (std::size_t i = 0; i < 3; ++i)
        settle(i);
    std::vector<std::string> codes;
    for (const auto& row : rows(answers(source_state::end)))
        codes.emplace_back(row.contains("code") ? row.at("code").as_string() : "");
    EXPECT_EQ(codes, (std::vector<std::string>{"", "body_too_large", "", "body_too_large", "",
                                               "body_too_large"}));
}

TEST_F(Upload, no_more_recipients_than_allowed_wait_for_the_disk) {
    limits.waiting_max = 2;
    begin();
    const std::string text = line(1) + line(2) + line(3) + line(4);
    const std::size_t taken = reader->take(text);
    EXPECT_EQ(taken, 2 * line(1).size());
    EXPECT_EQ(reader->take(std::string_view(text).substr(taken)), 0u);
    EXPECT_EQ(reader_woken, 0);
    settle(1);
    EXPECT_EQ(reader_woken, 1);
    EXPECT_EQ(reader->take(std::string_view(text).substr(taken)), line(3).size());
    settle(0);
    settle(2);
    EXPECT_EQ(rows(answers()).size(), 3u);
}

TEST_F(Upload, a_client_that_does_not_read_is_not_read) {
    answers_max = 50;
    begin();
    take_all(line(1));
    settle(0);
    EXPECT_EQ(reader->take(line(2)), 0u);
    reader_woken = 0;
    EXPECT_EQ(rows(answers()).size(), 1u);
    EXPECT_GE(reader_woken, 1) << "there is room again";
    take_all(line(2));
}

TEST_F(Upload, a_busy_store_makes_it_wait) {
    begin();
    submit_result busy;
    busy.why = refusal::store_busy;
    gateway.next_results = {busy, busy};
    const std::string text = line(1) + line(2);
    EXPECT_EQ(reader->take(text), line(1).size());
    EXPECT_TRUE(all->has_paused());
    EXPECT_EQ(gateway.submitted.size(), 0u);
    for (int i = 0; i < 3; ++i)
        EXPECT_FALSE(all->try_again()) << "it is busy still";
    EXPECT_TRUE(all->has_paused());
    EXPECT_EQ(gateway.handed_in, 1u) << "only asked for";
    EXPECT_EQ(reader_woken, 0);
    gateway.next_results.clear();
    EXPECT_TRUE(all->try_again());
    EXPECT_FALSE(all->has_paused());
    EXPECT_GE(reader_woken, 1);
    ASSERT_EQ(gateway.submitted.size(), 1u);
    take_all(line(2));
    reader->finish();
    settle(0);
    settle(1);
    const auto got = rows(answers(source_state::end));
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[0].at("status"), "accepted");
}

TEST_F(Upload, a_busy_store_in_the_middle_of_a_line) {
    begin();
    submit_result fine, busy;
    fine.id = message_id{500};
    busy.why = refusal::store_busy;
    gateway.next_results = {fine, busy};
    take_all(R"({"from":"Shop","to":["+49172200001","+49172200002"],"text":"hi"})"
             "\n");
    ASSERT_EQ(gateway.submitted.size(), 1u);
    settle(0);
    EXPECT_EQ(answers(), "") << "the line is not complete";
    reader->finish();
    EXPECT_TRUE(all->try_again());
    ASSERT_EQ(gateway.submitted.size(), 2u) << "the first is not sent twice";
    EXPECT_EQ(gateway.submitted[1].message.destination.digits, "49172200002");
    settle(1);
    EXPECT_EQ(rows(answers(source_state::end)).at(0).at("accepted"), 2);
}

TEST_F(Upload, a_rate_is_waited_for_where_it_paces) {
    submit_result over;
    over.why = refusal::rate_exceeded;
    gateway.account.rate.excess = config::on_excess::pace;
    begin();
    gateway.next_results = {over};
    take_all(line(1));
    EXPECT_TRUE(all->has_paused());
    EXPECT_TRUE(all->try_again());
    EXPECT_EQ(gateway.submitted.size(), 1u);
}

TEST_F(Upload, one_goes_on_a_turn_and_each_in_its_turn) {
    submit_result over;
    over.why = refusal::rate_exceeded;
    gateway.account.rate.excess = config::on_excess::pace;
    begin();
    std::vector<uploads::begun> others;
    for (const std::uint64_t other : {8, 9})
        others.push_back(begin_one(session_id{other}));
    gateway.next_results = {over, over, over, over, over};
    take_all(line(1));
    for (auto& each : others)
        EXPECT_EQ(each.reader->take(line(1)), line(1).size());
    EXPECT_EQ(gateway.handed_in, 3u);
    // Whoever is let in, and meets another refusal at once, has had its turn.
    std::vector<std::uint64_t> turns;
    for (int i = 0; i < 6; ++i) {
        gateway.next_results.clear();
        EXPECT_TRUE(all->try_again());
        ASSERT_EQ(gateway.submitted.size(), turns.size() + 1) << "one a turn";
        turns.push_back(static_cast<std::uint64_t>(gateway.submitted.back().ticket.session));
        gateway.next_results = {over};
        auto& again = turns.back() == 7 ? reader : others.at(turns.back() - 8).reader;
        EXPECT_EQ(again->take(line(2)), line(2).size());
    }
    EXPECT_EQ(turns, (std::vector<std::uint64_t>{7, 8, 9, 7, 8, 9}));
    others.clear();
}

TEST_F(Upload, of_a_token_that_ends_while_it_waits) {
    submit_result fine, over;
    fine.id = message_id{500};
    over.why = refusal::rate_exceeded;
    gateway.account.rate.excess = config::on_excess::pace;
    begin();
    gateway.next_results = {fine, over, over};
    take_all(R"({"from":"Shop","to":["+49172200001","+49172200002","+49172200003"],"text":"hi"})"
             "\n");
    settle(0);
    EXPECT_FALSE(all->try_again());
    // What a reload that removes the account does to it.
    permitted = false;
    gateway.next_results.front().why = refusal::shutting_down;
    EXPECT_TRUE(all->try_again());
    EXPECT_EQ(gateway.handed_in, 2u);
    EXPECT_EQ(reader->take(line(2)), 0u);
    const auto got = rows(answers(source_state::end)).at(0);
    EXPECT_EQ(got.at("accepted"), 1);
    const auto& messages = got.at("messages").as_array();
    for (const std::size_t refused : {1, 2})
        EXPECT_EQ(messages.at(refused).at("problem").at("code"), "token_invalid");
}

TEST_F(Upload, a_turn_of_the_loop_is_bounded) {
    limits = {.waiting_max = 256, .lines_max = 256, .turn_max = 128};
    begin();
    std::string tiny;
    for (int i = 0; i < 1000; ++i)
        tiny += "1\n";
    EXPECT_EQ(reader->take(tiny), 128u) << "64 lines of two octets";
    EXPECT_EQ(reader_woken, 1) << "it goes on in another turn";
    EXPECT_EQ(reader->take(std::string_view(tiny).substr(128)), 128u);
    EXPECT_EQ(rows(answers()).size(), 128u);
    std::string several;
    for (int i = 0; i < 50; ++i)
        several += R"({"from":"Shop","to":["+49172200001","+49172200002","+49172200003"],)"
                   R"("text":"hi"})"
                   "\n";
    EXPECT_EQ(reader->take(several), several.size() / 50 * 32) << "128 lines and recipients";
}

TEST_F(Upload, a_rate_refuses_where_it_refuses) {
    submit_result over;
    over.why = refusal::rate_exceeded;
    begin();
    gateway.next_results = {over};
    take_all(line(1));
    EXPECT_FALSE(all->has_paused());
    EXPECT_EQ(rows(answers()).at(0).at("code"), "rate_exceeded");
}

TEST_F(Upload, a_gateway_that_stops_ends_it) {
    submit_result stopping;
    stopping.why = refusal::shutting_down;
    begin();
    take_all(line(1));
    gateway.next_results = {stopping};
    EXPECT_EQ(reader->take(line(2) + line(3)), line(2).size());
    EXPECT_EQ(answers(), "") << "the first is not on disk";
    settle(0);
    const auto got = rows(answers(source_state::end));
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[1].at("code"), "shutting_down");
    EXPECT_EQ(gateway.submitted.size(), 1u);
}

TEST_F(Upload, a_stop_of_the_server_ends_it) {
    begin();
    take_all(line(1) + "{");
    source->stop();
    EXPECT_EQ(reader->take(line(2)), 0u);
    settle(0);
    EXPECT_EQ(rows(answers(source_state::end)).size(), 1u);
}

TEST_F(Upload, a_cut_one_keeps_what_was_complete) {
    begin();
    take_all(line(1) + line(2).substr(0, 20));
    reader.reset();
    source.reset();
    EXPECT_EQ(gateway.submitted.size(), 1u) << "half a line is none";
    EXPECT_TRUE(all->has(session)) << "a settlement is to come";
    settle(0);
    EXPECT_FALSE(all->has(session));
}

TEST_F(Upload, a_cut_one_forgets_what_waits) {
    begin();
    submit_result busy;
    busy.why = refusal::store_busy;
    gateway.next_results = {busy};
    take_all(line(1));
    reader.reset();
    EXPECT_FALSE(all->has_paused());
    source.reset();
    EXPECT_FALSE(all->try_again());
    EXPECT_FALSE(all->has(session));
    EXPECT_EQ(gateway.submitted.size(), 0u);
}

}  // namespace
}  // namespace hikyaku::gateway::api
