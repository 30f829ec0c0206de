// Whose a reply is: by keyword, by who wrote to the phone last, by number.
#include <string>

#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using testing::engine_world;
using namespace std::chrono_literals;

constexpr std::string_view number = "81501234", phone = "819012345678";

class reply_owners : public ::testing::Test {
protected:
    reply_owners() {
        for (auto& account : world.settings.accounts)
            account.numbers = {std::string(number)};
        world.settings.accounts[1].keywords = {"bank"};
    }
    void start() {
        world.start();
        world.accept_everything();
        world.bind_up(1);
        world.session_up(100);
        world.session_up(200, engine_world::bank);
    }
    void write(account_id account, Purpose purpose, std::string_view from = "Shop") {
        auto message = engine_world::text_to(phone, "due");
        message.purpose = purpose;
        if (from != "Shop") message.source = {1, 1, std::string(from)};
        (void)world.submit(std::move(message), account);
    }
    /// The session that is told of a reply; 0 = nobody is.
    std::uint64_t told(std::string_view text, std::string_view to = number) {
        const auto before = world.deliveries();
        world.reply(text, to);
        if (world.deliveries() == before) return 0;
        world.acknowledge_delivery(world.outputs->delivered.back());
        return static_cast<std::uint64_t>(world.outputs->delivered.back().session);
    }

    engine_world world;
};

TEST_F(reply_owners, of_a_shared_number_is_the_first_in_the_file_where_nobody_wrote) {
    start();
    EXPECT_EQ(told("hello"), 100U);
    EXPECT_EQ(told("Bank, hello"), 100U);
    EXPECT_EQ(told("BANK hello"), 200U);
}

TEST_F(reply_owners, of_a_shared_number_is_who_wrote_last) {
    start();
    for (const auto purpose : {Purpose::dunning, Purpose::transactional}) {
        write(engine_world::bank, purpose);
        EXPECT_EQ(told("hello"), 200U);
        write(engine_world::shop, purpose);
        EXPECT_EQ(told("hello"), 100U);
        EXPECT_EQ(told("bank hello"), 200U);
    }
    write(engine_world::bank, Purpose::dunning);
    world.crash_and_start();
    world.bind_up(1);
    world.session_up(100);
    world.session_up(200, engine_world::bank);
    EXPECT_EQ(told("hello"), 200U) << "also after a restart";
}

TEST_F(reply_owners, wrote_within_thirty_days) {
    start();
    write(engine_world::bank, Purpose::dunning);
    world.leap(29 * 24h);
    EXPECT_EQ(told("hello"), 200U);
    world.leap(2 * 24h);
    EXPECT_EQ(told("hello"), 100U);
}

TEST_F(reply_owners, of_a_number_that_one_account_has_is_that_account) {
    world.settings.accounts[1].numbers.clear();
    start();
    write(engine_world::bank, Purpose::dunning);
    EXPECT_EQ(told("hello"), 100U);
}

TEST_F(reply_owners, of_a_number_of_nobody_is_who_wrote_from_it) {
    start();
    EXPECT_EQ(told("hello", "5050"), 0U);
    write(engine_world::bank, Purpose::dunning);
    EXPECT_EQ(told("hello", "5050"), 0U);
    write(engine_world::bank, Purpose::dunning, "815031110000");
    EXPECT_EQ(told("hello", "815031110000"), 200U);
    write(engine_world::shop, Purpose::transactional, "815031110000");
    EXPECT_EQ(told("hello", "815031110000"), 100U);
}

}  // namespace
}  // namespace hikyaku::gateway
