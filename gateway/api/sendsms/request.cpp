#include "gateway/api/sendsms/request.hpp"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "gateway/api/target.hpp"
#include "smpp/text/hex.hpp"

namespace hikyaku::gateway::api {
namespace {

// The number a text begins with. Kannel takes -1 for "not given".
std::optional<long> number_in(const std::optional<std::string>& text) {
    if (!text) return {};
    const auto digits = trim_blanks(*text);
    long number = 0;
    const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || number == -1) return {};
    return number;
}

// The names of a field in a query (the second is an older one) and behind "X-Kannel-".
template <typename Find>
void read_fields(sendsms_request& into, Find find) {
    const auto text = [&find](std::string_view name, std::string_view older = {}) {
        auto found = find(name);
        return found || older.empty() ? found : find(older);
    };
    const auto word = [&text](std::string_view name, std::string_view older = {}) {
        return text(name, older).value_or(std::string{});
    };
    into.username = word("username", "user");
    into.password = word("password", "pass");
    into.from = text("from");
    into.to = text("to");
    into.dlr_url = text("dlr-url", "dlrurl");
    into.smsc = word("smsc");
    into.account = word("account");
    into.billing = word("binfo");
    into.dlr_mask = number_in(text("dlr-mask", "dlrmask"));
    into.mclass = number_in(text("mclass"));
    into.mwi = number_in(text("mwi"));
    into.coding = number_in(text("coding"));
    into.compress = number_in(text("compress"));
    into.validity = number_in(text("validity"));
    into.deferred = number_in(text("deferred"));
    into.priority = number_in(text("priority"));
    into.pid = number_in(text("pid"));
    into.rpi = number_in(text("rpi"));
    into.alt_dcs = number_in(text("alt-dcs"));
}

sendsms_request read_get(const http_request& request) {
    const auto all = decode_parameters(split_target(request.target).query);
    const auto find = [&all](std::string_view name) -> std::optional<std::string> {
        const auto at = std::ranges::find(all, name, &decoded_parameter::name);
        if (at == all.end()) return {};
        return at->value;
    };
    sendsms_request result;
    read_fields(result, find);
    result.text = find("text").value_or(std::string{});
    result.charset = find("charset");
    result.udh = find("udh");
    return result;
}

// "text/plain; charset=UTF-8" in parts.
void read_content_type(std::string_view header, sendsms_request& into) {
    const auto type = media_type(header);
    constexpr std::string_view attribute = "charset=";
    for (auto rest = header; rest.find(';') != std::string_view::npos;) {
        rest = trim_blanks(rest.substr(rest.find(';') + 1));
        if (!equal_ignoring_case(rest.substr(0, attribute.size()), attribute)) continue;
        auto name = trim_blanks(rest.substr(attribute.size(), rest.find(';') - attribute.size()));
        if (name.size() >= 2 && name.front() == '"') name = name.substr(1, name.size() - 2);
        into.charset = name;
    }
    if (equal_ignoring_case(type, "text/plain")) return;
    into.octet_stream = type.empty() || equal_ignoring_case(type, "application/octet-stream");
    if (into.octet_stream) return;
    const bool application = equal_ignoring_case(type.substr(0, 12), "application/");
    into.fault = application ? error_id::body_type_invalid : error_id::body_type_unsupported;
}

sendsms_request read_post(const http_request& request) {
    const auto find = [&request](std::string_view name) -> std::optional<std::string> {
        const auto wanted = std::string("X-Kannel-").append(name);
        const auto at = std::ranges::find_if(request.headers, [&wanted](const http_header& each) {
            return equal_ignoring_case(each.name, wanted);
        });
        if (at == request.headers.end()) return {};
        return std::string(trim_blanks(at->value));
    };
    sendsms_request result;
    result.post = true;
    read_fields(result, find);
    result.text = request.body;
    read_content_type(request.header("Content-Type"), result);
    if (const auto digits = find("udh")) {
        // Something that is no header, for what is not even hexadecimal.
        result.udh = smpp::text::from_hex(*digits).value_or(std::string("\xFF"));
    }
    return result;
}

}  // namespace

sendsms_request read_sendsms(const http_request& request) {
    if (request.method == "GET") return read_get(request);
    if (request.method == "POST") return read_post(request);
    sendsms_request unknown;
    unknown.fault = error_id::method_unknown;
    return unknown;
}

}  // namespace hikyaku::gateway::api
