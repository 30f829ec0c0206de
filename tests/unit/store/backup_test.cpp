#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;
namespace fs = std::filesystem;

TEST(backup, a_hot_copy_opens_as_a_store) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    std::uint64_t id = 0;
    auto add = [&](int count) {
        batch changes;
        for (int i = 0; i < count; ++i)
            changes.put(sample::rows, number_key(++id), std::string(500, 'm'));
        EXPECT_TRUE(apply(*store, changes).has_value());
    };
    add(3000);
    std::atomic<bool> done = false;
    std::thread copying([&] {
        auto copied = store->backup(folder / "copy");
        EXPECT_TRUE(copied.has_value()) << copied.error().sentence;
        done = true;
    });
    while (!done)
        add(5);  // the store goes on working
    copying.join();
    add(10);
    auto copy = open_or_fail(folder / "copy");
    ASSERT_TRUE(copy);
    auto view = copy->read();
    auto count = view.count(sample::rows);
    EXPECT_GE(count, 3000U);
    EXPECT_LT(count, id);
    EXPECT_EQ(read_number<std::uint64_t>(view.last(sample::rows)->key), count);
    EXPECT_EQ(store->read().count(sample::rows), id);
    EXPECT_FALSE(fs::exists(folder / "copy.part"));
    EXPECT_EQ(fs::status(folder / "copy").permissions(), fs::perms::owner_all);
}

TEST(backup, of_a_store_that_another_process_holds) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    batch changes;
    changes.put(sample::rows, number_key(7), "m");
    ASSERT_TRUE(apply(*store, changes).has_value());
    const auto child = fork();
    if (child == 0) {
        const auto copied = environment::backup_of(folder / "data", folder / "copy");
        const auto again = environment::backup_of(folder / "data", folder / "copy");
        const auto missing = environment::backup_of(folder / "nothing", folder / "other");
        const bool as_expected = copied.has_value() && again.has_error() &&
                                 again.error().kind == backup_error::exists &&
                                 missing.has_error() && missing.error().kind == backup_error::path;
        _exit(as_expected ? 0 : 1);
    }
    ASSERT_GT(child, 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    auto copy = open_or_fail(folder / "copy");
    ASSERT_TRUE(copy);
    EXPECT_TRUE(copy->read().has(sample::rows, number_key(7)));
    EXPECT_FALSE(fs::exists(folder / "other"));
}

TEST(backup, is_compact) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    batch changes;
    for (std::uint64_t i = 0; i < 5000; ++i)
        changes.put(sample::rows, number_key(i), std::string(500, 'm'));
    ASSERT_TRUE(apply(*store, changes).has_value());
    changes.clear();
    for (std::uint64_t i = 0; i < 4900; ++i)
        changes.erase(sample::rows, number_key(i));
    ASSERT_TRUE(apply(*store, changes).has_value());
    ASSERT_TRUE(store->backup(folder / "copy").has_value());
    EXPECT_LT(fs::file_size(folder / "copy/data.mdb") * 5, fs::file_size(folder / "data/data.mdb"));
    EXPECT_EQ(open_or_fail(folder / "copy")->read().count(sample::rows), 100U);
}

TEST(backup, restores_by_taking_the_place_of_the_store) {
    temporary_folder folder;
    {
        auto store = open_or_fail(folder / "data");
        ASSERT_TRUE(store);
        put(*store, sample::texts, "code", "target");
        ASSERT_TRUE(store->backup(folder / "copy").has_value());
        put(*store, sample::texts, "code", "damaged later");
    }
    fs::remove_all(folder / "data");
    fs::rename(folder / "copy", folder / "data");
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    EXPECT_EQ(get(*store, sample::texts, "code"), "target");
    put(*store, sample::texts, "code", "new");
    EXPECT_EQ(get(*store, sample::texts, "code"), "new");
}

TEST(backup, overwrites_nothing) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    fs::create_directory(folder / "there");
    write_file(folder / "file", "precious");
    fs::create_symlink(folder / "nowhere", folder / "link");
    for (auto name : {"there", "file", "link", "data"}) {
        auto result = store->backup(folder / name);
        ASSERT_FALSE(result.has_value()) << name;
        EXPECT_EQ(result.error().kind, backup_error::exists) << name;
    }
    EXPECT_EQ(read_file(folder / "file"), "precious");
    EXPECT_TRUE(fs::is_empty(folder / "there"));
    auto result = store->backup(folder / "missing/copy");
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, backup_error::path);
    // Left by a copy that was killed: not ours to remove.
    fs::create_directory(folder / "half.part");
    result = store->backup(folder / "half");
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().kind, backup_error::path);
    EXPECT_TRUE(fs::exists(folder / "half.part"));
}

}  // namespace
}  // namespace hikyaku::store
