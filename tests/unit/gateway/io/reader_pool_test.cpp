// Threads that read from the store: who runs where, how many scans there are, and what a stop
// leaves.
#include "gateway/io/reader_pool.hpp"

#include <gtest/gtest.h>

#include <future>

#include "gateway/model/tables.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/gateway/io/loopback.hpp"

namespace hikyaku::gateway::io {
namespace {

using namespace testing_support;

struct ReaderPool : ::testing::Test {
    temporary_folder folder;
    io_thread io;
    std::unique_ptr<store::environment> store;
    std::unique_ptr<reader_pool> pool;

    void start(const reader_pool_settings& settings) {
        store::environment_settings how;
        how.path = folder / "store";
        how.map_bytes_initial = 1 << 20;
        auto opened = store::environment::open(std::move(how), {model::domain});
        ASSERT_TRUE(opened);
        store = std::move(*opened);
        pool = std::make_unique<reader_pool>(io.context, *store, settings);
        io.start();
    }
    void TearDown() override {
        io.call([this] { pool.reset(); });
        io.stop();
    }
};

TEST_F(ReaderPool, works_elsewhere_and_is_done_here) {
    start({});
    const auto here = io.call([] { return std::this_thread::get_id(); });
    std::promise<std::pair<std::thread::id, std::thread::id>> seen;
    std::thread::id worked;
    io.call([&] {
        pool->run(
            [&](store::environment& from) {
                EXPECT_EQ(&from, store.get());
                worked = std::this_thread::get_id();
            },
            [&] {
                seen.set_value({worked, std::this_thread::get_id()});
            });
    });
    const auto [there, done] = seen.get_future().get();
    EXPECT_NE(there, here);
    EXPECT_EQ(done, here);
}

TEST_F(ReaderPool, has_so_many_places) {
    using shortage = api::readers::shortage;
    constexpr account_id shop{1}, bank{2};
    start({.threads = 1, .scans_max = 3, .scans_per_account_max = 2});
    auto first = pool->take_place(shop);
    auto second = pool->take_place(shop);
    EXPECT_NE(second.place, nullptr);
    const auto third = pool->take_place(shop);
    EXPECT_EQ(third.place, nullptr);
    EXPECT_EQ(third.why, shortage::of_account);
    const auto other = pool->take_place(bank);
    EXPECT_NE(other.place, nullptr) << "one account does not lock out the others";
    EXPECT_EQ(pool->take_place(bank).why, shortage::of_all);
    EXPECT_EQ(pool->scans(), 3u);
    EXPECT_EQ(pool->refused(), 2u);
    std::thread([&first] { first.place.reset(); }).join();
    EXPECT_EQ(pool->scans(), 2u) << "given back by any thread";
    EXPECT_NE(pool->take_place(shop).place, nullptr);
}

TEST_F(ReaderPool, a_stop_waits_for_what_runs_and_drops_the_rest) {
    start({.threads = 1});
    std::promise<void> running, go_on;
    int worked = 0, done = 0;
    io.call([&] {
        pool->run(
            [&](store::environment&) {
                running.set_value();
                go_on.get_future().wait();
                ++worked;
            },
            [&] { ++done; });
        pool->run([&](store::environment&) { ++worked; }, [&] { ++done; });
    });
    running.get_future().wait();
    io.call([&] {
        go_on.set_value();
        pool->stop();
        pool->run([&](store::environment&) { ++worked; }, [&] { ++done; });
    });
    io.call([] {});
    EXPECT_LE(worked, 2);
    EXPECT_GE(worked, 1);
    EXPECT_EQ(done, 0) << "who asked may be gone";
}

}  // namespace
}  // namespace hikyaku::gateway::io
