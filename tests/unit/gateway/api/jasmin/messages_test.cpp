// What /send makes of its arguments: coding and content, times, tags, TLVs, and reports.
#include <gtest/gtest.h>

#include "gateway/api/jasmin/tlvs.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/text/hex.hpp"
#include "tests/unit/gateway/api/jasmin/fixture.hpp"

namespace hikyaku::gateway::api {
namespace {

using smpp::text::encoding_choice;

constexpr std::string_view to = "to=819012340000";

TEST_F(jasmin_doors, content_by_its_coding) {
    const struct {
        std::string_view arguments;
        std::optional<std::string> text;
        encoding_choice choice;
        std::string_view octets;
        int data_coding;
    } rows[] = {
        {"content=h%C3%A9", "h\u00E9", encoding_choice::automatic, "", 0},
        {"content=%E3%81%82", "\u3042", encoding_choice::automatic, "", 0},
        {"coding=0&content=h%C3%A9%E3%81%82", "h\u00E9?", encoding_choice::gsm7, "", 0},
        {"coding=3&content=h%E9", {}, encoding_choice::automatic, "68e9", 3},
        {"coding=8&content=%30%42", {}, encoding_choice::automatic, "3042", 8},
        {"coding=4&content=%00%01", {}, encoding_choice::automatic, "0001", 4},
        {"coding=8&hex-content=3042", {}, encoding_choice::automatic, "3042", 8},
        {"coding=14&hex-content=AbCd", {}, encoding_choice::automatic, "abcd", 14},
        {"hex-content=4100", {}, encoding_choice::automatic, "4100", 0},
    };
    for (const auto& row : rows) {
        ASSERT_EQ(send(std::string(to) + "&" + std::string(row.arguments)).status, 200U)
            << row.arguments;
        EXPECT_EQ(last().text, row.text) << row.arguments;
        EXPECT_EQ(last().encoding, row.choice) << row.arguments;
        EXPECT_EQ(smpp::text::to_hex(smpp::text::octets_of(last().octets)), row.octets);
        EXPECT_EQ(last().data_coding, row.data_coding) << row.arguments;
    }
}

TEST_F(jasmin_doors, an_object_holds_text_whatever_its_coding) {
    const auto send_json = [&](std::string_view rest) {
        return post("application/json", R"({"username":"tester","password":"foobar","from":"123",)"
                                        R"("to":"819012340000",)" +
                                            std::string(rest) + "}");
    };
    EXPECT_EQ(send_json(R"("content":"あ","coding":8)").status, 200U);
    EXPECT_EQ(last().text, "あ");
    EXPECT_EQ(last().encoding, encoding_choice::ucs2);
    EXPECT_EQ(send_json(R"("hex-content":"3042","coding":"8")").status, 200U);
    EXPECT_EQ(last().data_coding, 8);
    EXPECT_EQ(send_json(R"("content":"x","custom_tlvs":{"0x1400:Int2":258}})").status, 400U);
    EXPECT_EQ(send_json(R"("content":"x","custom_tlvs":{"0x1400:Int2":258})").status, 200U);
    EXPECT_EQ(smpp::text::to_hex(smpp::text::octets_of(last().tlvs)), "140000020102");
}

TEST_F(jasmin_doors, addresses) {
    EXPECT_EQ(send("to=%2B819012340000&content=x").status, 200U);
    EXPECT_EQ(last().destination.digits, "819012340000");
    EXPECT_EQ(last().source.digits, "123");
    EXPECT_EQ(send("to=09012340000&content=x").body,
              "Error \"Argument [to] has an invalid value: [09012340000].\"")
        << "of which country?";
    const std::string nameless = "/send?username=tester&password=foobar&to=819012340000&content=x";
    EXPECT_EQ(ask("GET", nameless).body, "Error \"Mandatory argument [from] is not found.\"");
    gateway.account.senders = {"8190*", "Shop"};
    EXPECT_EQ(ask("GET", nameless).status, 200U);
    EXPECT_EQ(last().source.digits, "Shop");
    EXPECT_EQ(ask("GET", nameless + "&from=%01").body,
              "Error \"Argument [from] has an invalid value: [\uFFFD].\"");
}

TEST_F(jasmin_doors, times_priority_and_tag) {
    EXPECT_EQ(send(std::string(to) + "&content=x&priority=3&validity-period=10&tags=gold&sdt="
                                     "000000000100000R")
                  .status,
              200U);
    EXPECT_EQ(last().priority, 3);
    EXPECT_EQ(last().tag, "gold");
    EXPECT_EQ(last().expires_ms, now.wall_ms + 600'000);
    EXPECT_EQ(last().send_at_ms, now.wall_ms + 60'000);
    EXPECT_EQ(send(std::string(to) + "&content=x").status, 200U);
    EXPECT_FALSE(last().expires_ms);
    EXPECT_FALSE(last().send_at_ms);
    EXPECT_EQ(send(std::string(to) + "&content=x&validity-period=0").body,
              "Error \"Argument [validity-period] has an invalid value: [0].\"");
    EXPECT_EQ(send(std::string(to) + "&content=x&validity-period=99999999999999999999").status,
              400U);
    EXPECT_EQ(send(std::string(to) + "&content=x&sdt=999999999999999R").status, 400U);
}

TEST_F(jasmin_doors, reports_by_level_and_method) {
    namespace type = callback_type;
    constexpr std::uint8_t smsc = type::accepted | type::refused;
    constexpr std::uint8_t terminal = type::delivered | type::failed;
    const std::string url = "&dlr-url=http%3A%2F%2Fapp%2Fdlr";
    const struct {
        std::string arguments;
        std::uint8_t mask;
        CallbackMethod method;
    } rows[] = {
        {url, smsc, CallbackMethod::post},
        {url + "&dlr=no", smsc, CallbackMethod::post},
        {url + "&dlr=yes&dlr-level=1&dlr-method=GET", smsc, CallbackMethod::get},
        {url + "&dlr-level=2&dlr-method=get", terminal, CallbackMethod::get},
        {url + "&dlr-level=3&dlr-method=POST", smsc | terminal, CallbackMethod::post},
        {"&dlr=yes&dlr-level=3", 0, CallbackMethod::get},
        {"", 0, CallbackMethod::get},
    };
    for (const auto& row : rows) {
        ASSERT_EQ(send(std::string(to) + "&content=x" + row.arguments).status, 200U);
        const auto& told = last().callback;
        EXPECT_EQ(told.mask, row.mask) << row.arguments;
        EXPECT_EQ(told.method, row.method) << row.arguments;
        EXPECT_EQ(told.url, row.mask == 0 ? "" : "http://app/dlr");
        EXPECT_EQ(told.form, row.mask == 0 ? CallbackForm::kannel : CallbackForm::jasmin);
        const bool receipt = (row.mask & type::delivered) != 0;
        EXPECT_EQ(last().registered_delivery, receipt ? smpp::registered_delivery::final : 0);
    }
}

TEST(jasmin_tlvs, read_in_each_form) {
    const struct {
        std::string_view json;
        std::optional<std::string_view> octets;
    } rows[] = {
        {"", ""},
        {"{}", ""},
        {R"({"0x1401":"ab"})", "140100026162"},
        {R"({"0x1401":12})", "140100023132"},
        {R"({"0x1401:COctetString":"ab"})", "14010003616200"},
        {R"({"5121:Int1":255})", "14010001ff"},
        {R"({"0x3FFF:Int4":"1"})", "3fff000400000001"},
        {R"({"0x1400:Int8":1707167205648943173})", "1400000817b1138750e6c845"},
        {R"([[5121,null,"OctetString","ab"]])", "140100026162"},
        {R"([["0x1401",2,null,"ab"],[5120,1,"Int1",7]])", "1401000261621400000107"},
        {R"([{"tag":"0x1401","value":"ab"}])", "140100026162"},
        {R"({"0x13FF":"ab"})", {}},
        {R"({"0x4000":"ab"})", {}},
        {R"({"0x1401:Int1":256})", {}},
        {R"({"0x1401:Int1":-1})", {}},
        {R"({"0x1401:int1":1})", {}},
        {R"({"0x1401":null})", {}},
        {R"({"x":"ab"})", {}},
        {R"([[5121,"ab"]])", {}},
        {R"([5121])", {}},
        {R"("x")", {}},
        {"[", {}},
    };
    for (const auto& row : rows) {
        const auto read = jasmin::read_custom_tlvs(row.json);
        ASSERT_EQ(read.has_value(), row.octets.has_value()) << row.json;
        if (!read) continue;
        EXPECT_EQ(smpp::text::to_hex(smpp::text::octets_of(*read)), *row.octets);
    }
    std::string many = "{";
    for (int i = 0; i < 33; ++i)
        many += (i == 0 ? "\"" : ",\"") + std::to_string(0x1400 + i) + "\":\"x\"";
    EXPECT_FALSE(jasmin::read_custom_tlvs(many + "}"));
    EXPECT_FALSE(jasmin::read_custom_tlvs(R"({"0x1401":")" + std::string(5000, 'x') + "\"}"));
}

}  // namespace
}  // namespace hikyaku::gateway::api
