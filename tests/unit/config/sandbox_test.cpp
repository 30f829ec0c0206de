// [sandbox]: a clock that is moved by hand, and where the carriers are then.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/difference.hpp"
#include "config/load.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;
using ::testing::HasSubstr;

std::string with_carrier(std::string_view clock, std::string_view lines) {
    return std::string("[sandbox]\nclock = '") + std::string(clock) +
           "'\n[[carrier]]\nname = 'c'\nsystem_id = 's'\npassword = 'p'\n" + std::string(lines) +
           "\n";
}

TEST(sandbox, the_clock_is_the_systems_unless_the_file_says_otherwise) {
    EXPECT_EQ(settings{}.sandbox.clock, clock_kind::system);
    EXPECT_EQ(world{}.load("[sandbox]\nclock = 'virtual'\n")->values.sandbox.clock,
              clock_kind::moved_by_hand);
    EXPECT_THAT(world{}.faults_of("[sandbox]\nclock = 'fast'\n"), HasSubstr("'clock'"));
}

TEST(sandbox, its_carriers_are_on_this_machine) {
    for (const auto* host : {"127.0.0.1:1", "127.9.8.7:1", "[::1]:1", "localhost:1"})
        EXPECT_EQ(
            world{}.faults_of(with_carrier("virtual", std::string("hosts = ['") + host + "']")), "")
            << host;
    for (const auto* host : {"10.0.0.1:1", "smsc.example:1", "127.example:1", "localhost.example:1",
                             "[::2]:1", "0.0.0.0:1", "[::ffff:10.0.0.1]:1"}) {
        const auto lines = std::string("hosts = ['127.0.0.1:1', '") + host + "']";
        EXPECT_THAT(world{}.faults_of(with_carrier("virtual", lines)),
                    HasSubstr("test.toml:7: carrier 'c' must be on this machine"))
            << host;
        EXPECT_EQ(world{}.faults_of(with_carrier("system", lines)), "") << host;
    }
}

TEST(sandbox, nobody_calls_it_from_elsewhere) {
    constexpr auto* called =
        "bind = 'receiver'\noutbind_system_id = 'x'\noutbind_listen = '0.0.0.0:1'";
    EXPECT_THAT(world{}.faults_of(with_carrier("virtual", called)),
                HasSubstr("carrier 'c' must be on this machine"));
}

TEST(sandbox, a_reload_makes_none_of_a_gateway_that_runs) {
    const auto running = world{}.load(with_carrier("virtual", "hosts = ['127.0.0.1:1']"))->values;
    const auto file = world{}.load(with_carrier("system", "hosts = ['10.0.0.1:1']"))->values;
    EXPECT_TRUE(sandbox_faults(file).empty());
    const auto faults = sandbox_faults(settings_to_run(running, file));
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].path, "carrier[0].hosts");
}

}  // namespace
}  // namespace hikyaku::config
