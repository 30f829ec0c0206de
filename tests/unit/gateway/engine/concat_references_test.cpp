// The references that tie the segments of a message together: no two messages to a phone share one.
#include <gtest/gtest.h>

#include <set>

#include "gateway/model/tables.hpp"
#include "store/batch.hpp"
#include "tests/support/texts_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using config::segmentation;
using testing::engine_world;
using testing::texts;
using namespace std::chrono_literals;

class references : public texts {
protected:
    /// Of the last segment that was sent.
    std::uint16_t last_reference() {
        for (; read_ < world.outputs->sent.size(); ++read_) {
            const auto& sent = world.outputs->sent[read_];
            phone.receive(sent, profile_of(text_of(sent.bind)));
        }
        return phone.references.empty() ? std::uint16_t{0} : phone.references.back();
    }
    void restart() {
        world.crash_and_start();
        world.accept_everything();
        read_ = 0;
    }
    void set_slots(std::uint16_t value) {
        store::batch batch;
        for (std::uint32_t slot = 0; slot < model::concat_slot_count; ++slot)
            batch.put(model::table::concat_slots, model::concat_slot_key(slot), value);
        const store::batch* one[] = {&batch};
        ASSERT_TRUE(world.store().apply(one).has_value());
    }

private:
    std::size_t read_ = 0;
};

TEST_F(references, two_messages_to_one_destination_never_share_one_across_restarts) {
    text_of(engine_world::alpha).segmentation = segmentation::udh16;
    world.start();
    std::set<std::uint16_t> seen, low;
    for (int run = 0; run < 5; ++run) {
        world.accept_everything();
        world.bind_up(1);
        for (int i = 0; i < 3; ++i)
            world.submit(long_text);
        ASSERT_EQ(world.outputs->sent.size(), 6U);
        for (std::size_t i = 0; i < 6; i += 2) {
            const auto& octets = world.outputs->sent[i].octets;
            const auto value = static_cast<std::uint16_t>(
                static_cast<std::uint8_t>(octets[3]) << 8 | static_cast<std::uint8_t>(octets[4]));
            EXPECT_TRUE(seen.insert(value).second) << value;
            low.insert(static_cast<std::uint8_t>(value));
        }
        world.crash_and_start();
    }
    EXPECT_EQ(low.size(), 15U);  // what 8-bit headers would show
    EXPECT_EQ(world.entries(model::table::concat_pages), 1U);
}

TEST_F(references, count_up_for_each_destination_and_go_over_zero) {
    text_of(engine_world::alpha).segmentation = segmentation::udh16;
    set_slots(0xFFFE);
    world.start();
    world.accept_everything();
    world.bind_up(1);
    for (const auto expected : std::initializer_list<std::uint16_t>{0xFFFF, 0, 1}) {
        world.submit(long_text);
        EXPECT_EQ(last_reference(), expected);
    }
    world.submit("short");  // takes none
    world.submit(engine_world::text_to("819012345679", long_text));
    EXPECT_EQ(last_reference(), 0xFFFF);
    world.submit(long_text);
    EXPECT_EQ(last_reference(), 2);
    text_of(engine_world::alpha).segmentation = segmentation::udh8;
    restart();
    world.bind_up(1);
    world.submit(long_text);
    EXPECT_EQ(last_reference(), 3);
    EXPECT_EQ(phone.shown.size(), 7U);
}

TEST_F(references, a_plan_made_anew_has_one_of_its_own) {
    both_carriers();
    text_of(engine_world::alpha).segmentation = segmentation::udh8;
    text_of(engine_world::beta).segmentation = segmentation::udh16;
    set_slots(7);
    world.start();
    world.submit(long_text);  // 8, for alpha
    world.accept_everything();
    world.bind_up(2, engine_world::beta);
    EXPECT_EQ(last_reference(), 9);
    restart();
    world.bind_up(2, engine_world::beta);
    world.submit(long_text);
    EXPECT_EQ(last_reference(), 10);
}

TEST_F(references, only_messages_that_are_taken_use_one_up) {
    text_of(engine_world::alpha).segmentation = segmentation::udh16;
    auto& limit = world.settings.accounts[0].rate;
    limit.per_second = config::rate{2, 1s};
    limit.burst = 2;
    set_slots(7);
    world.start();
    world.accept_everything();
    world.bind_up(1);
    world.submit(long_text);
    EXPECT_EQ(last_reference(), 8);
    const auto message = engine_world::text_to("819012345678", long_text);
    const auto estimate =
        world.gateway->estimate(engine_world::shop, submission(message), world.now());
    EXPECT_EQ(estimate.segments, 2U);
    EXPECT_EQ(world.hand_in(message).why, refusal::rate_exceeded);
    world.commits_itself = false;
    world.turn();
    EXPECT_TRUE(world.outputs->commits.empty());
    world.commits_itself = true;
    world.advance(2s);
    world.submit(long_text);
    EXPECT_EQ(last_reference(), 9);
}

TEST_F(references, each_message_of_a_submit_multi_has_one_of_its_own) {
    text_of(engine_world::alpha).segmentation = segmentation::udh16;
    set_slots(7);
    world.start();
    world.accept_everything();
    world.bind_up(1);
    const std::vector<phone_address> twice(2, {1, 1, "819012345678"});
    const auto result =
        world.gateway->submit_multi(engine_world::shop, engine_world::text_to("", long_text), twice,
                                    {session_id{1}, 50}, world.now());
    EXPECT_TRUE(result.refused.empty());
    world.settle();
    show_all();
    EXPECT_EQ(phone.references, (std::vector<std::uint16_t>{8, 8, 9, 9}));
    EXPECT_EQ(phone.shown, std::vector<std::string>(2, long_text));
}

TEST_F(references, a_text_that_replaces_another_has_one_of_its_own) {
    text_of(engine_world::alpha).segmentation = segmentation::sar;
    set_slots(7);
    world.start();
    const auto id = world.submit(long_text);  // 8
    operation_target what;
    what.id = id;
    what.source = {5, 0, "Shop"};
    replacement by;
    by.octets = long_text;
    EXPECT_EQ(world.gateway->replace(engine_world::shop, what, std::move(by), {session_id{1}, 60},
                                     world.now()),
              smpp::command_status::esme_rok);
    world.settle();
    world.accept_everything();
    world.bind_up(1);
    show_all();
    EXPECT_EQ(phone.references, (std::vector<std::uint16_t>{9, 9}));
}

TEST_F(references, a_message_that_seeks_what_it_replaces_takes_one_after_its_search) {
    text_of(engine_world::alpha).segmentation = segmentation::udh8;
    set_slots(7);
    world.start();
    auto seeking = engine_world::text_to("819012345678", long_text);
    seeking.replace_if_present = true;
    seeking.service_type = "CMT";
    ASSERT_EQ(world.hand_in(std::move(seeking)).why, refusal::none);
    world.submit(long_text);  // taken meanwhile
    world.accept_everything();
    world.bind_up(1);
    show_all();
    EXPECT_EQ(phone.references, (std::vector<std::uint16_t>{8, 8, 9, 9}));
    EXPECT_EQ(phone.shown.size(), 2U);
}

}  // namespace
}  // namespace hikyaku::gateway
