// Numbers as applications write them: every form with every type of number, by the settings of
// several countries, and what the carrier gets of it.
#include "gateway/engine/submission/numbers.hpp"

#include <gtest/gtest.h>

#include "gateway/engine/errors.hpp"
#include "gateway/engine/submission/message_match.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using testing::engine_world;
using namespace std::chrono_literals;

struct home {
    const char *country, *trunk, *abroad;
};
constexpr home japan{"81", "0", "00"};
constexpr home nowhere{"", "", ""};

config::account account_of(const home& from) {
    config::account account;
    account.home_country = from.country;
    account.trunk_prefix = from.trunk;
    account.international_prefix = from.abroad;
    return account;
}

constexpr auto kept = number_reading::kept;
constexpr auto international = number_reading::international;
constexpr auto uncertain = number_reading::uncertain;

struct reading_row {
    const char* digits;
    number_reading reading;
    const char* result = "";  // where it is international
};

void expect_readings(const home& from, std::initializer_list<int> types,
                     std::initializer_list<reading_row> rows) {
    const auto account = account_of(from);
    for (const int type : types) {
        for (const auto& row : rows) {
            std::string digits = row.digits;
            EXPECT_EQ(read_number(account, static_cast<std::uint8_t>(type), digits), row.reading)
                << row.digits << " with TON " << type << " of +" << from.country;
            EXPECT_EQ(digits, row.reading == international ? row.result : row.digits);
        }
    }
}

TEST(number_readings, what_begins_with_a_prefix_has_one_meaning_with_any_type) {
    // 4 is a subscriber number, 7 is reserved: applications send both.
    expect_readings(japan, {0, 1, 2, 4, 7},
                    {{"09012345678", international, "819012345678"},
                     {"0312345678", international, "81312345678"},
                     {"0120444444", international, "81120444444"},
                     {"00819012345678", international, "819012345678"},
                     {"0049301234567", international, "49301234567"},
                     {"0012025550123", international, "12025550123"},
                     {"0123456", international, "81123456"},
                     {"01234", uncertain},               // too short for a number of any country
                     {"0012345", uncertain},             //
                     {"0123456789012345", uncertain},    // 17 digits with the country
                     {"001234567890123456", uncertain},  // 16
                     {"00123456789012345", international, "123456789012345"},
                     {"000", kept},
                     {"0001", kept},
                     {"00012345", kept},
                     {"000819012345678", kept}});
}

TEST(number_readings, what_begins_with_no_prefix_is_told_by_its_type) {
    expect_readings(japan, {0, 1, 7},
                    {{"819012345678", kept}, {"9012345678", kept}, {"110", kept}, {"12345", kept}});
    expect_readings(japan, {2},
                    {{"9012345678", international, "819012345678"},
                     {"312345678", international, "81312345678"},
                     {"819012345678", uncertain},  // either of two numbers
                     {"8112345678", uncertain},
                     {"1234", uncertain},
                     {"90123456789012", uncertain}});
    expect_readings(japan, {4}, {{"12345678", uncertain}, {"9012345678", uncertain}});
}

TEST(number_readings, short_codes_by_their_type_are_kept) {
    expect_readings(japan, {3, 5, 6},
                    {{"09012345678", kept}, {"0123", kept}, {"12345", kept}, {"000", kept}});
}

TEST(number_readings, without_settings_every_number_is_kept) {
    expect_readings(nowhere, {0, 1, 2, 3, 4, 5, 6, 7},
                    {{"09012345678", kept}, {"00819012345678", kept}, {"819012345678", kept}});
}

TEST(number_readings, of_countries_with_other_prefixes) {
    expect_readings({"61", "0", "0011"}, {0, 1, 2},
                    {{"0011819012345678", international, "819012345678"},
                     {"0412345678", international, "61412345678"},
                     {"001181", uncertain},
                     {"0011012345678", uncertain},
                     {"00819012345678", uncertain}});
    expect_readings({"81", "0", "010"}, {0, 1, 2},  // two prefixes that begin alike
                    {{"010819012345678", international, "819012345678"},
                     {"09012345678", international, "819012345678"},
                     {"0112345678", international, "81112345678"},
                     {"0100123456", uncertain}});
    expect_readings({"36", "06", "00"}, {0, 2},
                    {{"06201234567", international, "36201234567"}, {"0201234567", uncertain}});
    expect_readings({"254", "0", "000"}, {0, 2},
                    {{"000819012345678", international, "819012345678"},
                     {"0000123", kept},
                     {"0712345678", international, "254712345678"}});
    expect_readings({"47", "", "00"}, {2},  // no trunk prefix
                    {{"91234567", international, "4791234567"}, {"091234567", uncertain}});
    expect_readings({"1", "1", "011"}, {2},
                    {{"2025550123", international, "12025550123"},
                     {"12025550123", international, "12025550123"},
                     {"011819012345678", international, "819012345678"}});
    expect_readings({"1", "1", "011"}, {0},
                    {{"2025550123", kept},
                     {"12025550123", kept},
                     {"011819012345678", international, "819012345678"}});
    // A prefix that does not begin with 0 could be the start of an international number.
    expect_readings({"7", "8", "810"}, {0},
                    {{"89161234567", kept},
                     {"819012345678", kept},
                     {"810819012345678", international, "819012345678"}});
    expect_readings({"7", "8", "810"}, {2},
                    {{"89161234567", international, "79161234567"},
                     {"9161234567", international, "79161234567"},
                     {"810819012345678", uncertain}});
    expect_readings(
        {"", "", "00"}, {0, 1, 2},  // abroad only
        {{"00819012345678", international, "819012345678"}, {"09012345678", uncertain}});
    expect_readings({"81", "0", ""}, {0, 1, 2},
                    {{"00819012345678", uncertain},
                     {"0001", kept},
                     {"09012345678", international, "819012345678"}});
}

TEST(number_readings, what_came_out_is_kept_when_it_comes_again) {
    const auto account = account_of(japan);
    for (const char* digits : {"819012345678", "12025550123"}) {
        std::string again = digits;
        EXPECT_EQ(read_number(account, ton::international, again), kept);
        EXPECT_EQ(again, digits);
    }
}

// Through the engine: from the application to the carrier.

struct wire_row {
    int ton;
    const char *written, *sent;  // null: refused
    int sent_ton;
};

class numbers : public ::testing::Test {
protected:
    engine_world world;

    void live_in(const home& from) {
        auto& account = world.settings.accounts[0];
        account.home_country = from.country;
        account.trunk_prefix = from.trunk;
        account.international_prefix = from.abroad;
    }
    void ready() {
        world.start();
        world.bind_up(1);
        world.session_up(100);
    }
    static submission to(int type, std::string digits) {
        auto message = engine_world::text_to("819012345678", "Hello");
        message.destination = {static_cast<std::uint8_t>(type), 1, std::move(digits)};
        return message;
    }
    void expect_on_the_wire(std::initializer_list<wire_row> rows) {
        world.accept_everything();
        const auto& sent = world.outputs->sent;
        for (const auto& row : rows) {
            const auto before = sent.size();
            const auto result = world.hand_in(to(row.ton, row.written));
            world.settle();
            if (row.sent == nullptr) {
                EXPECT_EQ(status_of(result.why), smpp::command_status::esme_rinvdstadr)
                    << row.written << " with TON " << row.ton;
                continue;
            }
            ASSERT_EQ(result.why, refusal::none) << row.written << " with TON " << row.ton;
            ASSERT_EQ(sent.size(), before + 1);
            EXPECT_EQ(sent.back().destination, row.sent) << row.written;
            EXPECT_EQ(int{sent.back().destination_ton}, row.sent_ton)
                << row.written << " with TON " << row.ton;
        }
    }
};

TEST_F(numbers, with_settings_reach_the_carrier_as_e164) {
    live_in(japan);
    ready();
    expect_on_the_wire({{2, "09012345678", "819012345678", 1},
                        {0, "09012345678", "819012345678", 1},
                        {1, "09012345678", "819012345678", 1},
                        {0, "090-1234-5678", "819012345678", 1},
                        {0, "00819012345678", "819012345678", 1},
                        {1, "0081 90 1234 5678", "819012345678", 1},
                        {0, "819012345678", "819012345678", 1},
                        {0, "+819012345678", "819012345678", 1},
                        {2, "+819012345678", "819012345678", 1},
                        {2, "9012345678", "819012345678", 1},
                        {0, "0001", "0001", 0},
                        {1, "0001", "0001", 0},
                        {3, "0001", "0001", 3},
                        {6, "0123", "0123", 6},
                        {2, "819012345678", nullptr, 0},
                        {4, "12345678", nullptr, 0},
                        {0, "0123", nullptr, 0},
                        {0, "+09012345678", nullptr, 0},
                        {0, "+00819012345678", nullptr, 0},
                        {0, "00", nullptr, 0}});
}

TEST_F(numbers, without_settings_stay_and_a_leading_0_is_never_called_international) {
    ready();
    expect_on_the_wire({{0, "09012345678", "09012345678", 0},
                        {1, "09012345678", "09012345678", 0},
                        {2, "09012345678", "09012345678", 2},
                        {3, "0123", "0123", 3},
                        {4, "0123456", "0123456", 4},
                        {0, "00819012345678", "00819012345678", 0},
                        {1, "00819012345678", "00819012345678", 0},
                        {0, "819012345678", "819012345678", 1},
                        {2, "9012345678", "9012345678", 1},
                        {0, "12345", "12345", 1},
                        {0, "+09012345678", nullptr, 0}});
}

TEST_F(numbers, that_became_international_find_the_route_of_their_prefix) {
    live_in(japan);
    world.settings.routes[0].prefixes = {"81"};
    ready();
    expect_on_the_wire({{2, "09012345678", "819012345678", 1},
                        {0, "00819012345678", "819012345678", 1},
                        {0, "0049301234567", nullptr, 0}});
}

TEST_F(numbers, of_a_submit_multi_are_read_one_by_one) {
    live_in(japan);
    ready();
    const phone_address all[] = {{2, 1, "09012345678"}, {0, 0, "0123"}, {0, 0, "00818012345678"}};
    const auto result =
        world.gateway->submit_multi(engine_world::shop, engine_world::text_to("", "Hello"), all,
                                    {session_id{1}, 7}, world.now());
    world.settle();
    ASSERT_EQ(result.refused.size(), 1U);
    EXPECT_EQ(result.refused[0].index, 1U);
    EXPECT_EQ(result.refused[0].why, refusal::destination_invalid);
    ASSERT_EQ(world.outputs->sent.size(), 2U);
    EXPECT_EQ(world.outputs->sent[0].destination, "819012345678");
    EXPECT_EQ(world.outputs->sent[1].destination, "818012345678");
}

TEST_F(numbers, in_receipts_and_views_are_the_ones_that_were_sent) {
    live_in(japan);
    ready();
    const auto id = world.submit(to(2, "09012345678"));
    world.respond(world.outputs->sent[0], "A1");
    world.receipt("A1", "DELIVRD");
    ASSERT_EQ(world.deliveries(), 1U);
    EXPECT_EQ(world.outputs->delivered[0].event.destination, "819012345678");
    const auto found = world.gateway->find(engine_world::shop, id);
    EXPECT_EQ(found->destination.digits, "819012345678");
    EXPECT_EQ(found->destination.ton, 1);
}

// Found again by the address that the application wrote.

TEST(meant_messages, are_found_by_every_form_of_their_number) {
    const auto account = account_of(japan);
    flatbuffers::FlatBufferBuilder builder;
    const auto source = model::record::CreateAddressDirect(builder, 5, 0, "Shop");
    const auto destination = model::record::CreateAddressDirect(builder, 1, 1, "819012345678");
    const std::vector<flatbuffers::Offset<model::record::Octets>> none;
    const auto segments = builder.CreateVector(none);
    model::record::MessageBuilder made(builder);
    made.add_segments(segments);
    made.add_source(source);
    made.add_destination(destination);
    builder.Finish(made.Finish());
    const auto* message = flatbuffers::GetRoot<model::record::Message>(builder.GetBufferPointer());
    const struct {
        phone_address given;
        bool meant;
    } rows[] = {{{2, 1, "09012345678"}, true},
                {{0, 0, "090-1234-5678"}, true},
                {{0, 0, "00819012345678"}, true},
                {{2, 1, "9012345678"}, true},
                {{1, 1, "819012345678"}, true},
                {{0, 0, "+81 9012345678"}, true},
                {{0, 0, ""}, true},
                {{0, 0, "9012345678"}, false},
                {{0, 0, "08012345678"}, false},
                {{0, 0, "+09012345678"}, false}};
    for (const auto& row : rows) {
        operation_target what;
        what.source = {5, 0, "Shop"};
        what.destination = row.given;
        read_addresses(what, account);
        EXPECT_EQ(is_meant(*message, what), row.meant) << row.given.digits;
    }
    operation_target what;  // an empty source is the account's only sender, and no other
    what.destination = {2, 1, "09012345678"};
    for (const auto& [senders, meant] : {std::pair{std::vector<std::string>{"Shop"}, true},
                                         {{"Shop", "12345"}, false},
                                         {{"Shop*"}, false},
                                         {{"Store"}, false},
                                         {{}, false}}) {
        auto with = account;
        with.senders = senders;
        read_addresses(what, with);
        EXPECT_EQ(is_meant(*message, what), meant);
    }
}

// The sender of an account.

TEST_F(numbers, an_empty_source_becomes_the_only_sender_of_the_account) {
    const struct {
        std::vector<std::string> senders;
        const char* sent;  // null: refused
        int ton;
    } rows[] = {{{"Shop"}, "Shop", 5},
                {{"12345"}, "12345", 3},
                {{"+81312345678"}, "81312345678", 1},
                {{"81312345678"}, "81312345678", 1},
                {{"0120444444"}, "0120444444", 2},
                {{}, "", 0},  // the carrier's own
                {{"*"}, "", 0},
                {{"Shop", "12345"}, nullptr, 0},
                {{"Sho*"}, nullptr, 0}};
    for (const auto& row : rows) {
        engine_world own;
        own.settings.accounts[0].senders = row.senders;
        own.start();
        own.bind_up(1);
        own.session_up(100);
        auto message = to(1, "819012345678");
        message.source = {};
        const auto result = own.hand_in(message);
        own.settle();
        if (row.sent == nullptr) {
            EXPECT_EQ(result.why, refusal::source_not_allowed);
            continue;
        }
        ASSERT_EQ(own.outputs->sent.size(), 1U);
        EXPECT_EQ(own.outputs->sent[0].source, row.sent);
        EXPECT_EQ(int{own.outputs->sent[0].source_ton}, row.ton) << row.sent;
    }
}

TEST_F(numbers, of_senders_stay_and_are_not_called_international_behind_a_0) {
    live_in(japan);
    ready();
    for (const auto& [type, digits, sent_type] : {std::tuple{1, "0312345678", 0},
                                                  {2, "0312345678", 2},
                                                  {0, "0312345678", 0},
                                                  {1, "81312345678", 1}}) {
        auto message = to(1, "819012345678");
        message.source = {static_cast<std::uint8_t>(type), 1, digits};
        world.submit(message);
        ASSERT_FALSE(world.outputs->sent.empty());
        EXPECT_EQ(world.outputs->sent.back().source, digits);
        EXPECT_EQ(int{world.outputs->sent.back().source_ton}, sent_type) << type;
    }
    auto message = to(1, "819012345678");
    message.source = {0, 0, "+0312345678"};
    EXPECT_EQ(world.hand_in(message).why, refusal::source_invalid);
}

}  // namespace
}  // namespace hikyaku::gateway
