// Who else may read or write the files that the configuration trusts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "config/load.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/config/support.hpp"

namespace hikyaku::config {
namespace {

using test::world;
using ::testing::HasSubstr;

constexpr std::string_view everything = R"([server.http]
listen = []
tls_listen = ["127.0.0.1:0"]
[server.http.tls]
certificate = "/pem/http"
private_key = "/key/http"
hosts = [{ certificate = "/pem/http2", private_key = "/key/http2" }]
[server.smpp]
tls_listen = ["127.0.0.1:0"]
[server.smpp.tls]
certificate = "/pem/smpp"
private_key = "/key/smpp"
client_ca = "/pem/clients"
[[account]]
name = "a"
system_id = "a"
password_file = "/secret/password"
api_tokens_file = "/secret/tokens"
webhook = { url = "https://x.example", secret_file = "/secret/hook", secret_previous_file = "/secret/old" }
[[carrier]]
name = "c"
hosts = ["h.example:1"]
tls = true
tls_ca = "/pem/carriers"
tls_certificate = "/pem/own"
tls_private_key = "/key/own"
system_id = "s"
password_file = "/secret/carrier"
[[route]]
name = "r"
carrier = "c"
)";

const std::vector<std::string> secrets{"/key/http",    "/key/http2",       "/key/smpp",
                                       "/key/own",     "/secret/password", "/secret/tokens",
                                       "/secret/hook", "/secret/old",      "/secret/carrier"};
const std::vector<std::string> trusted{"/pem/http",    "/pem/http2", "/pem/smpp",
                                       "/pem/clients", "/pem/own",   "/pem/carriers"};

struct files : ::testing::Test {
    world w;
    std::map<std::string, unsigned> modes;

    void SetUp() override {
        for (const auto& each : secrets)
            w.files[each] = "012345678901234567890123";
        w.files["/secret/password"] = "short";
    }
    load_result load() {
        sources from = w.as_sources();
        from.file_mode = [this](const std::string& path) -> std::optional<unsigned> {
            const auto found = modes.find(path);
            return found == modes.end() ? std::nullopt : std::optional{found->second};
        };
        return load_text(everything, "test.toml", from);
    }
};

TEST_F(files, that_only_the_owner_and_the_group_reach_are_fine) {
    for (const auto* list : {&secrets, &trusted})
        for (const auto& each : *list)
            modes[each] = 0660;
    const auto got = load();
    ASSERT_TRUE(got) << describe(got.error());
    EXPECT_EQ(describe(got->warnings), "");
}

TEST_F(files, that_are_secret_and_readable_by_everybody_are_named) {
    for (const auto& each : trusted)
        modes[each] = 0644;  // as certificates are
    for (const auto& each : secrets) {
        modes[each] = 0644;
        const auto got = load();
        ASSERT_TRUE(got) << describe(got.error());
        EXPECT_THAT(describe(got->warnings),
                    HasSubstr("names \"" + each +
                              "\", which everybody on this machine can read "
                              "(mode 0644)\n"));
        EXPECT_EQ(got->warnings.size(), 1U) << describe(got->warnings);
        modes[each] = 0600;
    }
    modes["/secret/tokens"] = 0604;
    EXPECT_EQ(describe(load()->warnings),
              "test.toml:18: 'api_tokens_file' in [[account]] names \"/secret/tokens\", which "
              "everybody on this machine can read (mode 0604)\n");
}

TEST_F(files, that_everybody_may_write_are_faults) {
    for (const auto* list : {&secrets, &trusted})
        for (const auto& each : *list) {
            modes[each] = 0602;
            const auto got = load();
            ASSERT_FALSE(got) << each;
            const auto found = got.error();
            EXPECT_EQ(found.size(), 1U) << describe(found);
            EXPECT_THAT(describe(found), HasSubstr("names \"" + each +
                                                   "\", which everybody on this machine can write "
                                                   "(mode 0602)\n"));
            modes.erase(each);
        }
}

struct own_file : ::testing::Test {
    temporary_folder folder;
    std::string path = folder / "hikyaku.toml";
    std::string outcome(std::string_view text, mode_t mode) {
        std::ofstream(path) << text;
        EXPECT_EQ(::chmod(path.c_str(), mode), 0);
        const auto got = load_file(path, system_sources({}));
        return got ? describe(got->warnings) : describe(got.error());
    }
};

TEST_F(own_file, with_a_secret_in_it) {
    constexpr std::string_view open = "[[account]]\nname = 'a'\nsystem_id = 'a'\npassword = 'p'\n";
    constexpr std::string_view hashed =
        "[[account]]\nname = 'a'\nsystem_id = 'a'\npassword_hash = '$argon2id$v=19$m=1$a$b'\n";
    constexpr std::string_view named =
        "[[account]]\nname = 'a'\nsystem_id = 'a'\n"
        "password = '${HOME}'\n";
    EXPECT_THAT(outcome(open, 0644),
                HasSubstr(":4: a secret stands in the file itself, which everybody on this machine "
                          "can read (mode 0644): password of account 'a';"));
    EXPECT_THAT(outcome(open, 0640), testing::Not(HasSubstr("everybody")));
    EXPECT_THAT(outcome(open, 0640), HasSubstr("a secret stands in the file itself: password"));
    EXPECT_THAT(outcome(hashed, 0644),
                HasSubstr(": a hash of a password stands in this file, which everybody on this "
                          "machine can read (mode 0644)\n"));
    EXPECT_THAT(outcome(hashed, 0640), testing::Not(HasSubstr("stands")));
    EXPECT_THAT(outcome(named, 0644), testing::Not(HasSubstr("everybody")));
    EXPECT_THAT(outcome(named, 0646),
                testing::EndsWith(": everybody on this machine can write this file (mode 0646)\n"));
}

}  // namespace
}  // namespace hikyaku::config
