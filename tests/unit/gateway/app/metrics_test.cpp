#include "gateway/app/metrics.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>

#include "gateway/app/metrics_text.hpp"

namespace hikyaku::gateway::app {
namespace {

TEST(metrics_text, writes_families_and_samples) {
    metrics_text page;
    page.counter("a_total", "Of a.").value(1U).value(2, {{"x", "1"}, {"y", "q\"\\\n"}});
    page.gauge("b_seconds", "Of b.").value(0.5);
    EXPECT_EQ(page.take(),
              "# HELP a_total Of a.\n"
              "# TYPE a_total counter\n"
              "a_total 1\n"
              "a_total{x=\"1\",y=\"q\\\"\\\\\\n\"} 2\n"
              "# HELP b_seconds Of b.\n"
              "# TYPE b_seconds gauge\n"
              "b_seconds 0.5\n");
}

TEST(metrics_text, labels_are_utf8_on_one_line) {
    metrics_text page;
    page.counter("a_total", "Of a.").value(1U, {{"x", "\xFF\n\xE6\x94\xAF\xE6\x94"}});
    EXPECT_EQ(page.take(),
              "# HELP a_total Of a.\n"
              "# TYPE a_total counter\n"
              "a_total{x=\"\xEF\xBF\xBD\\n\xE6\x94\xAF\xEF\xBF\xBD\"} 1\n");
}

TEST(metrics_text, adds_up_the_buckets_of_a_histogram) {
    metrics_text page;
    const double bounds[] = {0.1, 1};
    const std::uint64_t counts[] = {3, 2, 1};
    page.histogram("h_seconds", "Of h.", bounds, counts, 2.5);
    EXPECT_EQ(page.take(),
              "# HELP h_seconds Of h.\n"
              "# TYPE h_seconds histogram\n"
              "h_seconds_bucket{le=\"0.1\"} 3\n"
              "h_seconds_bucket{le=\"1\"} 5\n"
              "h_seconds_bucket{le=\"+Inf\"} 6\n"
              "h_seconds_sum 2.5\n"
              "h_seconds_count 6\n");
}

metrics_sources sample_sources(const counters& count) {
    metrics_sources from;
    from.engine = &count;
    account_view account;
    account.name = "shop";
    account.queued = 17;
    from.accounts.push_back(account);
    carrier_view carrier;
    carrier.name = "north";
    carrier.binds_up = 2;
    carrier.unmatched[static_cast<std::size_t>(UnmatchedWhy::ambiguous)] = 21;
    carrier.replies_replayed = 22;
    from.carriers.push_back(carrier);
    io::carrier_bind_view binds;
    binds.carrier = "north";
    binds.binds_configured = 3;
    from.binds.push_back(binds);
    io::smpp_session_view bound, unbound;
    bound.account = "shop";
    from.sessions = {bound, unbound};
    from.smpp_faults = {{"", {2, 0}}, {"shop", {3, 4}}};
    from.binds[0].faults = {1, 7};
    from.binds[0].counters.binds = 2;
    from.binds[0].ends[static_cast<std::size_t>(io::bind_stage::tls)] = 5;
    from.smpp.binds = 9;
    from.smpp.binds_refused = 5;
    from.smpp.binds_wrong_password = 3;
    from.names_of_carriers.kept = 6;
    from.names_of_accounts.failed = 8;
    from.others.push_back({"x_total", "Of x.", true, 1, "listener", "http"});
    from.others.push_back({"x_total", "Of x.", true, 2, "listener", "admin"});
    return from;
}

TEST(metrics, holds_what_the_parts_count) {
    counters count;
    count.accepted = 123;
    count.refused[static_cast<std::size_t>(refusal::no_route)] = 4;
    count.finished[static_cast<std::size_t>(State::delivered)] = 100;
    const auto page = render_metrics(sample_sources(count));
    for (const auto* line : {
             "\nhikyaku_messages_accepted_total 123\n",
             "\nhikyaku_smpp_malformed_total{account=\"\",result=\"refused\"} 2\n",
             "\nhikyaku_smpp_malformed_total{account=\"shop\",result=\"refused\"} 3\n",
             "\nhikyaku_smpp_malformed_total{account=\"shop\",result=\"tolerated\"} 4\n",
             "\nhikyaku_smpp_malformed_total{carrier=\"north\",result=\"tolerated\"} 7\n",
             "\nhikyaku_submissions_refused_total{reason=\"no_route\"} 4\n",
             "\nhikyaku_messages_finished_total{state=\"delivered\"} 100\n",
             "\nhikyaku_account_queued_messages{account=\"shop\"} 17\n",
             "\nhikyaku_carrier_binds_up{carrier=\"north\"} 2\n",
             "\nhikyaku_carrier_unmatched_total{carrier=\"north\",why=\"ambiguous\"} 21\n",
             "\nhikyaku_carrier_unmatched_total{carrier=\"north\",why=\"no_owner\"} 0\n",
             "\nhikyaku_carrier_replayed_total{carrier=\"north\",kind=\"reply\"} 22\n",
             "\nhikyaku_carrier_binds_configured{carrier=\"north\"} 3\n",
             "\nhikyaku_carrier_bind_attempts_total{carrier=\"north\",result=\"bound\"} 2\n",
             "\nhikyaku_carrier_bind_attempts_total{carrier=\"north\",result=\"tls\"} 5\n",
             "\nhikyaku_carrier_bind_attempts_total{carrier=\"north\",result=\"own\"} 0\n",
             "\nhikyaku_smpp_sessions{state=\"bound\"} 1\n",
             "\nhikyaku_smpp_sessions{state=\"unbound\"} 1\n",
             "\nhikyaku_smpp_binds_total{result=\"wrong_password\"} 3\n",
             "\nhikyaku_smpp_binds_total{result=\"refused\"} 2\n",
             "\nhikyaku_dns_lookups_total{of=\"carriers\",result=\"kept\"} 6\n",
             "\nhikyaku_dns_lookups_total{of=\"accounts\",result=\"failed\"} 8\n",
             "\nx_total{listener=\"http\"} 1\nx_total{listener=\"admin\"} 2\n",
         })
        EXPECT_NE(("\n" + page).find(line), std::string::npos) << line << page;
}

TEST(metrics, every_sample_belongs_to_the_family_above_it) {
    const counters count;
    const auto page = render_metrics(sample_sources(count));
    std::istringstream lines(page);
    std::set<std::string> families, samples;
    std::string family;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# HELP ")) {
            family = line.substr(7, line.find(' ', 7) - 7);
            EXPECT_TRUE(families.insert(family).second) << "twice: " << family;
        } else if (line.starts_with("# TYPE ")) {
            const bool counter = line.ends_with(" counter");
            EXPECT_EQ(counter, family.ends_with("_total")) << family;
        } else {
            EXPECT_TRUE(line.starts_with(family)) << line;
            EXPECT_TRUE(samples.insert(line.substr(0, line.rfind(' '))).second) << line;
        }
    }
    EXPECT_GT(families.size(), 50U);
}

TEST(metrics, every_family_is_documented) {
    std::ifstream file(HIKYAKU_SOURCE_DIR "/docs/metrics.md");
    const std::string document((std::istreambuf_iterator<char>(file)), {});
    const counters count;
    std::istringstream lines(render_metrics(sample_sources(count)));
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("# HELP ") || line.starts_with("# HELP x_total")) continue;
        const auto name = line.substr(7, line.find(' ', 7) - 7);
        const auto help = line.substr(8 + name.size());
        EXPECT_NE(document.find("`" + name + "`"), std::string::npos) << name;
        EXPECT_NE(document.find(help), std::string::npos) << help;
    }
}

TEST(metrics, knows_the_memory_of_the_process) {
    EXPECT_GT(resident_bytes(), 1U << 20);
}

}  // namespace
}  // namespace hikyaku::gateway::app
