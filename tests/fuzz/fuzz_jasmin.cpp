// Requests to the Jasmin door: queries, forms and JSON objects, and vendors' TLVs in them. Whatever
// comes is taken apart and checked without reading beyond it; what is made of it keeps its bounds,
// and the words of a refusal are one line of UTF-8 that repeats no password.
#include <algorithm>
#include <array>
#include <cassert>
#include <string>

#include "gateway/api/jasmin/answers.hpp"
#include "gateway/api/jasmin/message.hpp"
#include "gateway/api/jasmin/tlvs.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/pdu/tlv.hpp"
#include "smpp/text/octets.hpp"
#include "smpp/text/utf8.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku::gateway::api::jasmin {
namespace {

constexpr std::int64_t now_ms = 1'790'000'000'000;
constexpr std::string_view with_all = "username=u&password=p&to=4917211111&from=Shop&";

config::account account_of(std::uint8_t flags) {
    config::account account;
    account.name = "app";
    account.jasmin = config::account_jasmin{.username = "u", .password = "p"};
    if ((flags & 1) != 0) account.senders = {"49*", "Shop"};
    account.transliteration = static_cast<config::transliteration>(flags % 3);
    return account;
}

void check_words(const fault& wrong, const request& what) {
    assert(wrong.why != error_id::field_invalid || wrong.argument != "password" ||
           wrong.value.empty());
    const auto words = words_of(wrong, what);
    assert(!words.empty() && !smpp::text::first_invalid_utf8(words));
    assert(std::ranges::none_of(
        words, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }));
}

void check_message(const request& what, const config::account& account) {
    const auto made = make_message(what, account, now_ms);
    if (!made) {
        check_words(made.error(), what);
        return;
    }
    assert(!made->destination.digits.empty() && !made->source.digits.empty());
    assert(!made->text || made->octets.empty());
    assert(!made->text || !smpp::text::first_invalid_utf8(*made->text));
    assert(made->priority <= 3);
    assert(made->callback.url.empty() || is_callback_url(made->callback.url));
    assert(!made->expires_ms || *made->expires_ms > now_ms);
    assert(smpp::tlv_list::parse(smpp::text::octets_of(made->tlvs)));
}

void handle(const http_request& http, std::uint8_t flags) {
    const auto asked = read_request(http);
    if (asked.wrong) {
        check_words(*asked.wrong, asked);
        return;
    }
    for (const auto which : {page::send, page::rate, page::balance})
        if (const auto wrong = check_arguments(asked, which))
            check_words(*wrong, asked);
        else if (which != page::balance)
            check_message(asked, account_of(flags));
}

}  // namespace
}  // namespace hikyaku::gateway::api::jasmin

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    namespace api = hikyaku::gateway::api;
    namespace jasmin = api::jasmin;
    hikyaku::fuzz::fuzz_input input(data, size);
    const std::uint8_t flags = input.u8();
    const auto rest = input.rest();
    const std::string text(rest.begin(), rest.end());
    api::http_request request;
    request.method = "GET";
    const std::string target = "/send?" + text;
    request.target = target;
    jasmin::handle(request, flags);
    const std::string whole = "/send?" + std::string(jasmin::with_all) + text;
    request.target = whole;
    jasmin::handle(request, flags);

    request.method = "POST";
    request.body = text;
    for (const std::string_view type :
         {"application/json; charset=utf-8", "application/x-www-form-urlencoded"}) {
        const std::array headers{api::http_header{"Content-Type", type}};
        request.headers = headers;
        jasmin::handle(request, flags);
    }
    if (const auto tlvs = jasmin::read_custom_tlvs(text))
        assert(hikyaku::smpp::tlv_list::parse(hikyaku::smpp::text::octets_of(*tlvs)));
    return 0;
}
