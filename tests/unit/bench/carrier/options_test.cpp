#include "bench/carrier/options.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "bench/carrier/message_id.hpp"

namespace hikyaku::bench {
namespace {

using smpp::command_status;

TEST(refusal, reads_names_numbers_and_fractions) {
    struct row {
        std::string_view text;
        command_status status;
        double fraction;
    };
    for (const row& one : {row{"ESME_RSYSERR:0.1", command_status::esme_rsyserr, 0.1},
                           row{"rthrottled:5%", command_status::esme_rthrottled, 0.05},
                           row{"0x14:1", command_status::esme_rmsgqful, 1},
                           row{"0x400:0.5", static_cast<command_status>(0x400), 0.5}}) {
        const auto read = parse_refusal(one.text);
        ASSERT_TRUE(read.has_value()) << one.text;
        EXPECT_EQ(read->status, one.status);
        EXPECT_DOUBLE_EQ(read->fraction, one.fraction);
    }
    for (const auto* const bad :
         {"", "ESME_RSYSERR", "ESME_RSYSERR:", "ESME_RSYSERR:2", "ESME_RNONSENSE:0.1",
          "ESME_ROK:0.1", "0x0:0.1", "0xZZ:0.1", ":0.1"})
        EXPECT_FALSE(parse_refusal(bad).has_value()) << bad;
}

TEST(options, contradictions_are_named) {
    EXPECT_EQ(fault_of({}), std::nullopt);
    carrier_options uuid;
    uuid.response_ids = id_form::uuid;
    EXPECT_NE(fault_of(uuid), std::nullopt);
    uuid.receipt_ids = id_form::uuid;
    EXPECT_EQ(fault_of(uuid), std::nullopt);
    carrier_options greedy;
    greedy.refuse = {{command_status::esme_rsyserr, 0.6}, {command_status::esme_rmsgqful, 0.6}};
    EXPECT_NE(fault_of(greedy), std::nullopt);
    carrier_options closed;
    closed.window = 0;
    EXPECT_NE(fault_of(closed), std::nullopt);
}

TEST(fate, keeps_to_the_fractions) {
    carrier_options options;
    options.refuse = {{command_status::esme_rsyserr, 0.1}, {command_status::esme_rmsgqful, 0.2}};
    options.fail = 0.3;
    options.no_receipt = 0.05;
    options.duplicate_receipts = 0.5;
    options.receipt_jitter = std::chrono::milliseconds(100);
    constexpr int messages = 20'000;
    std::map<command_status, int> refused;
    int fails = 0, lost = 0, twice = 0, accepted = 0;
    std::set<std::int64_t> delays;
    for (int i = 1; i <= messages; ++i) {
        const message_fate fate = fate_of(options, static_cast<std::uint64_t>(i));
        if (fate.refused) {
            ++refused[*fate.refused];
            continue;
        }
        ++accepted;
        fails += fate.fails ? 1 : 0;
        lost += fate.no_receipt ? 1 : 0;
        twice += fate.twice ? 1 : 0;
        EXPECT_FALSE(fate.receipt_first);
        EXPECT_GE(fate.receipt_delay, options.receipt_delay);
        EXPECT_LT(fate.receipt_delay, options.receipt_delay + options.receipt_jitter);
        delays.insert(fate.receipt_delay.count() / 10'000);
    }
    // Five standard deviations of the widest of these are below 2 %.
    const auto near = [](int count, double of, double fraction) {
        EXPECT_NEAR(count / of, fraction, 0.02);
    };
    near(refused[command_status::esme_rsyserr], messages, 0.1);
    near(refused[command_status::esme_rmsgqful], messages, 0.2);
    near(fails, accepted, 0.3);
    near(lost, accepted, 0.05);
    near(twice, accepted, 0.5);
    EXPECT_EQ(delays.size(), 10U);  // spread over the whole jitter
}

TEST(fate, is_decided_by_seed_and_number_alone) {
    carrier_options plain;
    plain.fail = 0.5;
    carrier_options more = plain;
    more.no_receipt = 0.5;
    more.duplicate_receipts = 0.5;
    carrier_options reseeded = plain;
    reseeded.seed = 2;
    int differs = 0;
    for (std::uint64_t i = 1; i <= 200; ++i) {
        EXPECT_EQ(fate_of(plain, i).fails, fate_of(plain, i).fails);
        EXPECT_EQ(fate_of(plain, i).fails, fate_of(more, i).fails);
        differs += fate_of(plain, i).fails != fate_of(reseeded, i).fails ? 1 : 0;
    }
    EXPECT_GT(differs, 50);
}

TEST(message_id, forms_of_one_number) {
    EXPECT_EQ(message_id(255, id_form::decimal).view(), "255");
    EXPECT_EQ(message_id(255, id_form::hex).view(), "ff");
    EXPECT_EQ(message_id(0x123456789ABCDEF, id_form::hex).view(), "123456789abcdef");
    EXPECT_EQ(message_id(UINT64_MAX, id_form::decimal).view(), "18446744073709551615");
}

TEST(message_id, uuids_look_like_uuids_and_never_repeat) {
    const std::regex shape("[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
    std::set<std::string> seen;
    for (std::uint64_t i = 1'700'000'000'000'000; i < 1'700'000'000'001'000; ++i) {
        const std::string id(message_id(i, id_form::uuid).view());
        EXPECT_TRUE(std::regex_match(id, shape)) << id;
        EXPECT_TRUE(seen.insert(id).second) << id;
    }
}

}  // namespace
}  // namespace hikyaku::bench
