#include "gateway/app/store_guard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "gateway/app/store_identity.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::gateway::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t guard_hour_ms = 3600 * 1000, guard_day_ms = 24 * guard_hour_ms;
constexpr std::int64_t guard_noon = 1'796'871'600'000;

class store_guard_test : public ::testing::Test {
protected:
    void SetUp() override {
        store::environment_settings wanted;
        wanted.path = folder / "data";
        auto opened = store::environment::open(wanted, {model::domain});
        ASSERT_TRUE(opened.has_value());
        store = std::move(*opened);
    }

    [[nodiscard]] store_guard open() const { return {stamp, clock, store->read(), last_ms}; }
    void keep(store_guard guard) {
        store::batch rows;
        guard.write(clock, rows);
        apply(rows);
    }
    void confirm(store_guard guard) {
        store::batch rows;
        guard.write_confirmed(clock, rows);
        apply(rows);
    }
    void apply(const store::batch& rows) {
        const store::batch* const list[] = {&rows};
        ASSERT_TRUE(store->apply(list).has_value());
    }
    /// So much time passes for everybody.
    void pass(std::int64_t ms) {
        clock.wall_ms += ms;
        clock.since_ms += ms;
    }
    void restart_machine() {
        ++clock.boot;
        clock.since_ms = 60'000;
    }
    [[nodiscard]] std::vector<std::string_view> found() const { return names_of(open().what()); }

    temporary_folder folder;
    std::unique_ptr<store::environment> store;
    store_stamp stamp{11, 22};
    clock_reading clock{7, guard_hour_ms, guard_noon};
    std::int64_t last_ms = 0;
};

TEST_F(store_guard_test, a_new_store_is_no_doubt) {
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_EQ(rule_of(open().what()), "");
}

TEST_F(store_guard_test, one_with_messages_and_without_rows_is) {
    last_ms = guard_noon;
    EXPECT_THAT(found(), ElementsAre("unknown"));
    EXPECT_EQ(rule_of(open().what()), "store_unconfirmed");
}

TEST_F(store_guard_test, time_that_passes_is_no_doubt) {
    keep(open());
    last_ms = guard_noon;
    for (const auto ms : {std::int64_t{1}, guard_hour_ms, 90 * guard_day_ms}) {
        pass(ms);
        EXPECT_THAT(found(), IsEmpty()) << ms;
    }
    restart_machine();
    EXPECT_THAT(found(), IsEmpty());
    clock.wall_ms += 30 * guard_day_ms;  // it was off
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(store_guard_test, another_machine_or_file_is_one_until_it_is_confirmed) {
    keep(open());
    struct row {
        store_stamp stamp;
        const char* name;
    };
    for (const auto& each : {row{{12, 22}, "machine"}, row{{11, 23}, "file"},
                             row{{0, 22}, "machine"}, row{{11, 0}, "file"}}) {
        stamp = each.stamp;
        EXPECT_THAT(found(), ElementsAre(each.name));
        EXPECT_EQ(rule_of(open().what()), "store_unconfirmed");
    }
    stamp = {12, 23};
    keep(open());
    pass(guard_day_ms);
    EXPECT_THAT(found(), ElementsAre("machine", "file")) << "the next start finds it again";
    EXPECT_EQ(open().since_ms(), guard_noon);
    stamp = {11, 22};
    EXPECT_THAT(found(), ElementsAre("machine", "file")) << "also back where it was";
    stamp = {12, 23};
    confirm(open());
    EXPECT_THAT(found(), IsEmpty());
    stamp = {11, 22};
    EXPECT_THAT(found(), ElementsAre("machine", "file")) << "what it was before is another one now";
}

TEST_F(store_guard_test, a_clock_that_jumps_is_one) {
    struct row {
        std::int64_t by_ms;
        bool jumps;
    };
    for (const auto& each : {row{guard_hour_ms, false}, row{guard_hour_ms + 1, true},
                             row{-guard_hour_ms, false}, row{-guard_hour_ms - 1, true}}) {
        auto guard = open();
        auto read = clock;
        read.wall_ms += each.by_ms;
        EXPECT_EQ(guard.look(read), each.jumps) << each.by_ms;
        EXPECT_EQ(rule_of(guard.what()), each.jumps ? "clock_jumped" : "");
        EXPECT_FALSE(guard.look(read)) << "it is told once";
    }
}

TEST_F(store_guard_test, many_small_steps_are_a_jump_too) {
    auto guard = open();
    int steps = 0;
    while (!guard.look(clock)) {
        ASSERT_LT(++steps, 10);
        clock.wall_ms += 20 * 60 * 1000;
    }
    EXPECT_EQ(steps, 4);
}

TEST_F(store_guard_test, a_jump_while_it_was_down_is_found_unless_the_machine_was_started_anew) {
    keep(open());
    clock.wall_ms += 2 * guard_hour_ms;
    EXPECT_THAT(found(), ElementsAre("clock"));
    restart_machine();
    EXPECT_THAT(found(), IsEmpty()) << "it may have been off";
    clock.wall_ms = guard_noon - 4000;
    EXPECT_THAT(found(), IsEmpty());
    clock.wall_ms = guard_noon - 6000;
    EXPECT_THAT(found(), ElementsAre("clock")) << "earlier than what is stored";
    clock.wall_ms = guard_noon + guard_day_ms;
    last_ms = guard_noon + 2 * guard_day_ms;
    EXPECT_THAT(found(), ElementsAre("clock")) << "earlier than the youngest message";
}

TEST_F(store_guard_test, a_confirmed_clock_goes_on_from_there) {
    keep(open());
    clock.wall_ms += 3 * guard_hour_ms;
    auto guard = open();
    store::batch rows;
    guard.write_confirmed(clock, rows);
    EXPECT_EQ(rule_of(guard.what()), "clock_jumped") << "it counts when it is on disk";
    guard.confirmed();
    EXPECT_EQ(guard.what(), 0);
    EXPECT_FALSE(guard.look(clock));
    apply(rows);
    pass(guard_hour_ms);
    EXPECT_THAT(found(), IsEmpty());
}

TEST_F(store_guard_test, rows_are_wanted_by_the_minute) {
    auto guard = open();
    EXPECT_TRUE(guard.wants_rows(clock));
    store::batch rows;
    guard.write(clock, rows);
    EXPECT_FALSE(guard.wants_rows(clock));
    pass(59'999);
    EXPECT_FALSE(guard.wants_rows(clock));
    pass(1);
    EXPECT_TRUE(guard.wants_rows(clock));
}

TEST(store_identity, tells_files_and_machines_apart) {
    const temporary_folder folder;
    const std::string one = folder / "one", two = folder / "two";
    for (const auto& each : {one, two}) {
        std::filesystem::create_directory(each);
        std::ofstream(each + "/data.mdb") << "the same";
    }
    std::ofstream(folder / "id") << "0123456789abcdef\n";
    std::ofstream(folder / "other") << "0123456789abcdee\n";
    const auto first = read_stamp(folder / "id", one);
    EXPECT_NE(first.machine, 0U);
    EXPECT_NE(first.file, 0U);
    EXPECT_EQ(read_stamp(folder / "id", one).machine, first.machine);
    EXPECT_EQ(read_stamp(folder / "id", one).file, first.file);
    EXPECT_NE(read_stamp(folder / "other", one).machine, first.machine);
    EXPECT_NE(read_stamp(folder / "id", two).file, first.file);
    EXPECT_EQ(read_stamp(folder / "none", one).machine, 0U);
    std::filesystem::rename(one, folder / "moved");
    EXPECT_EQ(read_stamp(folder / "id", folder / "moved").file, first.file) << "moved, not copied";
    std::filesystem::copy(folder / "moved", folder / "copy");
    EXPECT_NE(read_stamp(folder / "id", folder / "copy").file, first.file);
}

TEST(store_identity, the_boot_clock_runs) {
    const auto boot = boot_number();
    EXPECT_NE(boot, 0U);
    const auto first = read_boot_clock(boot);
    const auto second = read_boot_clock(boot);
    EXPECT_GE(second.since_ms, first.since_ms);
    EXPECT_EQ(second.boot, boot);
}

}  // namespace
}  // namespace hikyaku::gateway::app
