// The report about stored decisions: whose, of which days, page by page.
#include "gateway/api/policy/report.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <memory>
#include <set>

#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/model/tables.hpp"
#include "gateway/model/tables.hpp"
#include "store/ids.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using dunning::record::Verdict;

constexpr std::int64_t hour_ms = 3600 * 1000;
const std::int64_t begin_ms = *parse_time("2026-12-01T00:00:00+09:00");

class policy_report_test : public ::testing::Test {
protected:
    void SetUp() override {
        store::environment_settings wanted;
        wanted.path = folder / "data";
        auto opened = store::environment::open(wanted, {model::domain, dunning::domain});
        ASSERT_TRUE(opened.has_value());
        store = std::move(*opened);
    }

    struct decided {
        std::uint32_t account = 1;
        std::int64_t at_ms = 0;
        Verdict verdict = Verdict::allow;
        std::vector<std::string> rules;
        bool shadow = false;
    };
    std::uint64_t add(const decided& what) {
        const auto id = store::first_id_at(what.at_ms) + ++last;
        flatbuffers::FlatBufferBuilder fb;
        const auto source = model::record::CreateAddressDirect(fb, 0, 0, "1");
        const auto destination = model::record::CreateAddressDirect(fb, 1, 1, "2");
        const auto segments =
            fb.CreateVector(std::vector<flatbuffers::Offset<model::record::Octets>>());
        model::record::MessageBuilder message(fb);
        message.add_account(what.account);
        message.add_source(source);
        message.add_destination(destination);
        message.add_segments(segments);
        fb.Finish(message.Finish());
        const auto octets = [](const flatbuffers::FlatBufferBuilder& from) {
            return std::string_view(reinterpret_cast<const char*>(from.GetBufferPointer()),
                                    from.GetSize());
        };
        rows.put(model::table::messages, model::message_key(id), octets(fb));
        flatbuffers::FlatBufferBuilder other;
        std::vector<flatbuffers::Offset<dunning::record::Reason>> reasons;
        for (const auto& each : what.rules)
            reasons.push_back(dunning::record::CreateReasonDirect(other, each.c_str(), "why"));
        const auto list = other.CreateVector(reasons);
        other.Finish(dunning::record::CreateDecision(other, what.verdict, what.at_ms, 0, 0, list, 0,
                                                     what.shadow));
        rows.put(dunning::table::decisions, dunning::id_key(id), octets(other));
        return id;
    }
    void keep() {
        const store::batch* const list[] = {&rows};
        ASSERT_TRUE(store->apply(list).has_value());
        rows.clear();
    }
    json::object read(std::uint64_t after = 0, std::size_t limit = 100) {
        report_question question;
        question.account = 1;
        question.name = "shop";
        question.zone = "Asia/Tokyo";
        question.from_ms = begin_ms;
        question.to_ms = begin_ms + 48 * hour_ms;
        question.first = std::max(store::first_id_at(question.from_ms), after + 1);
        question.end = store::first_id_at(question.to_ms);
        question.limit = limit;
        policy_report report(question);
        report.read(*store);
        return report.told();
    }

    temporary_folder folder;
    std::unique_ptr<store::environment> store;
    store::batch rows;
    std::uint64_t last = 0;
};

TEST_F(policy_report_test, counts_by_day_rule_and_shadow) {
    add({.at_ms = begin_ms - 1, .verdict = Verdict::block, .rules = {"hold_promise"}});
    add({.at_ms = begin_ms, .verdict = Verdict::block, .rules = {"hold_promise", "suppressed"}});
    add({.at_ms = begin_ms + 1, .verdict = Verdict::block, .rules = {"hold_promise"}});
    add({.at_ms = begin_ms + 2,
         .verdict = Verdict::block,
         .rules = {"hold_promise"},
         .shadow = true});
    add({.at_ms = begin_ms + 3});
    add({.account = 2, .at_ms = begin_ms + 4, .verdict = Verdict::block, .rules = {"suppressed"}});
    add({.at_ms = begin_ms + 24 * hour_ms,
         .verdict = Verdict::delay,
         .rules = {"contact_hours", "contact_hours"}});
    add({.at_ms = begin_ms + 48 * hour_ms, .verdict = Verdict::require, .rules = {"consent"}});
    keep();
    const auto told = read(0, 0);
    EXPECT_EQ(write_json(told.at("rows")),
              R"([{"day":"2026-12-01","rule":"hold_promise","decision":"block","shadow":false,)"
              R"("messages":2},{"day":"2026-12-01","rule":"hold_promise","decision":"block",)"
              R"("shadow":true,"messages":1},{"day":"2026-12-01","rule":"suppressed",)"
              R"("decision":"block","shadow":false,"messages":1},{"day":"2026-12-02",)"
              R"("rule":"contact_hours","decision":"delay","shadow":false,"messages":1}])");
    EXPECT_EQ(told.at("allowed").as_uint64(), 1U);
    EXPECT_EQ(told.at("zone").as_string(), "Asia/Tokyo");
    EXPECT_TRUE(told.at("messages").as_array().empty());
    EXPECT_FALSE(told.contains("next"));
}

TEST_F(policy_report_test, lists_messages_page_by_page) {
    std::vector<std::string> wanted;
    for (int i = 0; i < 25; ++i) {
        const auto id = add({.at_ms = begin_ms + i, .verdict = Verdict::block, .rules = {"r"}});
        wanted.push_back(store::format_id(id));
        add({.at_ms = begin_ms + i});
    }
    keep();
    std::vector<std::string> found;
    std::uint64_t counted = 0, allowed = 0, after = 0;
    for (int pages = 0;; ++pages) {
        ASSERT_LT(pages, 10);
        const auto page = read(after, 10);
        for (const auto& each : page.at("messages").as_array())
            found.emplace_back(each.at("id").as_string());
        for (const auto& each : page.at("rows").as_array())
            counted += each.at("messages").as_uint64();
        allowed += page.at("allowed").as_uint64();
        if (!page.contains("next")) break;
        after = *store::parse_id(std::string(page.at("next").as_string()));
    }
    EXPECT_EQ(found, wanted);
    EXPECT_EQ(counted, 25U);
    EXPECT_EQ(allowed, 25U);
}

TEST_F(policy_report_test, a_page_is_bounded) {
    for (std::size_t i = 0; i < policy_report::looked_at_max + 10; ++i)
        add({.at_ms = begin_ms + static_cast<std::int64_t>(i % 1000)});
    keep();
    const auto first = read(0, 0);
    EXPECT_EQ(first.at("allowed").as_uint64(), policy_report::looked_at_max);
    const auto rest = read(*store::parse_id(std::string(first.at("next").as_string())), 0);
    EXPECT_EQ(rest.at("allowed").as_uint64(), 10U);
    EXPECT_FALSE(rest.contains("next"));
}

}  // namespace
}  // namespace hikyaku::gateway::api
