// Long replies: parts in any order and more than once, across restarts, whole or part by part.
#include "gateway/model/tables.hpp"
#include "smpp/text/octets.hpp"
#include "tests/support/engine_fixture.hpp"

namespace hikyaku::gateway::testing {
namespace {

namespace table = model::table;

/// One part as a phone's network sends it.
struct reply_part {
    std::uint8_t total = 1, sequence = 1;
    std::string text;
    std::uint16_t reference = 0x2A;
    std::uint8_t data_coding = 0;
    std::string more_elements;  // of the header
};

std::string header(const reply_part& part, bool wide = false) {
    std::string elements = wide
                               ? std::string{'\x08', '\x04', static_cast<char>(part.reference >> 8),
                                             static_cast<char>(part.reference)}
                               : std::string{'\x00', '\x03', static_cast<char>(part.reference)};
    elements += static_cast<char>(part.total);
    elements += static_cast<char>(part.sequence);
    elements += part.more_elements;
    return static_cast<char>(elements.size()) + elements;
}

class replies : public ::testing::Test {
protected:
    replies() {
        world.settings.accounts[0].numbers = {"0005"};
        world.settings.accounts[0].keywords = {"PAY"};
        world.settings.accounts[0].delivery.reply_form = config::reply_form::whole;
    }
    void start() {
        world.start();
        world.bind_up(1);
        world.session_up(9);
    }
    void restart() {
        world.crash_and_start();
        world.bind_up(1, world.gateway->carrier_by_name(world.settings.carriers[0].name));
        world.session_up(9);
    }
    void receive(const std::string& octets, std::uint8_t esm_class, std::uint8_t data_coding,
                 const smpp::tlv_list& tlvs = {}, std::string_view to = "0005") {
        smpp::deliver_sm request;
        request.source_addr_ton = 1;
        request.source_addr = "819011112222";
        request.destination_addr = to;
        request.esm_class = esm_class;
        request.data_coding = data_coding;
        request.short_message = smpp::text::octets_of(octets);
        world.gateway->on_deliver_sm(bind_id{1}, ++sequence, request, tlvs, world.now());
    }
    /// Hands a part in and lets everything follow.
    void part(const reply_part& one, std::string_view to = "0005") {
        receive(header(one) + one.text, 0x40, one.data_coding, {}, to);
        world.settle();
    }
    [[nodiscard]] const std::vector<delivered_event>& delivered() const {
        return world.outputs->delivered;
    }
    void acknowledge_last() { world.acknowledge_delivery(delivered().back()); }
    void acknowledge_all() {
        const auto events = delivered();
        for (const auto& each : events)
            world.acknowledge_delivery(each);
    }

    engine_world world;
    std::uint32_t sequence = 0;
};

TEST_F(replies, a_long_one_comes_whole_whatever_the_order_of_its_parts) {
    start();
    part({3, 3, "the end."});
    part({3, 1, "I will pay "});
    EXPECT_TRUE(delivered().empty());
    part({3, 2, "tomorrow, "});
    ASSERT_EQ(delivered().size(), 1U);
    const auto& event = delivered()[0].event;
    EXPECT_EQ(event.text, "I will pay tomorrow, the end.");
    EXPECT_EQ(event.octets, "I will pay tomorrow, the end.");
    EXPECT_EQ(event.esm_class & 0x40, 0);
    EXPECT_EQ(event.parts, 3);
    EXPECT_EQ(event.parts_delivered, 3);
    EXPECT_FALSE(event.incomplete);
    EXPECT_EQ(world.gateway->count().replies, 1U);
    EXPECT_EQ(world.gateway->count().replies_reassembled, 1U);
    EXPECT_EQ(world.entries(table::reply_parts), 1U) << "only the mark of what was delivered";
}

TEST_F(replies, broken_headers_and_sar_tlvs_pass_as_octets_and_tie_nothing) {
    struct row {
        std::string_view octets;
        std::uint8_t esm_class = 0x40;
        std::vector<std::pair<std::uint16_t, std::string_view>> tlvs = {};
    };
    using namespace std::string_view_literals;
    constexpr auto reference = smpp::tag::sar_msg_ref_num, total = smpp::tag::sar_total_segments,
                   number = smpp::tag::sar_segment_seqnum;
    start();
    part({2, 1, "first "});  // what a broken second part must not complete
    const std::vector<row> rows{
        {"\xFF\x00\x03\x2A\x02\x02 beyond the message"sv},
        {"\x05"sv},
        {""sv},
        {"\x05\x00\x09\x2A\x02\x02 beyond the header"sv},
        {"\x07\x00\x03\x2A\x02\x02\x05\x04 element without its data"sv},
        {"\x06\x00\x03\x2A\x02\x02\x05 one octet too many"sv},
        {"\x05\x00\x03\x2A\x02\x05 part 5 of 2"sv},
        {"\x05\x00\x03\x2A\x02\x00 part 0"sv},
        {"\x05\x00\x03\x2A\x00\x00 part of 0"sv},
        {"\x04\x00\x02\x2A\x02 without a number"sv},
        {"sar without a number"sv, 0, {{reference, "\0\x2A"sv}, {total, "\x02"sv}}},
        {"sar without a reference"sv, 0, {{total, "\x02"sv}, {number, "\x02"sv}}},
        {"sar part 5 of 2"sv, 0, {{reference, "\0\x2A"sv}, {total, "\x02"sv}, {number, "\x05"sv}}},
        {"\x05\x00\x03\x2A\x02\x02 and another part by sar"sv,
         0x40,
         {{reference, "\0\x2A"sv}, {total, "\x02"sv}, {number, "\x01"sv}}},
    };
    std::size_t told = 0;
    for (const auto& each : rows) {
        std::vector<std::uint8_t> buffer;
        smpp::tlv_writer tlvs(buffer);
        for (const auto& [tag, value] : each.tlvs)
            tlvs.octets(tag, smpp::text::octets_of(value));
        receive(std::string(each.octets), each.esm_class, 0, tlvs.list());
        world.settle();
        SCOPED_TRACE(::testing::PrintToString(each.octets));
        ASSERT_EQ(delivered().size(), ++told);
        EXPECT_EQ(delivered().back().event.octets, each.octets);
        EXPECT_EQ(delivered().back().event.esm_class, each.esm_class);
        EXPECT_EQ(world.outputs->acknowledged.size(), told + 1);
        acknowledge_last();
    }
    part({2, 2, "second"});
    ASSERT_EQ(delivered().size(), told + 1);
    EXPECT_EQ(delivered().back().event.text, "first second");
}

TEST_F(replies, parts_are_acknowledged_when_they_are_on_disk) {
    start();
    world.commits_itself = false;
    part({2, 1, "first "});
    EXPECT_TRUE(world.outputs->acknowledged.empty());
    world.write_batches();
    EXPECT_TRUE(world.outputs->acknowledged.empty());
    world.report_batches();
    ASSERT_EQ(world.outputs->acknowledged.size(), 1U);
    EXPECT_EQ(world.outputs->acknowledged[0].status, smpp::command_status::esme_rok);
}

TEST_F(replies, the_parts_of_one_turn_need_not_be_on_disk_to_be_put_together) {
    start();
    for (const reply_part& one : {reply_part{2, 2, "b"}, reply_part{2, 1, "a"}})
        receive(header(one) + one.text, 0x40, 0);
    world.settle();
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.text, "ab");
    EXPECT_EQ(world.outputs->acknowledged.size(), 2U);
}

TEST_F(replies, parts_survive_a_restart) {
    start();
    part({3, 2, "two "});
    restart();
    part({3, 3, "three"});
    restart();
    part({3, 1, "one "});
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.text, "one two three");
}

TEST_F(replies, a_part_that_comes_twice_is_acknowledged_and_ignored) {
    start();
    part({2, 1, "one "});
    part({2, 1, "one "});
    EXPECT_EQ(world.outputs->acknowledged.size(), 2U);
    part({2, 2, "two"});
    ASSERT_EQ(delivered().size(), 1U);
    acknowledge_all();
    part({2, 2, "two"});  // its acknowledgement was lost: the carrier sends it again
    restart();
    part({2, 1, "one "});
    world.advance(std::chrono::hours(1));
    EXPECT_EQ(delivered().size(), 0U) << "no incomplete reply of repeated parts";
    EXPECT_EQ(world.entries(table::reply_parts), 0U);
}

TEST_F(replies, another_reply_with_the_same_reference_is_another_reply) {
    start();
    part({2, 1, "old "});
    part({2, 1, "new "});
    part({2, 2, "letters"});
    part({2, 2, "words"});
    ASSERT_EQ(delivered().size(), 2U);
    EXPECT_EQ(delivered()[0].event.text, "old letters");
    EXPECT_EQ(delivered()[1].event.text, "new words");
    part({2, 2, "other"});
    restart();
    part({2, 1, "third "});
    ASSERT_EQ(delivered().size(), 3U);  // after the restart those two came again
    EXPECT_EQ(delivered()[2].event.text, "third other");
    EXPECT_FALSE(delivered()[2].event.incomplete);
}

TEST_F(replies, the_same_words_some_time_later_are_another_reply) {
    start();
    for (int time = 0; time < 2; ++time) {
        part({2, 1, "I paid ", 0});
        part({2, 2, "today", 0});
        world.advance(std::chrono::minutes(20));
    }
    EXPECT_EQ(delivered().size(), 2U);
}

TEST_F(replies, those_of_a_carrier_that_is_gone_are_delivered) {
    start();
    part({2, 1, "still "});
    world.settings.carriers[0].name = "renamed";
    world.settings.routes[0].targets = {{.carrier = "renamed"}};
    restart();
    world.advance(std::chrono::minutes(31));
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.octets.substr(6), "still ");
}

TEST_F(replies, sar_parts_keep_their_tlvs_when_they_are_delivered_one_by_one) {
    world.settings.accounts[0].delivery.reply_form = config::reply_form::parts;
    start();
    std::vector<std::uint8_t> buffer;
    const std::vector<std::uint8_t> vendor(300, 0x41);
    for (std::uint8_t number = 1; number <= 2; ++number) {
        receive(number == 1 ? "pay one " : "two", 0, 0,
                smpp::tlv_writer(buffer)
                    .u16(smpp::tag::sar_msg_ref_num, 7)
                    .u8(smpp::tag::sar_total_segments, 2)
                    .u8(smpp::tag::sar_segment_seqnum, number)
                    .octets(0x1400, vendor)
                    .list(),
                "777");
        world.settle();
    }
    ASSERT_EQ(delivered().size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& tlvs = delivered()[i].event.tlvs;
        EXPECT_EQ(tlvs.substr(0, 6), std::string("\x02\x0C\x00\x02\x00\x07", 6));
        EXPECT_EQ(tlvs[15], static_cast<char>(i + 1));
        EXPECT_EQ(tlvs.size(), 6 + 5 + 5 + 304U);
    }
}

TEST_F(replies, a_client_of_3_3_gets_parts_instead_of_a_payload) {
    start();
    world.gateway->on_session_up(session_id{9}, {engine_world::shop, true, true, 10, 0x33},
                                 world.now());
    part({2, 1, std::string(150, 'a')});
    part({2, 2, std::string(150, 'b')});
    ASSERT_EQ(delivered().size(), 2U);
    EXPECT_EQ(delivered()[1].event.octets.substr(6), std::string(150, 'b'));
}

TEST_F(replies, eight_and_sixteen_bit_references_and_sar_are_kept_apart) {
    start();
    const reply_part first{2, 1, "A1", 7}, second{2, 2, "A2", 7};
    part(first);
    receive(header({2, 1, "", 7}, true) + "B1", 0x40, 0);
    std::vector<std::uint8_t> buffer;
    const auto sar = [&buffer](std::uint8_t number) {
        return smpp::tlv_writer(buffer)
            .u16(smpp::tag::sar_msg_ref_num, 7)
            .u8(smpp::tag::sar_total_segments, 2)
            .u8(smpp::tag::sar_segment_seqnum, number)
            .u16(smpp::tag::user_message_reference, 99)
            .list();
    };
    receive("C1", 0, 0, sar(1));
    world.settle();
    EXPECT_TRUE(delivered().empty());
    receive(header({2, 2, "", 7}, true) + "B2", 0x40, 0);
    receive("C2", 0, 0, sar(2));
    part(second);
    ASSERT_EQ(delivered().size(), 3U);
    EXPECT_EQ(delivered()[0].event.text, "B1B2");
    EXPECT_EQ(delivered()[1].event.text, "C1C2");
    EXPECT_EQ(delivered()[1].event.tlvs, std::string("\x02\x04\x00\x02\x00\x63", 6))
        << "without the SAR TLVs, with the others";
    EXPECT_EQ(delivered()[2].event.text, "A1A2");
}

TEST_F(replies, a_character_torn_between_parts_is_whole_again) {
    start();
    part({2, 1, std::string("\xD8\x3D", 2), 1, 8});
    part({2, 2, std::string("\xDE\x00", 2), 1, 8});
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.text, "\xF0\x9F\x98\x80");
    EXPECT_EQ(delivered()[0].event.data_coding, 8);
}

TEST_F(replies, parts_with_national_tables_or_mixed_codings_come_as_ucs2) {
    start();
    part({2, 1, "s", 1, 0, std::string("\x24\x01\x01", 3)});  // Turkish single shift
    part({2, 2, std::string("\x01\x5F", 2), 1, 8});
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.text, "s\xC5\x9F");
    EXPECT_EQ(delivered()[0].event.data_coding, 8);
    EXPECT_EQ(delivered()[0].event.octets, std::string("\x00s\x01\x5F", 4));
    EXPECT_EQ(delivered()[0].event.esm_class & 0x40, 0);
}

TEST_F(replies, ports_stay_in_the_header_of_the_whole) {
    start();
    const std::string ports("\x05\x04\x0B\x84\x23\xF0", 6);
    part({2, 1, "\x01\x02", 1, 4, ports});
    part({2, 2, "\x03", 1, 4, ports});
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.octets, "\x06" + ports + "\x01\x02\x03");
    EXPECT_EQ(delivered()[0].event.esm_class & 0x40, 0x40);
}

TEST_F(replies, a_keyword_in_the_first_part_claims_them_all) {
    start();
    part({2, 2, "next week"}, "777");
    part({2, 1, "pay me "}, "777");
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.text, "pay me next week");
}

TEST_F(replies, those_of_nobody_are_kept_part_by_part) {
    start();
    part({2, 2, "ever"}, "777");
    part({2, 1, "who"}, "777");
    EXPECT_TRUE(delivered().empty());
    EXPECT_EQ(world.entries(table::unmatched), 2U);
    EXPECT_EQ(world.gateway->count().replies, 1U);
}

TEST_F(replies, an_account_may_want_the_parts) {
    world.settings.accounts[0].delivery.reply_form = config::reply_form::parts;
    start();
    part({2, 2, "b"});
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.octets, header({2, 2, ""}) + "b");
    EXPECT_EQ(delivered()[0].event.esm_class & 0x40, 0x40);
    part({2, 1, "pay "}, "777");  // whose it is shows in the first part only
    EXPECT_EQ(delivered().size(), 1U);
    part({2, 2, "me"}, "777");
    ASSERT_EQ(delivered().size(), 3U);
    EXPECT_EQ(delivered()[1].event.octets, header({2, 1, ""}) + "pay ");
    EXPECT_EQ(delivered()[2].event.octets, header({2, 2, ""}) + "me");
    EXPECT_EQ(delivered()[2].event.part, 2);
}

TEST_F(replies, sessions_get_parts_and_webhooks_the_whole_unless_told_otherwise) {
    for (const bool webhook : {false, true}) {
        engine_world other;
        other.settings.accounts[0].numbers = {"0005"};
        if (webhook)
            other.settings.accounts[0].webhook = config::account_webhook{.url = "http://x"};
        other.start();
        other.bind_up(1);
        other.session_up(9);
        for (const reply_part& one : {reply_part{2, 1, "a"}, reply_part{2, 2, "b"}}) {
            smpp::deliver_sm request;
            const auto octets = header(one) + one.text;
            request.source_addr = "8190";
            request.destination_addr = "0005";
            request.esm_class = 0x40;
            request.short_message = smpp::text::octets_of(octets);
            other.gateway->on_deliver_sm(bind_id{1}, one.sequence, request, {}, other.now());
            other.settle();
        }
        EXPECT_EQ(other.outputs->delivered.size(), webhook ? 0U : 2U);
        ASSERT_EQ(other.outputs->posted.size(), webhook ? 1U : 0U);
        if (webhook) EXPECT_EQ(other.outputs->posted[0].events.at(0).text, "ab");
    }
}

TEST_F(replies, after_the_time_out_comes_what_there_is) {
    world.settings.accounts[0].webhook = config::account_webhook{.url = "http://x"};
    start();
    part({3, 1, "one "});
    part({3, 3, "three"});
    world.advance(std::chrono::seconds(1700));
    EXPECT_TRUE(world.outputs->posted.empty());
    restart();
    world.advance(std::chrono::seconds(200));
    ASSERT_EQ(world.outputs->posted.size(), 1U);
    const auto& event = world.outputs->posted[0].events.at(0);
    EXPECT_EQ(event.text, "one \xEF\xBF\xBDthree");
    EXPECT_TRUE(event.incomplete);
    EXPECT_EQ(event.parts, 3);
    EXPECT_EQ(event.parts_delivered, 2);
    EXPECT_EQ(world.gateway->count().replies_incomplete, 1U);
    world.gateway->on_webhook_answer(engine_world::shop, world.outputs->posted[0].token, {200, {}},
                                     world.now());
    part({3, 2, "two "});  // it follows the others by itself
    ASSERT_EQ(world.outputs->posted.size(), 2U);
    const auto& late = world.outputs->posted[1].events.at(0);
    EXPECT_EQ(late.text, "two ");
    EXPECT_EQ(late.part, 2);
    EXPECT_EQ(late.parts_delivered, 3);
    EXPECT_TRUE(late.incomplete);
}

TEST_F(replies, over_smpp_each_part_tells_how_many_are_missing) {
    start();
    part({3, 3, "three"});
    world.advance(std::chrono::seconds(1900));
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.octets.substr(6), "three");
    EXPECT_EQ(delivered()[0].event.tlvs, std::string("\x3E\x11\x00\x01\x02", 5));
}

TEST_F(replies, the_oldest_incomplete_makes_place) {
    world.settings.replies.sets_max = 2;
    start();
    for (std::uint16_t reference = 1; reference <= 3; ++reference) {
        part({2, 1, "part " + std::to_string(reference), reference});
        world.advance(std::chrono::seconds(1));
    }
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_TRUE(delivered()[0].event.incomplete);
    EXPECT_EQ(delivered()[0].event.text, "part 1");
}

TEST_F(replies, what_no_client_could_read_in_one_pdu_comes_in_parts) {
    start();
    for (std::uint8_t number = 1; number <= 30; ++number)
        part({30, number, std::string(150, 'x')});
    for (std::size_t told = 0; told < delivered().size(); ++told)
        world.acknowledge_delivery(delivered_event(delivered()[told]));
    ASSERT_EQ(delivered().size(), 30U);
    for (std::size_t i = 0; i < 30; ++i) {
        EXPECT_EQ(delivered()[i].event.part, i + 1);
        EXPECT_EQ(delivered()[i].event.octets.size(), 156U);
    }
}

TEST_F(replies, carriers_with_another_alphabet_or_packing_are_understood) {
    world.settings.carriers[0].text.alphabet = config::default_alphabet::latin1;
    start();
    receive("caf\xE9 \xA3", 0, 0);
    world.settle();
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.text, "caf\xC3\xA9 \xC2\xA3");
    EXPECT_EQ(delivered()[0].event.data_coding, 3);
}

TEST_F(replies, packed_septets_are_unpacked) {
    world.settings.carriers[0].text.packed = true;
    start();
    receive("\xE8\x32\x9B\xFD\x06", 0, 0);  // "hello", TS 23.038, 6.1.2.1
    world.settle();
    ASSERT_EQ(delivered().size(), 1U);
    EXPECT_EQ(delivered()[0].event.text, "hello");
    EXPECT_EQ(delivered()[0].event.octets, "hello");
}

TEST_F(replies, odd_numbers_make_a_reply_by_itself) {
    start();
    part({2, 3, "beyond"});
    part({0, 0, "nothing"});
    part({1, 1, "alone"});
    ASSERT_EQ(delivered().size(), 3U);
    EXPECT_EQ(world.gateway->count().reply_parts, 0U);
}

}  // namespace
}  // namespace hikyaku::gateway::testing
