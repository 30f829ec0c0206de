// Imports as connections and the engine drive them: pieces of a body, rows that come to the disk,
// and what goes wrong between the two.
#include "gateway/api/desk/csv_import.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

namespace hikyaku::gateway::api {
namespace {

/// What an import has done; outlives it.
struct told {
    std::vector<std::string> kept, written;
    std::vector<reply_ticket> tickets;
    refusal says = refusal::none;
};

class fake_target final : public csv_target {
public:
    explicit fake_target(told& to) : to_(to) {}
    std::string take_header(const record& names) override {
        return names == record{"name"} ? "" : "name the column";
    }
    std::string take(const record& fields, instant) override {
        if (fields[0] == "bad") return "it is bad";
        to_.kept.push_back(fields[0]);
        return {};
    }
    std::size_t kept() const override { return to_.kept.size(); }
    refusal write(reply_ticket ticket, instant) override {
        if (to_.says != refusal::none) return to_.says;
        to_.tickets.push_back(ticket);
        to_.written.insert(to_.written.end(), to_.kept.begin(), to_.kept.end());
        to_.kept.clear();
        return refusal::none;
    }

private:
    told& to_;
};

class imports : public ::testing::Test {
protected:
    pending_answers waiting;
    csv_imports all{waiting, {}};
    std::vector<session_id> ready;
    bool woken = false;

    imports() {
        all.on_ready([this](session_id session) { ready.push_back(session); });
    }
    std::unique_ptr<body_reader> begin(told& to, std::uint64_t session = 1,
                                       account_id account = account_id{1}) {
        const http_request http;
        const path_values path;
        const query_values query;
        refused = all.begin({http, {}, path, account, session_id{session}, {}, query},
                            std::make_unique<fake_target>(to));
        auto reader = all.take_reader().reader;
        if (reader) reader->on_wake([this] { woken = true; });
        return reader;
    }
    /// As a connection does it: what is not taken stays until the reader wakes it.
    static std::string_view feed(body_reader& reader, std::string_view octets) {
        octets.remove_prefix(reader.take(octets));
        return octets;
    }
    boost::json::object answered(std::uint64_t session = 1, unsigned status = 200) {
        auto response = waiting.take(session_id{session});
        EXPECT_TRUE(response);
        if (!response) return {};
        EXPECT_EQ(response->status, status) << response->body;
        return boost::json::parse(response->body).as_object();
    }
    static std::string lines(std::size_t count) {
        std::string text = "name\n";
        for (std::size_t i = 0; i < count; ++i)
            text += std::to_string(i) + "\n";
        return text;
    }
    std::optional<http_response> refused;
};

TEST_F(imports, read_no_more_than_is_on_disk_soon) {
    told to;
    auto reader = begin(to);
    const auto text = lines(450);
    auto rest = feed(*reader, text);
    EXPECT_EQ(to.written.size(), 200U);
    EXPECT_EQ(feed(*reader, rest).size(), rest.size()) << "while they are on their way";
    EXPECT_TRUE(all.rows_kept(to.tickets.back()));
    EXPECT_TRUE(woken);
    rest = feed(*reader, rest);
    EXPECT_TRUE(all.rows_kept(to.tickets.back()));
    rest = feed(*reader, rest);
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(to.written.size(), 400U);
    reader->finish();
    reader.reset();
    EXPECT_EQ(to.written.size(), 450U);
    EXPECT_TRUE(ready.empty()) << "answered when all is on disk";
    EXPECT_TRUE(all.rows_kept(to.tickets.back()));
    ASSERT_EQ(ready.size(), 1U);
    EXPECT_EQ(answered().at("imported"), 450);
    EXPECT_FALSE(all.rows_kept(to.tickets.back())) << "it is over";
}

TEST_F(imports, tell_of_faulty_records_and_take_the_others) {
    told to;
    auto reader = begin(to);
    std::string text = "name\n";
    for (int i = 0; i < 150; ++i)
        text += "bad\n";
    text += "good\nx\"y\n";
    EXPECT_TRUE(feed(*reader, text).empty());
    reader->finish();
    EXPECT_TRUE(all.rows_kept(to.tickets.back()));
    const auto answer = answered();
    EXPECT_EQ(answer.at("imported"), 1);
    EXPECT_EQ(answer.at("refused"), 151);
    EXPECT_EQ(answer.at("faults").as_array().size(), 100U);
    EXPECT_EQ(answer.at("faults").as_array()[0].at("line"), 2);
    EXPECT_EQ(to.written, std::vector<std::string>{"good"});
}

TEST_F(imports, of_many_faulty_records_leave_others_a_turn) {
    told to;
    auto reader = begin(to);
    std::string text = "name\n";
    for (int i = 0; i < 1000; ++i)
        text += "bad\n";
    EXPECT_FALSE(feed(*reader, text).empty());
    EXPECT_TRUE(woken);
}

TEST_F(imports, without_their_columns_are_refused_at_once) {
    for (const std::string_view text : {"other\n1\n", "", "\"name"}) {
        told to;
        auto reader = begin(to);
        EXPECT_TRUE(feed(*reader, text).empty());
        reader->finish();
        EXPECT_EQ(answered(1, 422).at("code"), "body_invalid") << text;
        EXPECT_TRUE(to.written.empty());
        EXPECT_TRUE(feed(*reader, "name\n2\n").empty());
        EXPECT_TRUE(to.kept.empty());
    }
}

TEST_F(imports, wait_for_a_busy_disk_and_end_with_a_gateway_that_stops) {
    told to;
    to.says = refusal::store_busy;
    auto reader = begin(to);
    const auto text = lines(250);
    const auto rest = feed(*reader, text);
    EXPECT_TRUE(all.has_paused());
    all.try_again();
    EXPECT_TRUE(all.has_paused());
    to.says = refusal::none;
    all.try_again();
    EXPECT_FALSE(all.has_paused());
    EXPECT_EQ(to.written.size(), 200U);
    EXPECT_TRUE(all.rows_kept(to.tickets.back()));
    EXPECT_TRUE(feed(*reader, rest).empty());
    to.says = refusal::shutting_down;
    reader->finish();
    EXPECT_EQ(answered(1, 503).at("code"), "shutting_down");
}

TEST_F(imports, that_are_cut_leave_what_was_written) {
    told to;
    auto reader = begin(to);
    const auto text = lines(250);
    auto rest = feed(*reader, text);
    EXPECT_TRUE(all.rows_kept(to.tickets.back()));
    EXPECT_TRUE(feed(*reader, rest).empty());
    reader.reset();
    EXPECT_EQ(to.written.size(), 200U);
    EXPECT_EQ(ready.size(), 1U) << "the request is over";
    EXPECT_TRUE(waiting.take(session_id{1}));
    EXPECT_FALSE(all.has_paused());
}

TEST_F(imports, are_a_few_at_the_same_time) {
    told to;
    std::vector<std::unique_ptr<body_reader>> open;
    for (std::uint64_t i = 1; i <= 2; ++i)
        open.push_back(begin(to, i, account_id{1}));
    EXPECT_EQ(begin(to, 3, account_id{1}), nullptr) << "two of one account";
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503U);
    ASSERT_FALSE(refused->headers.empty());
    EXPECT_EQ(refused->headers[0].first, "Retry-After");
    open.push_back(begin(to, 4, account_id{2}));
    open.push_back(begin(to, 5, account_id{3}));
    EXPECT_EQ(begin(to, 6, account_id{4}), nullptr) << "four in all";
    open[0].reset();
    EXPECT_NE(begin(to, 7, account_id{4}), nullptr);
}

}  // namespace
}  // namespace hikyaku::gateway::api
