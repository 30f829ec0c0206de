// The zeros behind the last page in use: when they are written, how far, and that they are unused.
#include <set>

#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;

environment_settings synced(const std::string& path) {
    auto settings = settings_for(path);
    settings.sync = true;
    settings.map_bytes_initial = 64U << 20;
    return settings;
}

std::string key_of(std::uint64_t id) {
    return std::string(number_key(id).view());
}

class ahead : public ::testing::Test {
protected:
    void open(environment_settings settings) {
        store_.reset();
        store_ = open_or_fail(std::move(settings));
        ASSERT_TRUE(store_);
    }
    // A commit of `bytes` as the writer does it.
    void commit(std::uint64_t id, std::size_t bytes) {
        put(*store_, sample::rows, key_of(id), std::string(bytes, 'x'));
        store_->write_ahead();
    }
    [[nodiscard]] std::uint64_t file_bytes() const {
        return std::filesystem::file_size(folder_ / "data.mdb");
    }
    [[nodiscard]] std::uint64_t used_bytes() const { return store_->usage().used_bytes; }

    temporary_folder folder_;
    std::unique_ptr<environment> store_;
};

TEST_F(ahead, small_commits_find_their_room_already_written) {
    open(synced(folder_.path()));
    commit(1, 10'000);
    std::set<std::uint64_t> lengths;
    for (std::uint64_t id = 2; id <= 150; ++id) {
        auto before = file_bytes();
        put(*store_, sample::rows, key_of(id), std::string(10'000, 'x'));
        EXPECT_EQ(file_bytes(), before) << "commit " << id << " made the file longer";
        store_->write_ahead();
        EXPECT_GE(file_bytes(), used_bytes() + environment::ahead_bytes / 4);
        EXPECT_LE(file_bytes(), used_bytes() + environment::ahead_bytes);
        lengths.insert(file_bytes());
    }
    EXPECT_GE(lengths.size(), 2U);  // 1.8 MB were committed
    EXPECT_LE(lengths.size(), 4U);
    const auto file = read_file(folder_ / "data.mdb");
    EXPECT_EQ(file.find_first_not_of('\0', used_bytes()), std::string::npos);
    open(synced(folder_.path()));
    EXPECT_EQ(store_->read().count(sample::rows), 150U);
    for (std::uint64_t id = 1; id <= 150; ++id)
        EXPECT_EQ(get(*store_, sample::rows, key_of(id)).size(), 10'000U);
}

TEST_F(ahead, large_commits_make_their_room_themselves) {
    open(synced(folder_.path()));
    for (std::uint64_t id = 1; id <= 20; ++id)
        commit(id, environment::ahead_bytes / 4);
    EXPECT_LE(file_bytes(), used_bytes());
}

TEST_F(ahead, pages_that_are_used_again_need_none) {
    open(synced(folder_.path()));
    batch removal;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        commit(id, environment::ahead_bytes / 4);
        removal.erase(sample::rows, key_of(id));
    }
    ASSERT_TRUE(apply(*store_, removal).has_value());
    open(synced(folder_.path()));
    commit(4, 10'000);  // what it was before is not known: no small step
    const auto used = used_bytes();
    for (std::uint64_t round = 1; round <= 30; ++round)
        commit(4, 10'000);
    EXPECT_EQ(used_bytes(), used);
    EXPECT_LE(file_bytes(), used);
}

TEST_F(ahead, the_file_stays_inside_the_map) {
    auto settings = synced(folder_.path());
    settings.map_bytes_initial = 1U << 20;
    settings.map_bytes_max = settings.map_bytes_initial;
    open(settings);
    for (std::uint64_t id = 1; id <= 40; ++id)
        commit(id, 10'000);
    EXPECT_EQ(file_bytes(), settings.map_bytes_max);
}

TEST_F(ahead, without_sync_there_is_nothing_to_save) {
    open(settings_for(folder_.path()));
    for (std::uint64_t id = 1; id <= 40; ++id)
        commit(id, 10'000);
    EXPECT_LE(file_bytes(), used_bytes());
}

TEST_F(ahead, a_disk_that_refuses_the_zeros_refuses_nothing_else) {
    open(synced(folder_.path()));
    const auto longest = used_bytes() + 200'001;  // not even whole pages
    {
        const file_limit limit(longest);
        for (std::uint64_t id = 1; id <= 12; ++id)
            commit(id, 10'000);
        EXPECT_EQ(file_bytes(), longest);
    }
    for (std::uint64_t id = 13; id <= 60; ++id)
        commit(id, 10'000);
    EXPECT_GT(file_bytes(), longest);
    open(synced(folder_.path()));
    EXPECT_EQ(store_->read().count(sample::rows), 60U);
}

}  // namespace
}  // namespace hikyaku::store
