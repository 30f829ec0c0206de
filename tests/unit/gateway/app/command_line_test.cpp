#include "gateway/app/command_line.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"

namespace hikyaku::gateway::app {
namespace {

struct outcome {
    int exit_code = 0;
    std::string out, error;
};

outcome run(std::vector<std::string> arguments, const std::string& input = {}) {
    std::istringstream in(input);
    std::ostringstream out, error;
    outcome result;
    result.exit_code = run_command_line(std::move(arguments), {in, out, error});
    result.out = out.str();
    result.error = error.str();
    return result;
}

class file_in_own_folder {
public:
    explicit file_in_own_folder(const std::string& text) { std::ofstream(path()) << text; }
    [[nodiscard]] std::string path() const { return folder_ / "test.toml"; }

private:
    temporary_folder folder_;
};

TEST(command_line, says_in_one_line_what_is_wrong) {
    const std::vector<std::vector<std::string>> cases{
        {},
        {"sned"},
        {"run"},
        {"pdu"},
        {"pdu", "decode", "--nothing"},
        {"text", "plan", "--encoding", "latin"},
        {"text", "plan", "--parts-max", "0"},
        {"text", "plan", "--class", "4"},
        {"text", "plan", "--transliterate", "some"},
        {"text", "plan", "--carrier", "one"},
        {"text", "plan", "--route", "one"},
        {"route", "test"},
        {"unmatched"},
        {"unmatched", "--admin", "http://127.0.0.1:1", "--kind", "both"},
        {"unmatched", "--admin", "http://127.0.0.1:1", "--limit", "0"},
    };
    for (const auto& arguments : cases) {
        const auto result = run(arguments);
        EXPECT_EQ(result.exit_code, 2) << result.error;
        EXPECT_TRUE(result.out.empty()) << result.out;
        ASSERT_FALSE(result.error.empty());
        EXPECT_EQ(result.error.find('\n'), result.error.size() - 1) << result.error;
        EXPECT_TRUE(result.error.starts_with("hikyaku: ")) << result.error;
    }
}

TEST(command_line, names_the_commands_that_there_are) {
    EXPECT_TRUE(
        run({"sned"}).error.starts_with("hikyaku: there is no command 'sned'; there are run"));
    EXPECT_EQ(run({"pdu", "decod"}).error,
              "hikyaku: there is no command 'decod'; there are decode, encode\n");
}

TEST(command_line, prints_help_and_version) {
    EXPECT_NE(run({"--help"}).out.find("text"), std::string::npos);
    EXPECT_EQ(run({"--help"}).exit_code, 0);
    EXPECT_NE(run({"text", "plan", "--help"}).out.find("--parts-max"), std::string::npos);
    EXPECT_TRUE(run({"--version"}).out.starts_with("hikyaku "));
}

TEST(command_line, reaches_the_tools) {
    EXPECT_NE(run({"pdu", "decode"}, "00000010000000150000000000000001\n").out.find("enquire_link"),
              std::string::npos);
    EXPECT_NE(run({"pdu", "encode"}, "{\"command\":\"unbind\"}\n").out.find("hex"),
              std::string::npos);
    EXPECT_NE(run({"text", "plan", "Hi", "--encoding", "ucs2"}).out.find("00480069"),
              std::string::npos);
    EXPECT_NE(run({"text", "plan"}, "Hi").out.find("4869"), std::string::npos);
    EXPECT_NE(run({"receipt", "parse"}, "id:1 stat:DELIVRD\n").out.find("DELIVRD"),
              std::string::npos);
}

TEST(command_line, hashes_a_password) {
    const auto result = run({"hash-password"}, "secret\n");
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_TRUE(result.out.starts_with("$argon2id$")) << result.out;
    EXPECT_EQ(run({"hash-password"}, "").exit_code, 1);
}

constexpr const char* sound_configuration = R"(
[[account]]
name = "shop"
system_id = "shop"
password = "very-secret"

[[carrier]]
name = "north"
hosts = ["127.0.0.1:2776"]
system_id = "us"
password = "carrier-secret"

[[route]]
name = "germany"
prefixes = ["49"]
carrier = "north"
)";

TEST(command_line, checks_a_configuration) {
    const file_in_own_folder sound(sound_configuration);
    auto result = run({"check", "--config", sound.path()});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    result = run({"check", sound.path(), "--effective"});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_NE(result.out.find("north"), std::string::npos);
    EXPECT_EQ(result.out.find("very-secret"), std::string::npos);
    EXPECT_EQ(result.out.find("carrier-secret"), std::string::npos);

    const file_in_own_folder faulty("[server.smpp]\nlisten_on = 1\n[[account]]\nnam = \"x\"\n");
    result = run({"check", "--config", faulty.path()});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.error.find(":2:"), std::string::npos) << result.error;
    EXPECT_NE(result.error.find(":4:"), std::string::npos) << result.error;
    EXPECT_EQ(run({"check", "--config", "/no/such/file.toml"}).exit_code, 1);
}

TEST(command_line, explains_a_route) {
    const file_in_own_folder file(sound_configuration);
    auto result = run({"route", "test", "--config", file.path(), "--account", "shop", "--from",
                       "ACME", "--to", "4917012345"});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_NE(result.out.find("\"route\":\"germany\""), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("\"carrier\":\"north\""), std::string::npos) << result.out;
    result = run({"route", "test", "--config", file.path(), "--account", "shop", "--to", "331"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.out.find("\"route\":null"), std::string::npos) << result.out;
    result = run({"route", "test", "--config", file.path(), "--account", "nobody", "--to", "331"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_NE(result.error.find("nobody"), std::string::npos) << result.error;
}

TEST(command_line, plans_a_text_for_carriers_of_a_configuration) {
    const file_in_own_folder file(std::string(sound_configuration) + R"(
[[carrier]]
name = "south"
hosts = ["127.0.0.1:2777"]
system_id = "us"
password = "carrier-secret"
text.segmentation = "udh16"
text.profile = "docomo"
)");
    const std::string text(200, 'x');
    auto result = run({"text", "plan", text, "-c", file.path(), "--carrier", "south"});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    EXPECT_NE(result.out.find(R"("segmentation":"udh16")"), std::string::npos) << result.out;
    EXPECT_EQ(result.out.find("by_carrier"), std::string::npos) << result.out;
    result = run({"text", "plan", text, "-c", file.path()});
    EXPECT_NE(result.out.find(R"({"carrier":"north","encoding":"gsm7")"), std::string::npos)
        << result.out;
    EXPECT_NE(result.out.find(R"({"carrier":"south","encoding":"gsm7")"), std::string::npos);
    result = run({"text", "plan", text, "-c", file.path(), "--route", "germany"});
    EXPECT_EQ(result.out.find("by_carrier"), std::string::npos) << result.out;
    result = run({"text", "plan", text, "-c", file.path(), "--carrier", "west"});
    EXPECT_EQ(result.exit_code, 1);
    EXPECT_EQ(result.error, "hikyaku: no carrier is named 'west'\n");
    result =
        run({"text", "plan", "Hello", "--profile", "docomo", "--profile", "au", "--class", "0"});
    EXPECT_NE(result.out.find(R"("data_coding":16)"), std::string::npos) << result.out;
    EXPECT_NE(result.out.find(R"({"profile":"au")"), std::string::npos) << result.out;
    result = run({"text", "plan", "--profile", "au", "Hello"});  // the text is not another profile
    EXPECT_NE(result.out.find(R"("hex":"48656c6c6f")"), std::string::npos) << result.error;
    EXPECT_EQ(run({"text", "plan", "Hello", "--profile", "ua"}).exit_code, 1);
}

}  // namespace
}  // namespace hikyaku::gateway::app
