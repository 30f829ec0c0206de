// The corpus as a whole: no machine is taken for a person, nearly every person for one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>

#include "gateway/links/classify.hpp"
#include "tests/unit/gateway/links/corpus.hpp"

namespace hikyaku::gateway::links {
namespace {

hit_verdict verdict_of(const corpus::request& request) {
    request_facts facts;
    facts.method = request.method;
    facts.user_agent = request.user_agent;
    for (const corpus::header& each : request.headers)
        add_header(facts, each.name, each.value);
    return classify(facts);
}

std::string reasons_text(std::uint32_t reasons) {
    std::string out;
    for (const std::string_view name : reason_names(reasons))
        out += fmt::format(" {}", name);
    return out;
}

class confusion {
public:
    hit_class add(const corpus::request& request) {
        const hit_verdict verdict = verdict_of(request);
        ++cells_[static_cast<std::size_t>(request.expected)]
                [static_cast<std::size_t>(verdict.kind)];
        EXPECT_EQ(to_string(verdict.kind), to_string(request.expected))
            << request.title << ":" << reasons_text(verdict.reasons);
        return verdict.kind;
    }
    [[nodiscard]] std::string table() const {
        std::string out = fmt::format("{:13}", "is \\ read as");
        for (std::size_t i = 0; i < hit_class_count; ++i)
            out += fmt::format("{:>13}", to_string(static_cast<hit_class>(i)));
        for (std::size_t i = 0; i < hit_class_count; ++i) {
            out += fmt::format("\n{:13}", to_string(static_cast<hit_class>(i)));
            for (const int count : cells_[i])
                out += fmt::format("{:>13}", count);
        }
        return out;
    }

private:
    std::array<std::array<int, hit_class_count>, hit_class_count> cells_{};
};

TEST(corpus, people_are_people_and_machines_are_not) {
    confusion seen;
    std::size_t people_read = 0;
    for (const corpus::request& each : corpus::people())
        if (seen.add(each) == hit_class::human_likely) ++people_read;
    for (const corpus::request& each : corpus::machines())
        EXPECT_NE(seen.add(each), hit_class::human_likely) << each.title;
    std::cout << seen.table() << "\n";
    EXPECT_GE(people_read * 100, corpus::people().size() * 95);
    EXPECT_GE(corpus::people().size() + corpus::machines().size(), 120U);
}

TEST(corpus, whatever_the_case_of_the_names_of_headers) {
    for (const auto list : {corpus::people(), corpus::machines()})
        for (const corpus::request& each : list) {
            request_facts facts;
            facts.method = each.method;
            facts.user_agent = each.user_agent;
            for (const corpus::header& header : each.headers) {
                std::string name(header.name);
                for (char& c : name)
                    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
                add_header(facts, name, header.value);
            }
            EXPECT_EQ(classify(facts), verdict_of(each)) << each.title;
        }
}

TEST(corpus, of_a_phone_a_tool_a_prefetch_or_a_head_is_never_a_person) {
    for (const corpus::request& each : corpus::people()) {
        corpus::request head = each;
        head.method = "HEAD";
        EXPECT_NE(verdict_of(head).kind, hit_class::human_likely) << each.title;
        request_facts facts;
        facts.method = "GET";
        facts.user_agent = each.user_agent;
        for (const corpus::header& header : each.headers)
            add_header(facts, header.name, header.value);
        facts.sec_purpose = "prefetch;prerender";
        EXPECT_EQ(classify(facts).kind, hit_class::prefetch) << each.title;
        facts.sec_purpose = {};
        const std::string bot = std::string(each.user_agent) + " (compatible; SomeBot/1.0)";
        facts.user_agent = bot;
        EXPECT_NE(classify(facts).kind, hit_class::human_likely) << each.title;
    }
}

}  // namespace
}  // namespace hikyaku::gateway::links
