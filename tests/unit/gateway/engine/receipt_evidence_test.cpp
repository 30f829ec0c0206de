// receipt_evidence: what carriers do to addresses is no evidence, another phone is, and of several
// messages the one that more speaks for has the receipt.
#include "gateway/engine/receiving/receipt_evidence.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace hikyaku::gateway {
namespace {

TEST(receipt_evidence, phones_in_all_the_ways_in_which_carriers_write_them) {
    struct row {
        std::string_view one, other;
        verdict what;
    };
    using enum verdict;
    for (const auto& [one, other, what] : {
             row{"819012345678", "819012345678", agrees},
             row{"+819012345678", "819012345678", agrees},
             row{"00819012345678", "819012345678", agrees},
             row{"011819012345678", "819012345678", agrees},
             row{"09012345678", "819012345678", agrees},
             row{"9012345678", "819012345678", agrees},
             row{"+81 90-1234-5678", "819012345678", agrees},
             row{"(090) 1234.5678", "819012345678", agrees},
             row{" 819012345678 ", "819012345678", agrees},
             row{"5511912345678", "551112345678", agrees},  // Brazil's ninth digit
             row{"05551234", "3545551234", agrees},         // seven digits behind the trunk prefix
             row{"312345", "376312345", agrees},            // Andorra has six
             row{"819012345679", "819012345678", differs},
             row{"09012345679", "819012345678", differs},
             row{"5551235", "3545551234", differs},
             row{"12345", "12345", agrees},  // short codes
             row{"12346", "12345", differs},
             row{"12345", "123456", differs},
             row{"12345", "819012345678", nothing},
             row{"5678", "819012345678", nothing},
             row{"Shop", "819012345678", nothing},
             row{"8190****5678", "819012345678", nothing},
             row{"8190xxxx5678", "819012345678", nothing},
             row{"", "819012345678", nothing},
             row{"+", "819012345678", nothing},
             row{"0", "819012345678", nothing},
             row{"0000000000", "819012345678", nothing},
             row{"1234567890123456789012345", "819012345678", nothing},
         }) {
        EXPECT_EQ(compare_phones(one, other).what, what) << one << " " << other;
        EXPECT_EQ(compare_phones(other, one).what, what) << other << " " << one;
    }
    EXPECT_EQ(compare_phones("819012345678", "449012345678").what, verdict::agrees);
    EXPECT_LT(compare_phones("819012345678", "449012345678").digits,
              compare_phones("819012345678", "9012345678").digits + 1);
    EXPECT_FALSE(compare_phones("819012345678", "449012345678").whole);
    EXPECT_TRUE(compare_phones("819012345678", "9012345678").whole);
}

TEST(receipt_evidence, senders_may_be_cut) {
    struct row {
        std::string_view one, other;
        verdict what;
    };
    using enum verdict;
    for (const auto& [one, other, what] :
         {row{"Shop", "Shop", agrees}, row{"SHOP", "Shop", agrees}, row{"Sho", "Shop", agrees},
          row{"Sh", "Shop", differs}, row{"Bank", "Shop", differs}, row{"", "Shop", nothing},
          row{"12345", "Shop", differs}, row{"12345", "12345", agrees},
          row{"12345", "54321", differs}, row{"+815012345678", "815012345678", agrees},
          row{"05012345678", "815012345678", agrees}, row{"12345", "815012345678", differs}}) {
        EXPECT_EQ(compare_senders(one, other), what) << one << " " << other;
        EXPECT_EQ(compare_senders(other, one), what) << other << " " << one;
    }
}

TEST(receipt_evidence, only_another_phone_contradicts) {
    struct row {
        std::string_view source, destination;
        verdict phone, sender;
        bool swapped;
    };
    using enum verdict;
    const message_addresses by_name{"819012345678", "", "Shop", ""};
    for (const auto& [source, destination, phone, sender, swapped] : {
             row{"819012345678", "Shop", agrees, agrees, false},
             row{"09012345678", "", agrees, nothing, false},
             row{"819012345678", "12345", agrees, differs, false},  // the sender was replaced
             row{"Shop", "819012345678", agrees, agrees, true},
             row{"12345", "+819012345678", agrees, differs, true},
             row{"", "", nothing, nothing, false},
             row{"", "Shop", nothing, agrees, false},
             row{"", "12345", nothing, nothing, false},
             row{"", "815099999999", nothing, nothing, false},  // may be a sender
             row{"8190****5678", "815099999999", nothing, nothing, false},
             row{"Shop", "", nothing, agrees, false},
             row{"12345", "", nothing, nothing, false},
             row{"Carrier", "12345", nothing, differs, false},
             row{"819099999999", "Shop", differs, agrees, false},
             row{"819099999999", "", differs, nothing, false},
             row{"819099999999", "815099999999", differs, differs, false},
             row{"Shop", "819099999999", differs, agrees, false},
             row{"Bank", "819099999999", differs, differs, false},
             row{"12345", "819099999999", differs, differs, false},
         }) {
        const auto found = weigh_addresses(source, destination, by_name);
        EXPECT_EQ(found.phone, phone) << source << " " << destination;
        EXPECT_EQ(found.sender, sender) << source << " " << destination;
        EXPECT_EQ(found.swapped, swapped) << source << " " << destination;
        EXPECT_EQ(found.certain(), phone == agrees && sender == agrees && !swapped);
    }
    const message_addresses by_number{"819012345678", "09012345678", "815011111111", "4242"};
    for (const auto& [source, destination, phone, sender, swapped] : {
             row{"819012345678", "815011111111", agrees, agrees, false},
             row{"9012345678", "4242", agrees, agrees, false},  // as it was sent
             row{"815011111111", "819012345678", agrees, agrees, true},
             row{"815011111111", "", nothing, agrees, false},  // the phone is not told
             row{"4242", "4242", nothing, agrees, false},
             row{"", "815011111111", nothing, agrees, false},
             row{"Carrier", "815011111111", nothing, agrees, false},
             row{"819099999999", "815011111111", differs, agrees, false},
             row{"815011111111", "819099999999", differs, agrees, false},
             row{"4242", "819099999999", differs, agrees, false},
             row{"815022222222", "819099999999", differs, differs, false},
         }) {
        const auto found = weigh_addresses(source, destination, by_number);
        EXPECT_EQ(found.phone, phone) << source << " " << destination;
        EXPECT_EQ(found.sender, sender) << source << " " << destination;
        EXPECT_EQ(found.swapped, swapped) << source << " " << destination;
    }
    // The last eight digits of phone and sender are the same.
    const message_addresses alike{"819012345678", "", "815012345678", ""};
    EXPECT_EQ(weigh_addresses("819099999999", "815012345678", alike).phone, differs);
    EXPECT_EQ(weigh_addresses("815012345678", "819099999999", alike).phone, differs);
    EXPECT_TRUE(weigh_addresses("819012345678", "815012345678", alike).certain());
    EXPECT_TRUE(weigh_addresses("815012345678", "819012345678", alike).swapped);
    // Those of the other phone and the sender are.
    const message_addresses other_alike{"819012345678", "", "815099999999", ""};
    EXPECT_EQ(weigh_addresses("819099999999", "815099999999", other_alike).phone, differs);
    EXPECT_EQ(weigh_addresses("815099999999", "819099999999", other_alike).phone, differs);
    // It may be the sender's in another form, swapped with a short code instead of the phone.
    EXPECT_EQ(weigh_addresses("819099999999", "4242", other_alike).phone, nothing);
    const message_addresses to_short_code{"12345", "", "Shop", ""};
    EXPECT_EQ(weigh_addresses("12345", "Shop", to_short_code).phone, agrees);
    EXPECT_EQ(weigh_addresses("12346", "Shop", to_short_code).phone, differs);
    EXPECT_EQ(weigh_addresses("819012345678", "Shop", to_short_code).phone, nothing);
    EXPECT_EQ(weigh_addresses("819012345678", "4242", {"819012345678", "", "", ""}).phone, agrees);
}

class owners : public ::testing::Test {
protected:
    static ranked_candidate one(std::uint64_t message, std::uint32_t account = 1) {
        ranked_candidate made;
        made.account = account;
        made.message = message;
        made.rank.open = true;
        return made;
    }
};

TEST_F(owners, each_kind_of_evidence_decides_and_the_weightier_one_first) {
    auto poor = one(1, 1), rich = one(2, 2);
    EXPECT_EQ(choose_receipt_owner({}), no_owner);
    for (const auto improve :
         std::vector<void (*)(receipt_rank&)>{[](receipt_rank& rank) { rank.content = 1; },
                                              [](receipt_rank& rank) { rank.open = true; },
                                              [](receipt_rank& rank) { rank.likelier_reading = 1; },
                                              [](receipt_rank& rank) { rank.sender = true; },
                                              [](receipt_rank& rank) { rank.digits = 11; },
                                              [](receipt_rank& rank) { rank.unswapped = true; },
                                              [](receipt_rank& rank) { rank.exact = true; },
                                              [](receipt_rank& rank) { rank.phone = true; }}) {
        poor.rank = {.open = false};
        rich.rank = {.open = false};
        improve(rich.rank);
        const ranked_candidate both[] = {poor, rich};
        EXPECT_EQ(choose_receipt_owner(both), 1U);
        const ranked_candidate turned[] = {rich, poor};
        EXPECT_EQ(choose_receipt_owner(turned), 0U);
    }
    poor.rank = {.digits = 12, .sender = true, .content = 1, .open = true};
    rich.rank = {.phone = true};
    const ranked_candidate both[] = {poor, rich};
    EXPECT_EQ(choose_receipt_owner(both), 1U);
}

TEST_F(owners, equals_of_two_accounts_or_to_nobody_knows_which_phone_have_none) {
    const ranked_candidate strangers[] = {one(1, 1), one(2, 2)};
    EXPECT_EQ(choose_receipt_owner(strangers), no_owner);
    const ranked_candidate no_phone[] = {one(1), one(2)};
    EXPECT_EQ(choose_receipt_owner(no_phone), no_owner);
    auto first = one(1), second = one(2);
    first.rank.phone = second.rank.phone = true;
    const ranked_candidate one_phone[] = {second, first};
    EXPECT_EQ(choose_receipt_owner(one_phone), 1U);  // the older
    second.account = 2;
    const ranked_candidate one_phone_of_two[] = {second, first};
    EXPECT_EQ(choose_receipt_owner(one_phone_of_two), no_owner);
}

TEST_F(owners, segments_of_one_message_have_their_receipts_one_after_the_other) {
    ranked_candidate segments[] = {one(1), one(1), one(1)};
    segments[0].segment = 2;
    segments[1].segment = 1;
    EXPECT_EQ(choose_receipt_owner(segments), 2U);
    segments[2].rank.open = false;
    EXPECT_EQ(choose_receipt_owner(segments), 1U);
}

TEST_F(owners, what_waits_for_nothing_may_have_a_copy_of_its_receipt) {
    ranked_candidate done[] = {one(1, 1), one(2, 2)};
    done[0].rank.open = done[1].rank.open = false;
    EXPECT_NE(choose_receipt_owner(done), no_owner);
    done[1].rank.open = true;
    EXPECT_EQ(choose_receipt_owner(done), 1U);
}

}  // namespace
}  // namespace hikyaku::gateway
