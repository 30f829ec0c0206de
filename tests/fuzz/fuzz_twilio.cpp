// What applications of Twilio send to the gateway: the forms of their requests, the queries of
// their lists, and the TwiML that they answer with. Whatever comes is taken apart without reading
// beyond it; a form that is written is read back, and what is read keeps its bounds.
#include <cassert>
#include <string>

#include "gateway/api/twilio/request.hpp"
#include "gateway/api/twilio/twiml.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/text/utf8.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

constexpr std::int64_t now_ms = 1'790'000'000'000;

config::account account_with_pools() {
    config::account account;
    account.name = "app";
    account.senders = {"49*", "Shop"};
    auto& door = account.twilio.emplace();
    door.services = {{"MG00000000000000000000000000000001", {"12345", "Shop"}},
                     {"MG00000000000000000000000000000002", {"333*"}}};
    return account;
}

void check_form(std::string_view text) {
    const auto form = read_form(text);
    if (!form) return;
    const auto again = read_form(encode_form(*form));
    assert(again && *again == *form);
    static const config::account account = account_with_pools();
    const auto made = read_new_message(*form, account, now_ms);
    if (!made) {
        (void)row_of(made.error().what);
        return;
    }
    const submission& message = made->message;
    assert(message.text && !message.text->empty() && message.text->size() <= 4 * 1600);
    assert(!message.destination.digits.empty() && !message.source.digits.empty());
    assert(message.callback.url.empty() || is_callback_url(message.callback.url));
    if (message.send_at_ms) assert(*message.send_at_ms > now_ms);
    for (std::size_t i = 0; i < message.text->size();) {
        const auto character = smpp::text::decode_utf8(*message.text, i);
        assert(character.bytes != 0);
        i += character.bytes;
    }
}

void check_list(std::string_view query) {
    static const config::account account = account_with_pools();
    const auto wanted = read_list(query, account);
    if (!wanted) return;
    assert(wanted->page_size >= 1 && wanted->page_size <= 1000);
    const auto again = read_list(wanted->filters, account);
    assert(again && again->filters == wanted->filters);
}

void check_twiml(std::string_view text) {
    const auto read = read_twiml(text);
    assert(read.messages.size() <= twiml_messages_max);
    for (const auto& each : read.messages)
        assert(!each.text.empty() && each.text.size() <= twiml_octets_max);
}

}  // namespace
}  // namespace hikyaku::gateway::api::twilio

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace twilio = hikyaku::gateway::api::twilio;
    hikyaku::fuzz::fuzz_input input(data, size);
    const auto rest = input.rest();
    const std::string text(rest.begin(), rest.end());
    twilio::check_form(text);
    twilio::check_form("To=%2B819012345678&From=Shop&Body=" + text);
    twilio::check_list(text);
    twilio::check_twiml(text);
    twilio::check_twiml("<Response><Message>" + text + "</Message></Response>");
    return 0;
}
