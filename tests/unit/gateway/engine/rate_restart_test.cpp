// The contract rate over the end of a process: a wall in every second, and no wait for a carrier
// that was sent nothing.
#include <gtest/gtest.h>

#include <filesystem>

#include "gateway/engine/directory/rate.hpp"
#include "store/clock_mark.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using testing::engine_world;
using namespace std::chrono_literals;

class rate_restart : public ::testing::Test {
protected:
    engine_world world;
    std::vector<std::chrono::steady_clock::time_point> sent;

    void SetUp() override {
        world.settings.carriers[0].contract_rate = config::rate{10, 1000ms};
        world.start();
    }
    void serve(std::chrono::milliseconds time) {
        world.bind_up(1, world.gateway->carrier_by_name(world.settings.carriers[0].name), 100);
        world.accept_everything();
        world.advance(time);
        for (const auto& one : world.outputs->sent)
            sent.push_back(one.at.steady);
    }
    void submit(int messages) {
        for (int i = 0; i < messages; ++i)
            world.submit("Hello");
    }
};

TEST_F(rate_restart, a_backlog_that_met_no_carrier_starts_at_once) {
    submit(5);
    world.advance(2s);
    world.crash_and_start();
    const auto begin = world.now().steady;
    serve(1s);
    ASSERT_EQ(sent.size(), 5U);
    EXPECT_LE(sent.front() - begin, 1ms);
}

TEST_F(rate_restart, no_second_sees_more_however_often_the_process_dies) {
    submit(200);
    world.advance(2s);
    for (const auto life : {900ms, 50ms, 1500ms, 1020ms, 300ms, 1100ms, 2500ms, 1ms, 1300ms}) {
        world.crash_and_start();
        serve(life);
    }
    EXPECT_GE(sent.size(), 20U) << "and it does not stand still";
    for (std::size_t i = 10; i < sent.size(); ++i)
        EXPECT_GE(sent[i] - sent[i - 10], 1s) << i;
}

TEST_F(rate_restart, what_was_sent_without_a_rate_counts_when_there_is_one) {
    world.settings.carriers[0].contract_rate = std::nullopt;
    world.crash_and_start();
    submit(30);
    world.bind_up(1, engine_world::alpha, 20);
    ASSERT_EQ(world.outputs->sent.size(), 20U);
    const auto last = world.outputs->sent.back().at.steady;
    world.settings.carriers[0].contract_rate = config::rate{10, 1000ms};
    world.crash_and_start();
    serve(1500ms);
    ASSERT_FALSE(sent.empty());
    EXPECT_GE(sent.front() - last, 1s);
}

TEST_F(rate_restart, a_carrier_with_another_name_is_still_the_same) {
    submit(30);
    world.advance(2s);
    world.crash_and_start();
    serve(950ms);
    ASSERT_FALSE(sent.empty());
    const auto last = sent.back();
    world.settings.carriers[0].name = "gamma";
    world.settings.routes[0].targets = {{.carrier = "gamma"}};
    world.crash_and_start();
    sent.clear();
    serve(1500ms);
    ASSERT_FALSE(sent.empty());
    EXPECT_GE(sent.front() - last, 1s);
}

TEST_F(rate_restart, a_mark_that_cannot_be_written_holds_up_only_what_has_a_rate) {
    const auto file = world.store().path() + "/sent.mark";
    for (const bool with_rate : {true, false}) {
        SCOPED_TRACE(with_rate);
        world.settings.carriers[0].contract_rate.reset();
        if (with_rate) world.settings.carriers[0].contract_rate = config::rate{10, 1000ms};
        world.gateway.reset();
        std::filesystem::remove(file);
        std::filesystem::create_directory(file);
        world.crash_and_start();
        submit(3);
        world.bind_up(1, engine_world::alpha, 100);
        world.advance(3s);
        EXPECT_EQ(world.outputs->sent.size(), with_rate ? 0U : 3U);
        EXPECT_GE(world.gateway->count().send_mark_failures, with_rate ? 20U : 1U);
        std::filesystem::remove(file);
        world.advance(1s);
        EXPECT_EQ(world.outputs->sent.size(), 3U) << "and it goes on by itself";
        world.accept_everything();
        world.advance(1s);
    }
}

TEST_F(rate_restart, a_pause_between_two_processes_counts) {
    submit(40);
    world.advance(2s);
    world.crash_and_start();
    serve(500ms);
    ASSERT_GE(sent.size(), 3U);
    const auto last = sent.back();
    for (const auto pause : {400ms, 5000ms}) {
        SCOPED_TRACE(pause.count());
        const auto before = sent.size();
        const auto ended = world.now().steady;
        world.gateway.reset();
        world.clock.move_to(ended + pause);
        world.crash_and_start();
        serve(1200ms);
        ASSERT_GT(sent.size(), before);
        const auto first = sent[before];
        if (pause == 5000ms) {
            EXPECT_LE(first - (ended + pause), 1ms);
        } else {
            EXPECT_GE(first - last, 1s);
            EXPECT_LE(first - last, 1s + contract_rate::guard + store::clock_mark::ahead + 10ms);
        }
    }
}

}  // namespace
}  // namespace hikyaku::gateway
