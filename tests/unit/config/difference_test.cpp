// What a file that was read again changes: which names, what waits for a restart, and in what
// words.
#include <gtest/gtest.h>

#include "config/difference.hpp"
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

settings some_settings() {
    settings made;
    for (const auto* name : {"shop", "bank"}) {
        account each;
        each.name = name;
        made.accounts.push_back(each);
    }
    for (const auto* name : {"alpha", "beta"}) {
        carrier each;
        each.name = name;
        each.hosts = {{"smsc.example", 2775}};
        made.carriers.push_back(each);
    }
    for (const auto* name : {"first", "second"}) {
        route each;
        each.name = name;
        each.targets = {{.carrier = "alpha"}};
        made.routes.push_back(each);
    }
    return made;
}

using names = std::vector<std::string>;

TEST(difference_test, nothing_has_changed_in_the_same_file) {
    const auto what = difference_of(some_settings(), some_settings());
    EXPECT_EQ(what, difference{});
    EXPECT_TRUE(what.empty());
    EXPECT_EQ(describe(what), "nothing has changed\n");
}

TEST(difference_test, accounts_carriers_and_routes_are_told_by_name) {
    auto file = some_settings();
    file.accounts[0].password = "another";
    file.accounts[1].name = "post";
    file.carriers.erase(file.carriers.begin());
    file.routes[1].targets = {{.carrier = "beta"}};
    const auto what = difference_of(some_settings(), file);
    EXPECT_EQ(what.accounts, (name_changes{{"post"}, {"shop"}, {"bank"}}));
    EXPECT_EQ(what.carriers, (name_changes{{}, {}, {"alpha"}}));
    EXPECT_EQ(what.routes, (name_changes{{}, {"second"}, {}}));
    EXPECT_EQ(describe(what),
              "accounts: +post ~shop -bank\n"
              "carriers: -alpha\n"
              "routes: ~second\n");
}

TEST(difference_test, a_policy_pack_that_was_written_anew_is_a_change) {
    auto file = some_settings();
    file.packs.emplace_back().pack = "japan/lender";
    EXPECT_EQ(describe(difference_of(some_settings(), file)), "settings: policy packs\n");
}

TEST(difference_test, routes_in_another_order_are_a_change) {
    auto file = some_settings();
    std::swap(file.routes[0], file.routes[1]);
    const auto what = difference_of(some_settings(), file);
    EXPECT_TRUE(what.routes.empty());
    EXPECT_EQ(what.settings, names{"route"});
}

TEST(difference_test, a_route_that_came_or_went_moves_no_other) {
    auto file = some_settings();
    file.routes.insert(file.routes.begin(), route{.name = "zeroth"});
    file.routes.erase(file.routes.begin() + 1);
    EXPECT_TRUE(difference_of(some_settings(), file).settings.empty());
}

struct carrier_change {
    const char* what;
    void (*change)(carrier&);
    bool new_binds;
};

class carrier_change_test : public testing::TestWithParam<carrier_change> {};

TEST_P(carrier_change_test, says_whether_it_is_bound_to_anew) {
    auto file = some_settings();
    GetParam().change(file.carriers[1]);
    const auto what = difference_of(some_settings(), file);
    EXPECT_EQ(what.carriers.changed, names{"beta"});
    EXPECT_EQ(what.rebound, GetParam().new_binds ? names{"beta"} : names{});
}

INSTANTIATE_TEST_SUITE_P(
    all, carrier_change_test,
    testing::Values(
        carrier_change{"rate", [](carrier& c) { c.contract_rate = std::nullopt; }, false},
        carrier_change{"window", [](carrier& c) { c.window = 50; }, false},
        carrier_change{"retries", [](carrier& c) { c.retries[0x58] = {}; }, false},
        carrier_change{"text", [](carrier& c) { c.text.packed = true; }, false},
        carrier_change{"receipts", [](carrier& c) { c.receipt_id = message_id_form::decimal; },
                       false},
        carrier_change{"timer", [](carrier& c) { c.enquire_link_interval = seconds{7}; }, false},
        carrier_change{"host", [](carrier& c) { c.hosts[0].host = "other.example"; }, true},
        carrier_change{"port", [](carrier& c) { c.hosts[0].port = 1; }, true},
        carrier_change{"password", [](carrier& c) { c.password = "another"; }, true},
        carrier_change{"version", [](carrier& c) { c.version = 0x50; }, true},
        carrier_change{"tls", [](carrier& c) { c.tls = true; }, true},
        carrier_change{"kind", [](carrier& c) { c.bind = bind_type::receiver; }, true},
        carrier_change{"number", [](carrier& c) { c.binds = 3; }, true}),
    [](const auto& each) { return std::string(each.param.what); });

TEST(difference_test, more_binds_leave_those_there_are) {
    carrier running, file;
    file.binds = 2;
    EXPECT_FALSE(needs_new_binds(running, file));
}

TEST(difference_test, what_needs_a_restart_stays_as_it_runs_and_is_named) {
    auto file = some_settings();
    file.store.path = "data2";
    file.store.retention = std::chrono::minutes{60};
    file.smpp.listen = {{"127.0.0.1", 1}};
    file.carriers[0].outbind_listen = address{"127.0.0.1", 2};
    const auto running = some_settings();
    const auto what = difference_of(running, file);
    const std::vector<restart_need> wanted{
        {"server.smpp.listen", R"(["127.0.0.1:1"])", R"(["127.0.0.1:2775"])"},
        {"store.path", R"("data2")", R"("data")"},
        {"carrier.alpha.outbind_listen", R"("127.0.0.1:2")", R"("off")"}};
    EXPECT_EQ(what.restart, wanted);
    EXPECT_EQ(what.settings, names{"store.retention"});
    EXPECT_TRUE(what.carriers.empty());
    EXPECT_NE(
        describe(what).find(R"(needs a restart: store.path (file: "data2", running: "data"))"),
        std::string::npos);
    const auto to_run = settings_to_run(running, file);
    EXPECT_EQ(to_run.store.path, "data");
    EXPECT_EQ(to_run.store.retention, std::chrono::minutes{60});
    EXPECT_EQ(to_run.smpp.listen, running.smpp.listen);
    EXPECT_EQ(to_run.carriers, running.carriers);
    EXPECT_EQ(difference_of(to_run, file).restart, wanted);  // and the next time again
}

TEST(difference_test, every_setting_of_the_compared_sections_can_be_compared) {
    for (const auto* what :
         {&smpp_section(), &http_section(), &admin_section(), &links_section(), &dns_section(),
          &dunning_section(), &sandbox_section(), &replies_section(), &store_section(),
          &log_section(), &carrier_section()}) {
        for (const auto& each : what->settings) {
            ASSERT_NE(each.equal, nullptr) << what->heading << ' ' << each.key;
            EXPECT_TRUE(each.equal(what->defaults, what->defaults)) << each.key;
        }
    }
}

}  // namespace
}  // namespace hikyaku::config
