// The log file: who may read it.
#include "gateway/io/logging.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace hikyaku::gateway::io {
namespace {

struct log_file : ::testing::Test {
    temporary_folder own;
    std::filesystem::path folder = own.path();
    mode_t mask = ::umask(0);  // the loosest there is

    void TearDown() override {
        std::string fault;
        EXPECT_TRUE(open_log({}, fault)) << "standard error again";
        ::umask(mask);
    }
    static unsigned mode_of(const std::filesystem::path& path) {
        struct ::stat about {};
        EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
        return about.st_mode & 0777U;
    }
    void write_line(const std::filesystem::path& path) {
        std::string fault;
        ASSERT_TRUE(open_log({.file = path.string()}, fault)) << fault;
        log(log_level::info, "a line");
        flush_log();
    }
};

TEST_F(log_file, is_the_owners_alone) {
    write_line(folder / "new.log");
    EXPECT_EQ(mode_of(folder / "new.log"), 0600U);
    EXPECT_GT(std::filesystem::file_size(folder / "new.log"), 0U);
    write_line(folder / "deep" / "er" / "new.log");
    EXPECT_EQ(mode_of(folder / "deep" / "er" / "new.log"), 0600U);
}

TEST_F(log_file, that_exists_keeps_its_permissions_and_its_lines) {
    for (const mode_t mode : {0400 | 0200, 0640, 0644}) {
        const auto path = folder / ("old" + std::to_string(mode));
        std::ofstream(path) << "earlier\n";
        ASSERT_EQ(::chmod(path.c_str(), mode), 0);
        write_line(path);
        EXPECT_EQ(mode_of(path), mode);
        std::ifstream in(path);
        std::string first;
        std::getline(in, first);
        EXPECT_EQ(first, "earlier");
    }
}

TEST_F(log_file, that_cannot_be_made_is_a_fault) {
    std::ofstream(folder / "file") << "x";
    std::string fault;
    EXPECT_FALSE(open_log({.file = (folder / "file" / "new.log").string()}, fault));
    EXPECT_FALSE(fault.empty());
}

TEST(mask_numbers, hides_phone_numbers_in_words_of_carriers) {
    EXPECT_EQ(mask_numbers("number +491720000001 of them is barred"),
              "number +*********001 of them is barred");
    EXPECT_EQ(mask_numbers("491720000001-9012345"), "*********001-****345");
    EXPECT_EQ(mask_numbers("code 123456, 0x0A"), "code 123456, 0x0A");
    EXPECT_EQ(mask_numbers(""), "");
}

}  // namespace
}  // namespace hikyaku::gateway::io
