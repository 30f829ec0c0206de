// What applications of Twilio are told: the forms of their requests and the signatures, and what
// becomes of the TwiML that they answer with.
#include <gmock/gmock.h>

#include "gateway/api/callbacks/callback.hpp"
#include "gateway/api/target.hpp"
#include "gateway/api/twilio/reply_answers.hpp"
#include "gateway/api/twilio/sids.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "tests/unit/gateway/api/twilio/fixture.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(twilio_signature, of_their_examples) {
    // The values of the tests of the library twilio-node.
    const form_values posted{{"CallSid", "CA1234567890ABCDE"},
                             {"Digits", "1234"},
                             {"Caller", "+14158675309"},
                             {"From", "+14158675309"},
                             {"To", "+18005551212"}};
    EXPECT_EQ(sign_request("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", posted),
              "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
}

TEST(twilio_signature, forms) {
    EXPECT_EQ(encode_form({{"A b", "+81 90&=\xE4\xB8\x96*-._~"}, {"C", ""}}),
              "A+b=%2B81+90%26%3D%E4%B8%96*-._%7E&C=");
}

struct twilio_callbacks : twilio_doors {
    receipt_event receipt;
    reply_event reply;

    void SetUp() override {
        twilio_doors::SetUp();
        receipt.message = message_id{7};
        receipt.source = {5, 0, "Shop"};
        receipt.destination = {1, 1, "819012345678"};
        receipt.done_ms = now.wall_ms;
        reply.source = {1, 1, "819012345678"};
        reply.destination = {1, 1, "12345"};
        reply.text = "STOP \xFF";
    }
    rendered_callback told(std::uint8_t type, State state) {
        receipt.callback = callback_view{"https://app.example/s?a=1#part", type, "A1",
                                         CallbackForm::twilio, CallbackMethod::post};
        receipt.state = state;
        const outbox_event event = receipt;
        return render_callback(
            {CallbackForm::twilio, CallbackMethod::post, receipt.callback->url, "alpha", 1, event},
            gateway.account);
    }
    static std::string value_in(const rendered_callback& what, std::string_view name) {
        return query_value(what.body, name).value_or("none");
    }
    static std::string statuses(const rendered_callback& what) {
        EXPECT_EQ(value_in(what, "SmsStatus"), value_in(what, "MessageStatus"));
        return value_in(what, "MessageStatus") + " " + value_in(what, "ErrorCode");
    }
};

TEST_F(twilio_callbacks, statuses_of_a_message) {
    using namespace callback_type;
    EXPECT_EQ(statuses(told(accepted, State::submitted)), "sent none");
    EXPECT_EQ(statuses(told(delivered, State::delivered)), "delivered none");
    EXPECT_EQ(statuses(told(failed, State::undeliverable)), "undelivered 30008");
    EXPECT_EQ(statuses(told(failed, State::expired)), "undelivered 30003");
    EXPECT_EQ(statuses(told(refused, State::expired)), "failed 30036");
    EXPECT_EQ(statuses(told(refused, State::rejected)), "failed 30008");
    EXPECT_EQ(statuses(told(refused, State::deleted)), "canceled none");
}

TEST_F(twilio_callbacks, a_status_is_a_signed_form) {
    const auto what = told(callback_type::delivered, State::delivered);
    EXPECT_EQ(what.method, CallbackMethod::post);
    EXPECT_EQ(what.url, "https://app.example/s?a=1");
    EXPECT_EQ(what.content_type, "application/x-www-form-urlencoded; charset=utf-8");
    EXPECT_EQ(what.body,
              "SmsSid=SM00000000000000000000000000000007&SmsStatus=delivered&"
              "MessageStatus=delivered&To=%2B819012345678&"
              "MessageSid=SM00000000000000000000000000000007&"
              "AccountSid=AC0123456789abcdef0123456789abcdef&From=Shop&"
              "ApiVersion=2010-04-01&RawDlrDoneDate=2701150800");
    const auto signature = sign_request("token", what.url, *read_form(what.body));
    EXPECT_THAT(what.headers,
                ElementsAre(std::pair<std::string, std::string>("X-Twilio-Signature", signature)));
    EXPECT_FALSE(what.answerable);
}

TEST_F(twilio_callbacks, a_reply) {
    const outbox_event event = reply;
    const auto ask = [&](CallbackMethod how) {
        return render_callback(
            {CallbackForm::twilio, how, gateway.account.twilio->sms_url, "alpha", 9, event},
            gateway.account);
    };
    const auto posted = ask(CallbackMethod::post);
    EXPECT_EQ(value_in(posted, "From"), "+819012345678");
    EXPECT_EQ(value_in(posted, "To"), "12345") << "a short code, though its TON says otherwise";
    EXPECT_EQ(value_in(posted, "Body"), "STOP \xEF\xBF\xBD");
    EXPECT_EQ(value_in(posted, "NumSegments"), "1");
    EXPECT_EQ(value_in(posted, "NumMedia"), "0");
    EXPECT_EQ(value_in(posted, "SmsStatus"), "received");
    EXPECT_EQ(value_in(posted, "AccountSid"), account_sid);
    for (const auto* name : {"MessageSid", "SmsSid", "SmsMessageSid"})
        EXPECT_EQ(value_in(posted, name), incoming_sid_of(9));
    ASSERT_TRUE(posted.answerable);
    EXPECT_EQ(posted.answerable->phone, "+819012345678");
    EXPECT_EQ(posted.answerable->number, "12345");
    const auto got = ask(CallbackMethod::get);
    EXPECT_EQ(got.body, "");
    EXPECT_EQ(got.url, "https://app.example/sms?x=1&" + posted.body);
    EXPECT_EQ(got.headers.front().second, sign_request("token", got.url, {}));
}

TEST(twiml, is_read) {
    const auto all = read_twiml(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!DOCTYPE x><Response>\n"
        "  <Message to=\"+81901\" from='Shop' action=\"/a\" method=\"POST\">\n"
        " Hi &amp; &#x4E16;\n </Message><!-- no --><Message><Body>one </Body><Body>two</Body>"
        "<Media>https://x.example/a.png</Media></Message>"
        "<Message statusCallback='https://x.example/s'><![CDATA[<b>]]></Message></Response>");
    ASSERT_EQ(all.messages.size(), 3u);
    EXPECT_EQ(all.messages[0].to, "+81901");
    EXPECT_EQ(all.messages[0].from, "Shop");
    EXPECT_EQ(all.messages[0].action, "/a");
    EXPECT_EQ(all.messages[0].text, "Hi & 世");
    EXPECT_EQ(all.messages[1].text, "one two");
    EXPECT_EQ(all.messages[2].text, "<b>");
    EXPECT_EQ(all.messages[2].action, "https://x.example/s");
    EXPECT_THAT(all.notes, ElementsAre("<Media> in a <Message> is not supported"));
}

TEST(twiml, what_holds_no_message) {
    for (const auto* empty : {"", " \n", "<Response/>", "<Response></Response>"}) {
        const auto read = read_twiml(empty);
        EXPECT_THAT(read.messages, IsEmpty());
        EXPECT_THAT(read.notes, IsEmpty()) << empty;
    }
    for (const auto* other : {"OK", "<html/>", "<Response><Message>", "{}", "<a><Response/></a>"}) {
        const auto read = read_twiml(other);
        EXPECT_THAT(read.messages, IsEmpty());
        EXPECT_THAT(read.notes, ElementsAre("the answer is no TwiML")) << other;
    }
    const auto read = read_twiml("<Response><Redirect>x</Redirect><Message/></Response>");
    EXPECT_THAT(read.messages, IsEmpty());
    EXPECT_THAT(read.notes,
                ElementsAre("<Redirect> is not supported", "a <Message> without text is not sent"));
}

TEST(twiml, is_bounded) {
    std::string many = "<Response>";
    for (int i = 0; i < 11; ++i)
        many += "<Message>x</Message>";
    const auto read = read_twiml(many + "</Response>");
    EXPECT_EQ(read.messages.size(), twiml_messages_max);
    EXPECT_THAT(read.notes, ElementsAre("more than 10 messages are not sent"));
    std::string nested;
    for (std::size_t i = 0; i < twiml_octets_max / 3; ++i)
        nested += "<a>";
    EXPECT_THAT(read_twiml(nested).notes, ElementsAre("the answer is no TwiML"));
    EXPECT_THAT(read_twiml(std::string(twiml_octets_max + 1, 'x')).notes,
                ElementsAre("the answer is no TwiML"));
}

TEST(twiml, knows_no_entities_of_a_document) {
    const auto read = read_twiml(
        "<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY f SYSTEM \"file:///etc/passwd\">]>"
        "<Response><Message>&a;&f;</Message></Response>");
    ASSERT_EQ(read.messages.size(), 1u);
    EXPECT_EQ(read.messages[0].text, "&a;&f;");
}

struct twilio_reply_answers : twilio_doors {
    reply_answers answers{gateway};
    const answerable_reply reply{"+819012345678", "12345"};

    reply_answers::begun begin(std::string_view body) {
        return answers.begin(fake_service::the_account, 77, reply, body, session_id{++session},
                             now);
    }
    std::optional<reply_answers::finished> settle(std::size_t index, refusal why = refusal::none) {
        return answers.settled(gateway.submitted.at(index).ticket, why);
    }
};

TEST_F(twilio_reply_answers, become_messages_once) {
    const auto* const body =
        "<Response><Message>Thanks</Message>"
        "<Message to='+819099999999' from='Shop' action='/done?x=1'>Told</Message></Response>";
    EXPECT_TRUE(begin(body).is_pending);
    ASSERT_EQ(gateway.submitted.size(), 2u);
    EXPECT_EQ(gateway.submitted[0].message.text, "Thanks");
    EXPECT_EQ(gateway.submitted[0].message.destination.digits, "819012345678");
    EXPECT_EQ(gateway.submitted[0].message.source.digits, "12345");
    EXPECT_TRUE(gateway.submitted[0].message.callback.url.empty());
    EXPECT_EQ(last().source.digits, "Shop");
    EXPECT_EQ(last().callback.url, "https://app.example/done?x=1");
    EXPECT_EQ(last().callback.form, CallbackForm::twilio);
    EXPECT_TRUE(answers.waits(session_id{session}));
    EXPECT_FALSE(settle(0));
    const auto done = settle(1);
    ASSERT_TRUE(done);
    EXPECT_EQ(done->sequence, 77u);
    EXPECT_FALSE(done->is_refused);
    const auto again = begin(body);
    EXPECT_FALSE(again.is_pending);
    EXPECT_FALSE(again.is_refused);
    EXPECT_EQ(gateway.submitted.size(), 2u) << "told again, not sent again";
}

TEST_F(twilio_reply_answers, nothing_to_send) {
    for (const auto* body : {"", "<Response/>", "OK"}) {
        const auto begun = begin(body);
        EXPECT_FALSE(begun.is_pending);
        EXPECT_FALSE(begun.is_refused);
    }
    const auto odd = begin(
        "<Response><Message to='x'>a</Message><Message from='^'>b</Message>"
        "<Message from='wa:Shop'>d</Message>"
        "<Message action='ftp://x'>c</Message></Response>");
    EXPECT_THAT(odd.notes, ElementsAre("a <Message> is not sent: its 'to' is no phone number",
                                       "a <Message> is not sent: its 'from' is no sender",
                                       "a <Message> is not sent: its 'from' is no sender",
                                       "the 'action' of a <Message> is no URL"));
    EXPECT_EQ(gateway.submitted.size(), 1u);
}

/// A reload took the door away while the application was being asked.
TEST_F(twilio_reply_answers, are_sent_without_the_door_too) {
    gateway.account.twilio.reset();
    const auto begun = begin(
        "<Response><Message action='/done'>a</Message>"
        "<Message action='https://x.example/s'>b</Message></Response>");
    EXPECT_TRUE(begun.is_pending);
    EXPECT_THAT(begun.notes, ElementsAre("the 'action' of a <Message> is no URL"));
    ASSERT_EQ(gateway.submitted.size(), 2u);
    EXPECT_TRUE(gateway.submitted[0].message.callback.url.empty());
    EXPECT_EQ(last().callback.url, "https://x.example/s");
}

TEST_F(twilio_reply_answers, what_is_refused_for_now_is_told_again) {
    submit_result full, denied;
    full.why = refusal::queue_full;
    denied.why = refusal::source_not_allowed;
    gateway.next_results = {denied};
    const auto never = begin("<Response><Message>x</Message></Response>");
    EXPECT_FALSE(never.is_refused);
    EXPECT_THAT(never.notes, ElementsAre(HasSubstr("source_not_allowed")));
    const std::string two = "<Response><Message>a</Message><Message>b</Message></Response>";
    submit_result taken;
    taken.id = message_id{5};
    gateway.next_results = {taken, full};
    EXPECT_TRUE(begin(two).is_pending);
    const auto first = settle(0);
    ASSERT_TRUE(first);
    EXPECT_TRUE(first->is_refused);
    EXPECT_TRUE(begin(two).is_pending);
    ASSERT_EQ(gateway.submitted.size(), 2u) << "only the one that was refused";
    EXPECT_EQ(last().text, "b");
    const auto lost = settle(1, refusal::store_failing);
    ASSERT_TRUE(lost);
    EXPECT_TRUE(lost->is_refused);
    EXPECT_TRUE(begin(two).is_pending);
    EXPECT_EQ(gateway.submitted.size(), 3u);
}

}  // namespace
}  // namespace hikyaku::gateway::api::twilio
