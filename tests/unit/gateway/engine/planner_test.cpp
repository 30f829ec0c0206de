// From a submission to what is sent: everything that can be wrong with one, and what becomes of it.
#include "gateway/engine/submission/planner.hpp"

#include <gtest/gtest.h>

#include "smpp/pdu/tlv.hpp"
#include "smpp/text/plan.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway {
namespace {

using smpp::text::encoding;
using smpp::text::encoding_choice;
using testing::engine_world;
constexpr std::int64_t now_ms = testing::virtual_clock::start_wall_ms;
constexpr std::int64_t hour_ms = 3'600'000;

class planner : public ::testing::Test {
protected:
    config::account account;
    config::links_server links;
    submission message = engine_world::text_to("819012345678", "Hello");
    testing::seeded_bits bits;

    boost::system::result<planned_message, plan_refusal> plan() {
        auto fill = [this](std::span<std::uint8_t> bytes) {
            for (auto& byte : bytes)
                byte = static_cast<std::uint8_t>(bits());
        };
        return plan_message(message, {&account, &links, now_ms, links::random_source(fill)});
    }
    planned_message planned() {
        auto result = plan();
        EXPECT_TRUE(result.has_value()) << static_cast<int>(why());
        return result ? std::move(*result) : planned_message{};
    }
    refusal why() {
        const auto result = plan();
        return result ? refusal::none : result.error().why;
    }
    void octets(std::string bytes, std::uint8_t data_coding, std::uint8_t esm_class = 0) {
        message.text.reset();
        message.octets = std::move(bytes);
        message.data_coding = data_coding;
        message.esm_class = esm_class;
    }
};

TEST_F(planner, destinations_are_tidied_or_refused) {
    struct row {
        phone_address in;
        refusal why;
        std::string_view digits;
        int ton, npi;
    };
    for (const auto& [in, expected, digits, ton, npi] :
         {row{{0, 0, "+81 90-1234 (5678)"}, refusal::none, "819012345678", 1, 1},
          row{{2, 8, "09012345678"}, refusal::none, "09012345678", 2, 8},
          row{{0, 0, "110"}, refusal::none, "110", 0, 0},
          row{{0, 0, "12345678901234567890"}, refusal::none, "12345678901234567890", 0, 0},
          row{{0, 0, "123456789012345678901"}, refusal::destination_invalid, "", 0, 0},
          row{{0, 0, "12"}, refusal::destination_invalid, "", 0, 0},
          row{{0, 0, ""}, refusal::destination_invalid, "", 0, 0},
          row{{0, 0, "+"}, refusal::destination_invalid, "", 0, 0},
          row{{0, 0, "+81+90"}, refusal::destination_invalid, "", 0, 0},
          row{{0, 0, "0901234567a"}, refusal::destination_invalid, "", 0, 0},
          row{{5, 0, "12345"}, refusal::destination_invalid, "", 0, 0}}) {
        message.destination = in;
        EXPECT_EQ(why(), expected) << in.digits;
        if (expected != refusal::none) continue;
        EXPECT_EQ(message.destination.digits, digits);
        EXPECT_EQ(message.destination.ton, ton) << in.digits;
        EXPECT_EQ(message.destination.npi, npi) << in.digits;
    }
}

TEST_F(planner, sources_are_numbers_or_at_most_eleven_characters) {
    struct row {
        phone_address in;
        refusal why;
        std::string_view digits;
        int ton;
    };
    for (const auto& [in, expected, digits, ton] :
         {row{{0, 0, "+81 3-1234"}, refusal::none, "8131234", 1},
          row{{3, 1, "12345"}, refusal::none, "12345", 3},
          row{{0, 0, "Shop"}, refusal::none, "Shop", 5},
          row{{0, 0, "Shop 24 & C"}, refusal::none, "Shop 24 & C", 5},
          row{{5, 0, "4242"}, refusal::none, "4242", 5}, row{{0, 0, ""}, refusal::none, "", 0},
          row{{0, 0, "ShopShopShop"}, refusal::source_invalid, "", 0},
          row{{0, 0, "Sh\nop"}, refusal::source_invalid, "", 0},
          row{{0, 0, "123456789012345678901"}, refusal::source_invalid, "", 0}}) {
        message.source = in;
        EXPECT_EQ(why(), expected) << in.digits;
        if (expected != refusal::none) continue;
        EXPECT_EQ(message.source.digits, digits);
        EXPECT_EQ(message.source.ton, ton) << in.digits;
    }
}

TEST_F(planner, an_account_may_use_its_senders_only) {
    account.senders = {"+8131*", "Shop", "4915*"};
    struct row {
        std::string_view source;
        refusal why;
        std::uint8_t ton = 0;
    };
    for (const auto& [source, expected, ton] :
         {row{"+81312345", refusal::none}, row{"Shop", refusal::none},
          row{"Shopping", refusal::source_not_allowed},
          row{"81412345", refusal::source_not_allowed}, row{"", refusal::source_not_allowed},
          row{"49151234", refusal::none}, row{"4915", refusal::none, 3},
          // Names that begin with the digits of a number, and numbers that are sent as names.
          row{"4915Bank", refusal::source_not_allowed},
          row{"4915 Bank", refusal::source_not_allowed, 5},
          row{"49151234", refusal::source_not_allowed, 5},
          row{"8131 Bank", refusal::source_not_allowed, 1}}) {
        message.source = {ton, 0, std::string(source)};
        EXPECT_EQ(why(), expected) << source << " " << int{ton};
    }
}

TEST_F(planner, flags) {
    struct row {
        std::uint8_t priority, registered_delivery, esm_class;
        refusal why;
    };
    for (const auto& [priority, registered, esm_class, expected] :
         {row{3, 0x1F, 0, refusal::none}, row{4, 0, 0, refusal::priority_invalid},
          row{0, 0x20, 0, refusal::registered_delivery_invalid},
          row{0, 0, 0x04, refusal::esm_class_invalid}, row{0, 0, 0x20, refusal::esm_class_invalid},
          row{0, 0, 0x08, refusal::none}, row{0, 0, 0x80, refusal::none}}) {
        message.priority = priority;
        message.registered_delivery = registered;
        message.esm_class = esm_class;
        EXPECT_EQ(why(), expected) << int{priority} << " " << int{registered};
    }
    message = engine_world::text_to("819012345678", "Hello");
    message.priority = 3;
    account.priority_max = 1;
    EXPECT_EQ(planned().priority, 1);
}

TEST_F(planner, times) {
    account.validity_default = std::chrono::hours{72};
    struct row {
        std::optional<std::int64_t> send_at, expires;
        refusal why;
        std::int64_t not_before_after, expires_after;
    };
    constexpr std::int64_t day = 24 * hour_ms;
    for (const auto& [send_at, expires, expected, not_before, until] :
         {row{{}, {}, refusal::none, 0, 72 * hour_ms},
          row{hour_ms, {}, refusal::none, hour_ms, 73 * hour_ms},
          row{-hour_ms, {}, refusal::none, 0, 72 * hour_ms}, row{{}, 1, refusal::none, 0, 1},
          row{{}, 0, refusal::validity_invalid, 0, 0}, row{{}, -1, refusal::validity_invalid, 0, 0},
          row{hour_ms, hour_ms, refusal::validity_invalid, 0, 0},
          row{hour_ms, hour_ms + 1, refusal::none, hour_ms, hour_ms + 1},
          row{366 * day, {}, refusal::none, 366 * day, 366 * day + 72 * hour_ms},
          row{366 * day + 1, {}, refusal::schedule_invalid, 0, 0}}) {
        message.send_at_ms = send_at ? std::optional(now_ms + *send_at) : std::nullopt;
        message.expires_ms = expires ? std::optional(now_ms + *expires) : std::nullopt;
        EXPECT_EQ(why(), expected) << send_at.value_or(-7) << " " << expires.value_or(-7);
        if (expected != refusal::none) continue;
        EXPECT_EQ(planned().not_before_ms - now_ms, not_before);
        EXPECT_EQ(planned().expires_ms - now_ms, until);
    }
}

TEST_F(planner, encodings_chosen_and_forced) {
    EXPECT_EQ(planned().encoding, encoding::gsm7);
    message.encoding = encoding_choice::ucs2;
    EXPECT_EQ(planned().encoding, encoding::ucs2);
    EXPECT_EQ(planned().data_coding, 8);
    message.text = "飛脚";
    message.encoding = encoding_choice::automatic;
    EXPECT_EQ(planned().encoding, encoding::ucs2);
    EXPECT_EQ(planned().segments, (smpp::text::segment_list{"\x98\xDB\x81\x1A"}));
    message.encoding = encoding_choice::gsm7;
    const auto refused = plan();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().why, refusal::text_invalid);
    EXPECT_EQ(refused.error().detail, 0U);
    message.text = "ab\xFF";
    message.encoding = encoding_choice::automatic;
    const auto invalid = plan();
    ASSERT_FALSE(invalid.has_value());
    EXPECT_EQ(invalid.error().why, refusal::text_invalid);
    EXPECT_EQ(invalid.error().detail, 2U);
}

TEST_F(planner, too_many_parts_tells_the_number_needed) {
    message.text = std::string(153 * 3 + 1, 'x');
    account.parts_max = 3;
    auto refused = plan();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().why, refusal::text_too_long);
    EXPECT_EQ(refused.error().detail, 4U);
    message.text->pop_back();
    EXPECT_EQ(planned().segments.size(), 3U);
    EXPECT_EQ(planned().segments[1].substr(0, 6), std::string("\x05\x00\x03\x00\x03\x02", 6));
    EXPECT_EQ(planned().esm_class, 0x40);
    message.parts_max = 2;
    EXPECT_EQ(why(), refusal::text_too_long);
    message.parts_max = 200;  // no more than the account's
    message.text = std::string(153 * 3 + 1, 'x');
    EXPECT_EQ(why(), refusal::text_too_long);
}

TEST_F(planner, octets_pass_unchanged) {
    const std::string eight("\x00\xFF\x80\x01", 4);
    octets(eight, 4);
    EXPECT_EQ(planned().segments, smpp::text::segment_list{eight});
    EXPECT_EQ(planned().data_coding, 4);
    EXPECT_EQ(planned().encoding, encoding::binary);
    octets("Hello", 0x10);  // flash
    EXPECT_EQ(planned().data_coding, 0x10);
    octets(std::string(300, 'x'), 0x10);
    EXPECT_EQ(planned().data_coding, 0x10);
    EXPECT_EQ(planned().segments.size(), 2U);
    octets("abc", 8);
    EXPECT_EQ(why(), refusal::text_invalid);
    octets(eight, 0);
    message.binary = true;
    EXPECT_EQ(planned().data_coding, 4);
}

TEST_F(planner, a_header_of_the_applications_own_is_kept) {
    const std::string header("\x05\x00\x03\x07\x02\x01", 6);
    octets(header + std::string(153, 'x'), 0, 0x40);
    EXPECT_EQ(planned().segments, smpp::text::segment_list{header + std::string(153, 'x')});
    EXPECT_EQ(planned().esm_class, 0x40);
    octets(header + std::string(154, 'x'), 0, 0x40);  // 161 septets on the air
    EXPECT_EQ(why(), refusal::text_too_long);
    octets(header + std::string(134, 'x'), 8, 0x40);
    EXPECT_EQ(why(), refusal::none);
    octets(header + std::string(136, 'x'), 8, 0x40);
    EXPECT_EQ(why(), refusal::text_too_long);
    octets("\x05", 0, 0x40);
    EXPECT_EQ(why(), refusal::esm_class_invalid);
    octets("", 0, 0x40);
    EXPECT_EQ(why(), refusal::esm_class_invalid);
    octets(header + "bytes", 0, 0x40);
    message.binary = true;
    EXPECT_EQ(planned().data_coding, 4);
}

TEST_F(planner, sar_tlvs_are_for_one_segment_each) {
    std::vector<std::uint8_t> buffer;
    smpp::tlv_writer writer(buffer);
    writer.u16(smpp::tag::sar_msg_ref_num, 7).u8(smpp::tag::sar_total_segments, 2);
    message.tlvs.assign(buffer.begin(), buffer.end());
    octets(std::string(160, 'x'), 0);
    EXPECT_EQ(why(), refusal::none);
    octets(std::string(161, 'x'), 0);
    EXPECT_EQ(why(), refusal::text_too_long);
}

TEST_F(planner, names_what_another_carrier_needs_to_cut_it_anew) {
    message.text = std::string(200, 'x');
    message.encoding = encoding_choice::gsm7;
    account.parts_max = 7;
    auto out = planned();
    EXPECT_EQ(out.concatenation, smpp::text::segmentation::udh8);
    EXPECT_EQ(out.reference, 0);  // none is taken yet
    EXPECT_EQ(out.parts, 2U);
    EXPECT_EQ(out.parts_max, 7U);
    EXPECT_EQ(out.choice, static_cast<int>(encoding_choice::gsm7));
    octets("Hello", 0);
    out = planned();
    EXPECT_EQ(out.choice, static_cast<int>(encoding_choice::automatic));
    EXPECT_EQ(out.concatenation, smpp::text::segmentation::none);
    octets(std::string("\x00\x48", 2), 8);
    EXPECT_EQ(planned().choice, keep_octets);
    octets(std::string("\x05\x00\x03\x07\x02\x01", 6) + "x", 0x11, 0x40);
    EXPECT_EQ(planned().choice, keep_octets);
}

class planner_links : public planner {
protected:
    planner_links() {
        links.base_url = "https://pay.example";
        account.links.track = true;
    }
    static std::string wide(std::string_view ascii) {
        std::string out;
        for (const char c : ascii) {
            out.push_back('\0');
            out.push_back(c);
        }
        return out;
    }
};

TEST_F(planner_links, rewritten_before_the_segments_are_planned) {
    const std::string target = "https://shop.example/" + std::string(200, 'a');
    message.text = "Pay: " + target;
    const auto out = planned();
    ASSERT_EQ(out.links.size(), 1U);
    EXPECT_EQ(out.links[0].target, target);
    EXPECT_EQ(out.final_text, "Pay: https://pay.example/" + out.links[0].code);
    EXPECT_EQ(out.segments.size(), 1U);
    EXPECT_EQ(out.segments[0], out.final_text);
    account.links.base_url = "https://shop.link";
    EXPECT_TRUE(planned().final_text.starts_with("Pay: https://shop.link/"));
}

TEST_F(planner_links, over_smpp_in_gsm_and_ucs2) {
    octets("See https://shop.example/x \x02", 0);  // with a dollar sign of GSM
    auto out = planned();
    ASSERT_EQ(out.links.size(), 1U);
    EXPECT_EQ(out.data_coding, 0);
    EXPECT_EQ(out.segments[0], "See https://pay.example/" + out.links[0].code + " \x02");
    octets("See https://shop.example/x", 0x10);
    EXPECT_EQ(planned().data_coding, 0x10);  // a flash message stays one
    octets(wide("See https://shop.example/x"), 8);
    out = planned();
    ASSERT_EQ(out.links.size(), 1U);
    EXPECT_EQ(out.encoding, encoding::ucs2);
    EXPECT_EQ(out.data_coding, 8);
    EXPECT_EQ(out.segments[0], wide("See https://pay.example/" + out.links[0].code));
}

TEST_F(planner_links, off_by_account_by_message_and_for_octets_that_are_no_text) {
    message.text = "https://shop.example/x";
    message.track_links = false;
    EXPECT_TRUE(planned().links.empty());
    EXPECT_EQ(planned().segments[0], "https://shop.example/x");
    account.links.track = false;
    message.track_links = std::nullopt;
    EXPECT_TRUE(planned().links.empty());
    message.track_links = true;
    EXPECT_EQ(planned().links.size(), 1U);
    message.text = "no link here";
    EXPECT_TRUE(planned().links.empty());
    octets("https://shop.example/x", 4);
    EXPECT_TRUE(planned().links.empty());
    octets("https://shop.example/x", 0);
    message.binary = true;
    EXPECT_TRUE(planned().links.empty());
    message = engine_world::text_to("819012345678", "https://shop.example/x");
    account.links.track = true;
    links.base_url.clear();
    EXPECT_TRUE(planned().links.empty());
}

TEST_F(planner_links, lead_where_the_account_allows_it) {
    account.links.targets = {"shop.example", "*.shop.example"};
    message.text = "Pay https://shop.example/x";
    EXPECT_EQ(planned().links.size(), 1U);
    message.text = "Pay https://evil.example/x";
    EXPECT_EQ(why(), refusal::link_target_not_allowed);
    message.track_links = false;  // whether it is tracked or not
    EXPECT_EQ(why(), refusal::link_target_not_allowed);
    message.text = "no link";
    EXPECT_EQ(why(), refusal::none);
    message.track_links.reset();
    octets("Pay https://evil.example/x", 0);
    EXPECT_EQ(why(), refusal::link_target_not_allowed);
    octets(wide("Pay https://evil.example/x"), 8);
    EXPECT_EQ(why(), refusal::link_target_not_allowed);
    octets(std::string("\x05\x00\x03\x07\x02\x01", 6) + "https://evil.example/x", 0, 0x40);
    EXPECT_EQ(why(), refusal::link_target_not_allowed) << "a part that it has cut itself";
    octets(std::string("\x05\x00\x03\x07\x02\x01", 6) + "https://a.shop.example/x", 0, 0x40);
    EXPECT_EQ(why(), refusal::none);
    octets("https://evil.example/x", 4);
    message.binary = true;
    EXPECT_EQ(why(), refusal::none) << "no text";
    account.links.targets.clear();
    message = engine_world::text_to("819012345678", "https://evil.example/x");
    EXPECT_EQ(why(), refusal::none) << "an empty list allows everything";
}

TEST_F(planner_links, the_message_says_how_long_and_how_often) {
    message.text = "Pay https://shop.example/x";
    message.link_expires_ms = now_ms + hour_ms;
    message.link_max_uses = 3;
    const auto out = planned();
    EXPECT_EQ(out.link_expires_ms, now_ms + hour_ms);
    EXPECT_EQ(out.link_max_uses, 3U);
    EXPECT_EQ(out.link_domain, "pay.example");
    account.links.domains = {"go.shop.example", "x.example"};
    EXPECT_EQ(planned().link_domain, "go.shop.example");
    EXPECT_TRUE(planned().final_text.starts_with("Pay https://go.shop.example/"));
}

TEST_F(planner_links, too_many_are_refused_whole) {
    std::string many;
    for (int i = 0; i < 11; ++i)
        many += "https://shop.example/" + std::to_string(i) + " ";
    message.text = many;
    EXPECT_EQ(why(), refusal::link_invalid);
}

}  // namespace
}  // namespace hikyaku::gateway
