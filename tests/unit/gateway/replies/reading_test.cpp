// What replies are read as: a labelled corpus, and properties that hold for every text.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gateway/replies/reply_reader.hpp"

namespace hikyaku::gateway::replies {
namespace {

using namespace std::chrono;

constexpr date monday = 2026y / November / 30d;

struct labelled {
    std::set<intent> wanted;
    std::vector<std::string> dates;
    std::string text;
};

std::vector<std::string> parts_of(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    for (std::size_t end = 0; end != std::string::npos && begin <= text.size(); begin = end + 1) {
        end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
        if (end == std::string::npos) break;
    }
    return parts;
}

std::vector<labelled> corpus() {
    std::vector<labelled> all;
    std::ifstream in(HIKYAKU_SOURCE_DIR "/tests/unit/gateway/replies/corpus.tsv");
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with('#')) continue;
        const auto columns = parts_of(line, '\t');
        EXPECT_EQ(columns.size(), 3U) << line;
        if (columns.size() != 3) continue;
        labelled one;
        for (const auto& word : parts_of(columns[0], ',')) {
            const auto what = word == "-" ? intent::unclear : intent_from(word);
            EXPECT_TRUE(what) << line;
            if (what) one.wanted.insert(*what);
        }
        if (!columns[1].empty()) one.dates = parts_of(columns[1], ',');
        one.text = columns[2];
        all.push_back(std::move(one));
    }
    return all;
}

std::string text_of(const date& day) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u", static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()));
    return text.data();
}

const read_intent* find(const reading& read, intent what) {
    const auto at = std::ranges::find(read.intents, what, &read_intent::what);
    return at == read.intents.end() ? nullptr : &*at;
}

reading read(std::string_view text, date today = monday) {
    return reply_reader::shipped().read(text, "", today);
}

TEST(corpora, are_read_with_every_stop_and_no_payment_that_is_none) {
    struct score {
        int found = 0, missed = 0, wrong = 0;
    };
    std::array<score, intent_count> scores;
    const auto all = corpus();
    EXPECT_GE(all.size(), 300U);
    for (const auto& each : all) {
        const auto got = read(each.text);
        for (std::size_t i = 0; i < intent_count; ++i) {
            const auto what = static_cast<intent>(i);
            const bool wanted = each.wanted.contains(what), is_read = find(got, what) != nullptr;
            auto& of = scores[i];
            of.found += wanted && is_read;
            of.missed += wanted && !is_read;
            of.wrong += !wanted && is_read;
            if (what == intent::stop) EXPECT_TRUE(is_read || !wanted) << each.text;
            if (what == intent::paid || what == intent::promise)
                EXPECT_TRUE(wanted || !is_read) << name_of(what) << ": " << each.text;
        }
    }
    for (std::size_t i = 0; i < intent_count; ++i) {
        const auto& of = scores[i];
        const double recall = of.found / std::max(1.0, double(of.found + of.missed));
        const double precision = of.found / std::max(1.0, double(of.found + of.wrong));
        std::cout << name_of(static_cast<intent>(i)) << ": recall " << recall << ", precision "
                  << precision << " (" << of.found << " of " << of.found + of.missed << ", "
                  << of.wrong << " wrong)\n";
        EXPECT_GE(recall, 0.9) << name_of(static_cast<intent>(i));
    }
}

TEST(corpora, name_the_days_that_are_meant) {
    for (const auto& each : corpus()) {
        if (each.dates.empty()) continue;
        std::set<std::string> got;
        const auto found = read(each.text);
        for (const auto what : each.wanted)
            if (const auto* one = find(found, what))
                for (const auto& day : one->dates)
                    got.insert(text_of(day));
        EXPECT_EQ(got, std::set(each.dates.begin(), each.dates.end())) << each.text;
    }
}

TEST(days, follow_today) {
    const auto first_day = [](std::string_view text, date today) {
        const auto got = read(text, today);
        const auto* promise = find(got, intent::promise);
        return promise == nullptr || promise->dates.empty() ? "" : text_of(promise->dates[0]);
    };
    EXPECT_EQ(first_day("明日払います", 2026y / December / 31d), "2027-01-01");
    EXPECT_EQ(first_day("1月5日に払います", monday), "2027-01-05");
    EXPECT_EQ(first_day("月末に払います", 2028y / February / 10d), "2028-02-29");
    EXPECT_EQ(first_day("31日に払います", 2026y / November / 2d), "2026-12-31");
    EXPECT_EQ(first_day("令和元年5月1日に払います", monday), "2019-05-01");
    EXPECT_EQ(first_day("来週月曜に払います", 2026y / December / 6d), "2026-12-07") << "a Sunday";
    EXPECT_EQ(first_day("I'll pay on February 29", monday), "2028-02-29");
    EXPECT_EQ(first_day("I'll pay on Monday", monday), "2026-12-07");
}

TEST(replies, say_nothing_that_their_letters_do_not_say) {
    for (const auto* text : {"", " ", "\n\n", "😊😊", "\xff\xfe\x80", "1234567890", "....", "???"})
        for (const auto& each : read(text).intents)
            EXPECT_TRUE(each.what == intent::unclear || each.what == intent::question ||
                        each.what == intent::help)
                << name_of(each.what);
    EXPECT_EQ(read("").says, decision::person);
}

/// A letter too many or too few, half of the text, blanks: whatever comes, it ends, and is one
/// thing at least.
TEST(replies, of_any_octets_are_read) {
    std::mt19937_64 random(7);
    const auto all = corpus();
    for (int i = 0; i < 3000; ++i) {
        auto text = all[random() % all.size()].text;
        for (int j = 0; j < 3 && !text.empty(); ++j) {
            const auto at = random() % text.size();
            switch (random() % 4) {
                case 0:
                    text.erase(at, 1 + random() % 4);
                    break;
                case 1:
                    text.insert(at, 1, static_cast<char>(random()));
                    break;
                case 2:
                    text.insert(at, all[random() % all.size()].text);
                    break;
                default:
                    text.resize(at);
                    break;
            }
        }
        const auto got = read(text);
        ASSERT_FALSE(got.intents.empty());
        for (const auto& each : got.intents)
            EXPECT_TRUE(each.confidence > 0 && each.confidence <= 1);
    }
}

TEST(replies, of_great_length_take_no_long_time) {
    std::string text;
    while (text.size() < 100'000)
        text += "連絡支払払いません払った送らない";
    EXPECT_FALSE(read(text).intents.empty());
    text.assign(100'000, 'a');
    EXPECT_FALSE(read(text).intents.empty());
}

TEST(rules, of_an_account_count_beside_those_of_the_program) {
    auto own = config::parse_reply_rules(
        "language = \"en\"\n[words]\nname = \"acme\"\n[[rule]]\nintent = \"stop\"\n"
        "confidence = 0.9\nmatch = [\"^enough {name}$\"]\nunless = [\"never\"]\n");
    ASSERT_TRUE(own) << own.error().sentence;
    const auto reader = reply_reader::make({&*own, 1});
    ASSERT_TRUE(reader);
    EXPECT_EQ(reader->read("Enough ACME", "", monday).intents[0].what, intent::stop);
    EXPECT_EQ(reader->read("never enough acme", "", monday).intents[0].what, intent::unclear);
}

TEST(rules, that_are_wrong_are_named_with_their_line) {
    const auto text_of = [](const config::reply_rules_fault& what) {
        return std::to_string(what.line) + ": " + what.sentence;
    };
    const auto fault = [&](std::string_view text) {
        auto rules = config::parse_reply_rules(text);
        if (!rules) return text_of(rules.error());
        const auto reader = reply_reader::extended({&*rules, 1});
        return reader ? std::string() : text_of(reader.error());
    };
    EXPECT_EQ(fault("language = 1\n"), "1: 'language' is missing");
    EXPECT_EQ(fault("language = \"en\"\nwhat = 1\n"), "2: 'what' is no key of this file");
    EXPECT_EQ(fault("language = \"en\"\nwhat = \n").substr(0, 12), "2: not TOML:");
    const std::string begin = "language = \"en\"\n[[rule]]\n";
    EXPECT_NE(fault(begin + "intent = \"stop\"\nconfidence = 2.0\nmatch = [\"a\"]\n"), "");
    EXPECT_NE(fault(begin + "intent = \"stop\"\nconfidence = 0.5\nmatch = [\"{none}\"]\n"), "");
    EXPECT_NE(fault(begin + "intent = \"stop\"\nconfidence = 0.5\nmatch = [\"(\"]\n"), "");
    EXPECT_EQ(fault(begin + "intent = \"love\"\nconfidence = 0.5\nmatch = [\"a\"]\n"),
              "2: 'love' is no intent");
    EXPECT_EQ(fault(begin + "intent = \"stop\"\nconfidence = 0.5\nmatch = [\"a{2,3}\"]\n"), "");
}

}  // namespace
}  // namespace hikyaku::gateway::replies
