// Octets of strangers in every text of every document that this folder writes: what comes out is
// strict JSON, and says the same as the text with U+FFFD in the place of what is no UTF-8.
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <random>

#include "gateway/api/admin/admin.hpp"
#include "gateway/api/events.hpp"
#include "gateway/api/messages.hpp"
#include "smpp/text/utf8.hpp"
#include "tests/unit/gateway/api/fake_service.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
namespace record = model::record;
using namespace std::string_literals;

std::vector<std::string> foreign_texts() {
    std::vector<std::string> texts{"M \xFF\xFE",
                                   "\xED\xA0\x80\xED\xB0\x80",
                                   "\xC0\xAF\xE0\x80\xAF\xF0\x80\x80\xAF",
                                   "\xF4\x90\x80\x80\xF8\x88\x80\x80\x80",
                                   "a\0\x01\x1B[31m\r\n\x7F\"\\/"s,
                                   "\xE6\x94",
                                   "\xF0\x9F\x98",
                                   "\x80\xBF",
                                   "\xEF\xBF\xBF\xE2\x80\xA8\xC2\x85",
                                   std::string(300, '\xFF')};
    std::mt19937_64 random(17);
    for (int i = 0; i < 200; ++i) {
        std::string text;
        for (auto left = random() % 20 + 1; left > 0; --left)
            text.push_back(static_cast<char>(random()));
        texts.push_back(std::move(text));
    }
    return texts;
}

std::string mended(std::string text) {
    smpp::text::mend_utf8(text);
    return text;
}

/// Strict: Boost.JSON's parser refuses what is no UTF-8, and what is no JSON.
json::value parsed(const std::string& body) {
    json::error_code error;
    auto value = json::parse(body, error);
    EXPECT_FALSE(error) << error.message() << " in " << ::testing::PrintToString(body);
    EXPECT_FALSE(smpp::text::first_invalid_utf8(body));
    return value;
}

std::string text_at(const json::value& value, std::string_view pointer) {
    json::error_code error;
    const auto* found = value.find_pointer(pointer, error);
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : "none";
}

TEST(foreign_octets, answers_and_problems) {
    for (const auto& text : foreign_texts()) {
        item_outcome taken;
        taken.to = taken.reference = text;
        taken.result.id = message_id{7};
        taken.result.replaced = {{2, text, text}};
        EXPECT_EQ(text_at(parsed(render_submission({&taken, 1}, true).body), "/reference"),
                  mended(text));
        problem fault;
        fault.code = problem_code::field_unknown;
        fault.detail = fault.pointer = text;
        EXPECT_EQ(text_at(parsed(problem_response(fault).body), "/pointer"), mended(text));
        item_outcome refused;
        refused.to = text;
        refused.fault = fault;
        const item_outcome both[] = {taken, refused};
        const auto list = parsed(render_submission(both, false).body);
        EXPECT_EQ(text_at(list, "/messages/1/problem/detail"), mended(text));
        EXPECT_EQ(text_at(list, "/messages/0/replaced/0/from"), mended(text));
        estimate_outcome plan;
        plan.to = plan.result.final_text = plan.result.route = text;
        plan.result.forcing = plan.result.carriers = {text};
        plan.result.plans.emplace_back().carrier = text;
        const auto planned = parsed(render_estimate({&plan, 1}, true).body);
        EXPECT_EQ(text_at(planned, "/by_carrier/0/carrier"), mended(text));
        EXPECT_EQ(text_at(planned, "/text"), mended(text));
    }
}

TEST(foreign_octets, messages) {
    for (const auto& text : foreign_texts()) {
        message_view view;
        view.id = message_id{7};
        view.source = {5, 0, text};
        view.destination = {1, 1, text};
        view.reference = view.tag = view.route = text;
        view.contact = {text, {text}, {text}};
        view.debtor = view.debt = text;
        view.replaced = {{0, text, text}};
        view.links = {text};
        view.hits_by_class = {0, 0, 0, 0, 0};
        auto& segment = view.segments.emplace_back();
        segment.carrier = segment.carrier_message_id = segment.error_text = text;
        const auto body = parsed(render_message(view).body);
        for (const std::string_view pointer :
             {"/from", "/reference", "/tag", "/route", "/replaced/0/to", "/links/0", "/contact/id",
              "/contact/zones/0", "/contact/tags/0", "/debtor", "/debt", "/segments/0/carrier",
              "/segments/0/carrier_message_id", "/segments/0/error/text"})
            EXPECT_EQ(text_at(body, pointer), mended(text)) << pointer;
        const auto plus = text.starts_with('+') ? "" : "+";
        EXPECT_EQ(text_at(body, "/to"), plus + mended(text));
        (void)parsed(render_messages({&view, 1}).body);
    }
}

TEST(foreign_octets, accounts_and_carriers) {
    for (const auto& text : foreign_texts()) {
        config::account settings;
        settings.senders = {text};
        settings.webhook = config::account_webhook{.url = text, .events = {text}};
        account_view account;
        account.name = text;
        account.settings = &settings;
        EXPECT_EQ(text_at(parsed(render_account(account).body), "/webhook/url"), mended(text));
        fake_service gateway;
        gateway.carrier_list.emplace_back().name = text;
        admin_router router(gateway, {});
        const http_header host{"Host", "localhost"};
        http_request request{"GET", "/admin/carriers", 11, {&host, 1}};
        const auto list = router.handle(request, {}, gateway.now).response;
        EXPECT_EQ(text_at(parsed(list.body), "/carriers/0/name"), mended(text));
        request.target = text;  // not repeated, and no reason to fail
        const auto other = router.handle(request, {}, gateway.now).response;
        EXPECT_EQ(parsed(other.body).at("status").as_int64(), 404);
    }
}

/// Events of each kind with this text wherever one may stand; through the store, as they come.
std::vector<std::string> events_of(std::string_view text) {
    receipt_event receipt;
    receipt.reference = receipt.service_type = receipt.error.error_text = text;
    receipt.source = {1, 1, text};
    receipt.destination = {5, 0, text};
    reply_event reply;
    reply.text = text;
    reply.source = {1, 1, text};
    reply.destination = {5, 0, text};
    hit_event hit;
    hit.reference = hit.link = hit.target = hit.user_agent = text;
    hit.destination = address_view{5, 0, text};
    std::vector<std::string> octets;
    for (const auto& event : {outbox_event{receipt}, outbox_event{reply}, outbox_event{hit}}) {
        flatbuffers::FlatBufferBuilder fb;
        write_event(fb, event);
        octets.emplace_back(reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize());
    }
    return octets;
}

TEST(foreign_octets, events) {
    const std::vector<std::string_view> pointers[] = {
        {"/reference", "/to", "/error/text"},
        {"/text", "/to"},
        {"/user_agent", "/link", "/target", "/reference", "/to"}};
    for (const auto& text : foreign_texts()) {
        const auto stored = events_of(text);
        ASSERT_EQ(stored.size(), std::size(pointers));
        for (std::size_t i = 0; i < stored.size(); ++i) {
            store::record_reader reader;
            const auto event = read_event(reader, stored[i]);
            ASSERT_TRUE(event);
            const outbox_item items[] = {{1, *event}, {2, *event}};
            const auto body = parsed(render_events(items));
            for (const auto pointer : pointers[i]) {
                EXPECT_EQ(text_at(body, std::string("/data/events/1/data").append(pointer)),
                          mended(text))
                    << pointer;
            }
        }
    }
}

}  // namespace
}  // namespace hikyaku::gateway::api
