// The queue of an upload's answers: memory, file, memory, and never an octet out of order.
#include "gateway/io/spill_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <utility>

namespace hikyaku::gateway::io {
namespace {

struct SpillQueue : ::testing::Test {
    std::string folder = ::testing::TempDir() + "spill_queue_test." + std::to_string(getpid());
    std::string wanted, got;  // what went in and has not come out; what has come out last

    static void at_once(const std::function<void()>& work, const std::function<void()>& done) {
        work();
        done();
    }
    std::deque<std::pair<std::function<void()>, std::function<void()>>> jobs;
    file_jobs later() {
        return [this](std::function<void()> work, std::function<void()> done) {
            jobs.emplace_back(std::move(work), std::move(done));
        };
    }
    void work_off() {
        ASSERT_EQ(jobs.size(), 1u) << "one of a queue at a time";
        const auto [work, done] = std::move(jobs.front());
        jobs.pop_front();
        work();
        done();
    }
    std::string taken_from(spill_queue& queue, std::size_t octets_max) {
        std::string out;
        EXPECT_TRUE(queue.take(out, octets_max));
        return out;
    }

    void SetUp() override { std::filesystem::create_directory(folder); }
    void TearDown() override {
        EXPECT_TRUE(std::filesystem::is_empty(folder)) << "the file has no name";
        std::filesystem::remove(folder);
    }
    void put(spill_queue& into, std::string_view octets) {
        into.append(octets);
        wanted.append(octets);
    }
    void take_all(spill_queue& from) {
        while (from.size() > 0) {
            got.clear();
            ASSERT_TRUE(from.take(got, 1000));
            ASSERT_FALSE(got.empty());
            ASSERT_LE(got.size(), 1000u);
            ASSERT_TRUE(wanted.starts_with(got));
            wanted.erase(0, got.size());
        }
        EXPECT_EQ(wanted, "");
    }
};

TEST_F(SpillQueue, what_fits_into_memory_needs_no_file) {
    spill_queue queue(folder, at_once, {.memory_bytes_max = 1000, .write_bytes = 100});
    for (int round = 0; round < 5; ++round) {
        for (int i = 0; i < 10; ++i)
            put(queue, std::string(100, static_cast<char>('a' + i)));
        EXPECT_EQ(queue.file_bytes(), 0u);
        EXPECT_EQ(queue.size(), 1000u);
        take_all(queue);
    }
    EXPECT_TRUE(queue.has_room());
}

TEST_F(SpillQueue, files_of_several_share_one_budget) {
    const auto budget = std::make_shared<spill_budget>(spill_budget{.bytes_max = 1000});
    const spill_limits limits{.memory_bytes_max = 100, .write_bytes = 100};
    auto first = std::make_unique<spill_queue>(folder, at_once, limits, budget);
    spill_queue second(folder, at_once, limits, budget);
    for (int i = 0; i < 12; ++i)
        first->append(std::string(100, 'a'));
    EXPECT_FALSE(first->has_room());
    EXPECT_EQ(budget->used, 1000u);
    for (int i = 0; i < 2; ++i)
        put(second, std::string(100, 'b'));
    EXPECT_FALSE(second.has_room()) << "the other has it all";
    first.reset();
    EXPECT_EQ(budget->used, 0u);
    put(second, "c");
    EXPECT_TRUE(second.has_room());
    EXPECT_EQ(budget->used, 101u);
    take_all(second);
    EXPECT_EQ(budget->used, 0u);
}

TEST_F(SpillQueue, everything_comes_out_in_order) {
    spill_queue queue(folder, at_once, {.memory_bytes_max = 1000, .write_bytes = 300});
    std::mt19937 random(7);
    std::uint64_t most = 0;
    for (int round = 0; round < 2000; ++round) {
        put(queue, std::string(random() % 400, static_cast<char>('a' + round % 26)));
        ASSERT_EQ(queue.size(), wanted.size());
        ASSERT_TRUE(queue.has_room());
        most = std::max(most, queue.file_bytes());
        if (random() % 100 < 5) take_all(queue);
        if (random() % 3 != 0) continue;
        got.clear();
        ASSERT_TRUE(queue.take(got, random() % 500));
        ASSERT_TRUE(wanted.starts_with(got));
        wanted.erase(0, got.size());
    }
    take_all(queue);
    EXPECT_GT(most, 1000u) << "it was in the file, too";
}

TEST_F(SpillQueue, a_full_file_leaves_no_room) {
    spill_queue queue(folder, at_once,
                      {.memory_bytes_max = 100, .write_bytes = 50, .file_bytes_max = 200});
    while (queue.has_room())
        put(queue, "0123456789");
    EXPECT_GE(queue.size(), 350u);
    EXPECT_LE(queue.size(), 400u);
    put(queue, "kept in any case");
    take_all(queue);
    EXPECT_TRUE(queue.has_room());
    put(queue, std::string(300, 'x'));
    EXPECT_GT(queue.file_bytes(), 0u) << "and the file begins anew";
    take_all(queue);
}

TEST_F(SpillQueue, without_a_file_there_is_memory) {
    spill_queue queue(folder + "/none", at_once, {.memory_bytes_max = 100, .write_bytes = 50});
    while (queue.has_room())
        put(queue, "0123456789");
    EXPECT_EQ(queue.size(), 150u);
    EXPECT_EQ(queue.file_bytes(), 0u);
    take_all(queue);
    EXPECT_TRUE(queue.has_room());
}

TEST_F(SpillQueue, the_file_is_another_threads) {
    int told = 0;
    spill_queue queue(folder, later(), {.memory_bytes_max = 4, .write_bytes = 4});
    queue.on_change([&told] { ++told; });
    queue.append("abcd");
    queue.append("efgh");
    EXPECT_EQ(jobs.size(), 1u) << "the write";
    EXPECT_TRUE(queue.has_room());
    queue.append("ijkl");
    EXPECT_FALSE(queue.has_room()) << "before the file has taken what is before";
    EXPECT_EQ(queue.size(), 12u);
    EXPECT_EQ(queue.file_bytes(), 0u);
    EXPECT_EQ(taken_from(queue, 100), "abcd");
    EXPECT_EQ(taken_from(queue, 100), "") << "still to come";
    work_off();
    EXPECT_EQ(told, 1);
    EXPECT_EQ(queue.file_bytes(), 4u);
    EXPECT_EQ(taken_from(queue, 100), "") << "it is being read";
    work_off();
    EXPECT_EQ(told, 2);
    EXPECT_EQ(taken_from(queue, 3), "efg");
    work_off();
    EXPECT_TRUE(queue.has_room());
    EXPECT_EQ(taken_from(queue, 3), "h");
    EXPECT_EQ(taken_from(queue, 3), "");
    work_off();
    EXPECT_EQ(taken_from(queue, 100), "ijkl");
    EXPECT_EQ(queue.size(), 0u);
    EXPECT_TRUE(jobs.empty());
}

TEST_F(SpillQueue, a_job_may_end_behind_its_queue) {
    const auto budget = std::make_shared<spill_budget>();
    auto queue = std::make_unique<spill_queue>(
        folder, later(), spill_limits{.memory_bytes_max = 1, .write_bytes = 4}, budget);
    queue->append("abcd");
    EXPECT_EQ(budget->used, 4u);
    queue.reset();
    EXPECT_EQ(budget->used, 0u);
    work_off();
    EXPECT_EQ(budget->used, 0u);
}

}  // namespace
}  // namespace hikyaku::gateway::io
