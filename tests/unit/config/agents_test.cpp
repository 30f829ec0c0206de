// Lists of user agents: those of the program, and the faults of an operator's own by file and line.
#include <gtest/gtest.h>

#include "config/agent_file.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view names_it = "[server.links]\nagents_file = \"own.toml\"\n";

std::string faults_of_list(std::string_view list) {
    test::world world;
    world.files["own.toml"] = list;
    return world.faults_of(names_it);
}

TEST(agent_lists, of_the_program_are_sound) {
    for (const embedded_list& each : embedded_agent_lists()) {
        const auto list = parse_agent_rules(each.text, std::string(each.name), {}, true);
        EXPECT_TRUE(list.has_value()) << (list ? "" : describe(list.error()));
    }
    ASSERT_EQ(shipped_agent_rules().size(), 2U);
    EXPECT_TRUE(shipped_agent_rules()[0].exact_case) << "crawlers come first";
    EXPECT_EQ(shipped_agent_rules()[0].source, "npm crawler-user-agents 1.60.0");
}

TEST(agent_lists, of_an_operator_are_read_with_the_configuration) {
    test::world world;
    world.files["own.toml"] = R"(
[[agent]]
says = "scanner"
match = ["^OurGate/", 'Our\d+']
[[exception]]
match = "Ours"
cancels = ["okhttp", "^OurGate/"]
)";
    const auto read = world.load(names_it);
    ASSERT_TRUE(read.has_value()) << describe(read.error());
    ASSERT_EQ(read->values.agents.agents.size(), 1U);
    EXPECT_EQ(read->values.agents.agents[0].says, agent_says::scanner);
    EXPECT_EQ(read->values.agents.agents[0].match[1], "Our\\d+");
    EXPECT_EQ(read->values.agents.exceptions[0].cancels[0], "okhttp");
    EXPECT_TRUE(world.load("")->values.agents.empty());
}

TEST(agent_lists, faults_are_named_by_file_and_line) {
    test::world none;
    EXPECT_EQ(none.faults_of(names_it), "own.toml: the file cannot be read\n");
    struct row {
        std::string_view list, fault;
    };
    const row rows[] = {
        {"[[agent]\n", "own.toml:1: not TOML"},
        {"[[agent]]\nsays = \"scaner\"\nmatch = [\"x\"]\n", "did you mean 'scanner'?"},
        {"[[agent]]\nmatch = [\"x\"]\n", "own.toml:1: "},
        {"[[agent]]\nsays = \"scanner\"\nmach = [\"x\"]\n", "own.toml:3: unknown key 'mach'"},
        {"[[agent]]\nsays = \"scanner\"\nmatch = [\n  \"a\",\n  \"b(\",\n]\n",
         "the pattern 'b(' is no regular expression: missing )"},
        {"[[agent]]\nsays = \"scanner\"\nmatch = [\"(?=a)\"]\n",
         "own.toml:3: the pattern '(?=a)' is no regular expression"},
        {"[[agent]]\nsays = \"scanner\"\nmatch = [\"a*\"]\n",
         "own.toml:3: the pattern 'a*' is found in every text"},
        {"[[agent]]\nsays = \"scanner\"\nmatch = [\"\"]\n", "own.toml:3: the pattern '' is empty"},
        {"[[agent]]\nsays = \"scanner\"\nmatch = [\"mozilla\"]\n",
         "own.toml:3: the pattern 'mozilla' is found in what every browser sends"},
        {"[[agent]]\nsays = \"scanner\"\nmatch = [\"(?:(?:a{900}){900}){9}\"]\n",
         "is no regular expression"},
        {"[[exception]]\nmatch = \"x\"\ncancels = [\"nobody has it\"]\n",
         "own.toml:3: no list has the pattern 'nobody has it'"},
        {"[[exception]]\nmatch = \"x\"\n", "an exception must say what it cancels"},
    };
    for (const row& each : rows) {
        const std::string found = faults_of_list(each.list);
        EXPECT_NE(found.find(each.fault), std::string::npos) << each.list << found;
        EXPECT_EQ(found.rfind("own.toml:", 0), 0U) << found;
    }
    EXPECT_EQ(faults_of_list("[[agent]]\nsays = \"in_app\"\nmatch = [\"Mozilla/5.0 \"]\n"), "");
}

TEST(link_networks, are_ranges_with_a_class) {
    test::world world;
    const auto read = world.load(R"(
[[server.links.network]]
ranges = ["203.0.113.0/24", "2001:db8::/32"]
class = "preview"
note = "the card of a chat"
[[server.links.network]]
ranges = ["198.51.100.0/24"]
)");
    ASSERT_TRUE(read.has_value()) << describe(read.error());
    const auto& networks = read->values.links.networks;
    ASSERT_EQ(networks.size(), 2U);
    EXPECT_EQ(networks[0].says, network_class::preview);
    EXPECT_EQ(networks[0].ranges.size(), 2U);
    EXPECT_EQ(networks[1].says, network_class::scanner);
    EXPECT_NE(world.faults_of("[[server.links.network]]\nclass = \"person\"\n"), "");
    EXPECT_EQ(world.faults_of("\n[[server.links.network]]\nnote = \"whose\"\n"),
              "test.toml:2: 'network' of [server.links] needs 'ranges'\n");
    EXPECT_NE(world.faults_of("[[server.links.network]]\nranges = [\"203.0.113.7/24\"]\n"), "");
}

}  // namespace
}  // namespace hikyaku::config
