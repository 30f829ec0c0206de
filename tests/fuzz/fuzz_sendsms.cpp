// Requests to the sendsms door, by GET and by POST, and the URLs they name: whatever comes is taken
// apart and checked without reading beyond it, and what is requested later leads to the same host
// and has nothing in it that ends a request line.
#include <algorithm>
#include <array>
#include <cassert>
#include <string>

#include "gateway/api/sendsms/message.hpp"
#include "gateway/engine/delivery/callback_url.hpp"
#include "smpp/text/utf8.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku::gateway {
namespace {

constexpr std::size_t receivers_max = 100;
constexpr std::int64_t now_ms = 1'790'000'000'000;

std::string chars(std::span<const std::uint8_t> octets) {
    return {octets.begin(), octets.end()};
}

config::account account_of(std::uint8_t flags) {
    config::account account;
    account.name = "app";
    account.sendsms = config::account_sendsms{.username = "u", .password = "p"};
    if ((flags & 1) != 0) account.senders = {"49*", "Shop"};
    account.transliteration = static_cast<config::transliteration>(flags % 3);
    return account;
}

void check_expanded(std::string_view url, const std::string& expanded) {
    assert(callback_host(expanded) == callback_host(url));
    assert(std::none_of(expanded.begin(), expanded.end(), [](char each) {
        return static_cast<unsigned char>(each) <= 0x20 || each == 0x7F || each == '#';
    }));
}

void expand(const std::string& url, fuzz::fuzz_input input) {
    if (!is_callback_url(url)) return;
    const std::string text = chars(input.bytes(input.u8()));
    const std::string phone = chars(input.bytes(input.choose(24)));
    const std::string header = chars(input.bytes(input.choose(24)));
    callback_values values;
    values.type = input.u8();
    values.text = text;
    values.coding = static_cast<callback_coding>(static_cast<int>(input.choose(4)) - 1);
    values.data_coding = input.u8();
    values.message_class = input.choose(5) - 1;
    values.message_waiting = input.choose(9) - 1;
    values.at_ms = static_cast<std::int64_t>(input.number(5));
    values.phone = values.number = phone;
    values.carrier = values.foreign_id = values.service = phone;
    values.id = input.number(8);
    values.header = header;
    values.url = url;
    check_expanded(url, expand_callback(url, values));
    const std::string prepared = prepare_callback(url, values);
    check_expanded(url, expand_callback(prepared, values));
}

void handle(const api::http_request& request, std::uint8_t flags) {
    const auto fields = api::read_sendsms(request);
    if (fields.fault) return;
    const auto account = account_of(flags);
    const auto made = api::make_messages(fields, account, receivers_max, now_ms);
    if (!made) return;
    assert(!made->receivers.empty() && made->receivers.size() <= receivers_max);
    const auto& message = made->message;
    if (message.text) {
        for (std::size_t i = 0; i < message.text->size();) {
            const auto character = smpp::text::decode_utf8(*message.text, i);
            assert(character.bytes != 0);
            i += character.bytes;
        }
    }
    for (const auto& receiver : made->receivers) {
        const auto one = api::message_for(*made, receiver, account);
        assert(!one || one->callback.url.size() <= callback_octets_max);
    }
}

}  // namespace
}  // namespace hikyaku::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hikyaku;
    using namespace hikyaku::gateway;
    fuzz::fuzz_input input(data, size);
    const std::uint8_t flags = input.u8();
    const std::string rest = chars(input.rest());
    const std::string target = "/cgi-bin/sendsms?" + rest;
    api::http_request request;
    request.method = "GET";
    request.target = target;
    handle(request, flags);

    constexpr std::array<std::string_view, 12> names{
        "X-Kannel-From", "X-Kannel-To",     "X-Kannel-UDH",      "X-Kannel-Coding",
        "Content-Type",  "X-Kannel-MClass", "X-Kannel-DLR-Url",  "X-Kannel-DLR-Mask",
        "X-Kannel-MWI",  "X-Kannel-PID",    "X-Kannel-Deferred", "X-Kannel-Validity"};
    std::array<std::string, names.size()> values;
    std::array<api::http_header, names.size()> headers;
    for (std::size_t i = 0; i < names.size(); ++i) {
        values[i] = chars(input.bytes(input.choose(40)));
        headers[i] = {names[i], values[i]};
    }
    const std::string body = chars(input.rest());
    request.method = "POST";
    request.target = "/cgi-bin/sendsms";
    request.headers = headers;
    request.body = body;
    handle(request, flags);

    expand(rest, fuzz::fuzz_input(data, size));
    expand("http://app.example/" + rest, fuzz::fuzz_input(data, size));
    return 0;
}
