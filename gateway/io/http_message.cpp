#include "gateway/io/http_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/url/parse.hpp>
#include <functional>

namespace hikyaku::gateway::io {
namespace {

namespace http = boost::beast::http;
using namespace std::string_view_literals;

constexpr std::size_t body_kept_max = 16 << 10;  // larger buffers are given back

std::string_view std_view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

// Fields of which a second one is an error: whoever reads the first and whoever reads the last
// would see two different requests.
constexpr std::array single_fields{
    "Host"sv,          "Authorization"sv,   "Content-Length"sv, "Transfer-Encoding"sv,
    "Content-Type"sv,  "Idempotency-Key"sv, "Expect"sv,         "Origin"sv,
    "Sec-Fetch-Site"sv};
constexpr unsigned host_bit = 1;  // the first of the list

unsigned bit_of(std::string_view name) {
    for (std::size_t i = 0; i < single_fields.size(); ++i)
        if (api::equal_ignoring_case(name, single_fields[i])) return 1u << i;
    return 0;
}

// A host and, if there is one, a port (RFC 9112, 3.2). No names of users, and not empty. A comma
// could be part of a name, but is what joins two Host fields.
bool is_host(std::string_view value) {
    if (value.find(',') != std::string_view::npos) return false;
    const auto parsed = boost::urls::parse_authority({value.data(), value.size()});
    return parsed.has_value() && !parsed->has_userinfo() && !parsed->encoded_host().empty() &&
           (parsed->port().empty() || parsed->port_number() != 0);
}

bool is_number(std::string_view value) {
    return !value.empty() && value.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

void http_storage::clear() {
    head_.clear();
    fields_.clear();
    headers_.clear();
    if (body_.capacity() > body_kept_max)
        std::string{}.swap(body_);
    else
        body_.clear();
    seen_ = 0;
    expects_continue_ = false;
}

api::http_request http_storage::view(const api::peer_address& peer) {
    headers_.clear();
    for (const field& each : fields_)
        headers_.push_back({text_of(each.name), text_of(each.value)});
    return {text_of(method_), text_of(target_), version_, headers_, body_, peer};
}

http_storage::piece http_storage::keep(std::string_view text) {
    const piece where{static_cast<std::uint32_t>(head_.size()),
                      static_cast<std::uint32_t>(text.size())};
    head_.append(text);
    return where;
}

http_request_parser::http_request_parser(http_storage& into, const http_message_limits& limits)
    : into_(into),
      header_bytes_left_(limits.header_bytes_max),
      body_bytes_max_(limits.body_bytes_max) {
    into_.clear();
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(boost::none);
    eager(true);
}

std::size_t http_request_parser::read(boost::asio::const_buffer octets,
                                      boost::beast::error_code& error) {
    input_ = {static_cast<const char*>(octets.data()), octets.size()};
    return put(octets, error);
}

unsigned http_request_parser::status_of(const boost::beast::error_code& error) {
    if (error == http::error::header_limit) return 431;
    return 400;
}

void http_request_parser::on_request_impl(verb, text method_text, text target, int version,
                                          error_code& error) {
    const std::size_t bytes = method_text.size() + target.size();
    if (bytes > header_bytes_left_) {
        error = http::error::header_limit;
        return;
    }
    header_bytes_left_ -= bytes;
    into_.method_ = into_.keep(std_view(method_text));
    into_.target_ = into_.keep(std_view(target));
    into_.version_ = static_cast<unsigned>(version);
}

void http_request_parser::on_response_impl(int, text, int, error_code&) {}

void http_request_parser::on_field_impl(known_field name, text name_text, text value,
                                        error_code& error) {
    // The parser's own limit is per piece that arrives; this one is for the header as a whole, and
    // for trailers. A field costs four octets more on the wire: ": " and CR LF.
    const std::size_t bytes = name_text.size() + value.size() + 4;
    if (bytes > header_bytes_left_) {
        error = http::error::header_limit;
        return;
    }
    header_bytes_left_ -= bytes;
    error = check_field(name, name_text, value);
    if (error || is_header_done()) return;  // trailers mean nothing here
    if (name == known_field::expect && into_.version_ >= 11)
        into_.expects_continue_ = api::equal_ignoring_case(std_view(value), "100-continue");
    into_.fields_.push_back({into_.keep(std_view(name_text)), into_.keep(std_view(value))});
}

// Beast reads a Transfer-Encoding that is not chunked as if there were none, so that the body would
// be taken for the next request. It joins folded lines in a buffer of its own, or leaves out those
// that are empty: a value that is not in the input, or not on the line of its name, was folded.
boost::beast::error_code http_request_parser::check_field(known_field name, text name_text,
                                                          text value) {
    const std::less<const char*> before;
    const char* const name_end = name_text.data() + name_text.size();
    const char* const input_end = input_.data() + input_.size();
    if (before(value.data(), name_end) || before(input_end, value.data()) ||
        std::find(name_end, value.data(), '\n') != value.data())
        return http::error::bad_value;
    if (is_header_done()) return {};
    const unsigned bit = bit_of(std_view(name_text));
    if (bit == 0) return {};
    if ((into_.seen_ & bit) != 0) return http::error::bad_field;
    into_.seen_ |= bit;
    switch (name) {
        case known_field::host:
            if (!is_host(std_view(value))) return http::error::bad_value;
            break;
        case known_field::content_length:
            if (!is_number(std_view(value))) return http::error::bad_content_length;
            break;
        case known_field::transfer_encoding:
            if (into_.version_ < 11 || !api::equal_ignoring_case(std_view(value), "chunked"))
                return http::error::bad_transfer_encoding;
            break;
        default:
            break;
    }
    return {};
}

void http_request_parser::on_header_impl(error_code& error) {
    // RFC 9112, 3.2: exactly one Host in HTTP/1.1.
    if (into_.version_ >= 11 && (into_.seen_ & host_bit) == 0) error = http::error::bad_field;
    body_bytes_ = content_length().value_or(0);
}

void http_request_parser::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {}

std::size_t http_request_parser::on_body_impl(text body, error_code&) {
    into_.body_.append(body.data(), body.size());
    return body.size();
}

// Extensions mean nothing here and could be without end beside a small body: they count as header.
void http_request_parser::on_chunk_header_impl(std::uint64_t size, text extensions,
                                               error_code& error) {
    body_bytes_ += std::min(size, ~std::uint64_t{0} - body_bytes_);
    if (extensions.size() > header_bytes_left_) {
        error = http::error::header_limit;
        return;
    }
    header_bytes_left_ -= extensions.size();
}

std::size_t http_request_parser::on_chunk_body_impl(std::uint64_t, text body, error_code&) {
    into_.body_.append(body.data(), body.size());
    return body.size();
}

void http_request_parser::on_finish_impl(error_code&) {}

void append_response_head(std::string& out, const api::http_response& response,
                          std::string_view date, std::string_view connection, bool is_chunked) {
    const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
    const fmt::format_int status(response.status);
    out.append("HTTP/1.1 "sv).append(status.data(), status.size()).append(" "sv);
    out.append(std_view(reason)).append("\r\nDate: "sv).append(date);
    if (!response.content_type.empty())
        out.append("\r\nContent-Type: "sv).append(response.content_type);
    for (const auto& [name, value] : response.headers)
        out.append("\r\n"sv).append(name).append(": "sv).append(value);
    if (response.status == 304) {
        // It would be the length of what the client has (RFC 9110, 8.6).
    } else if (response.source == nullptr) {
        const fmt::format_int length(response.body.size());
        out.append("\r\nContent-Length: "sv).append(length.data(), length.size());
    } else if (is_chunked) {
        out.append("\r\nTransfer-Encoding: chunked"sv);
    }
    if (!connection.empty()) out.append("\r\nConnection: "sv).append(connection);
    out.append("\r\n\r\n"sv);
}

}  // namespace hikyaku::gateway::io
