#include "gateway/io/http_message.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/status.hpp>
#include <chrono>
#include <cstdio>

namespace hikyaku::gateway::io {
namespace {

namespace http = boost::beast::http;
using namespace std::string_view_literals;

constexpr std::size_t body_kept_max = 256 << 10;  // larger buffers are given back
constexpr std::array<std::string_view, 7> day_names{"Sun", "Mon", "Tue", "Wed",
                                                    "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string_view std_view(boost::beast::string_view text) {
    return {text.data(), text.size()};
}

}  // namespace

void http_storage::clear() {
    head_.clear();
    fields_.clear();
    headers_.clear();
    if (body_.capacity() > body_kept_max) {
        std::string{}.swap(body_);
    } else {
        body_.clear();
    }
    hosts_ = 0;
    expects_continue_ = false;
}

api::http_request http_storage::view(const api::peer_address& peer) {
    headers_.clear();
    for (const field& each : fields_) {
        headers_.push_back({text_of(each.name), text_of(each.value)});
    }
    return {text_of(method_), text_of(target_), version_, headers_, body_, peer};
}

http_storage::piece http_storage::keep(std::string_view text) {
    const piece where{static_cast<std::uint32_t>(head_.size()),
                      static_cast<std::uint32_t>(text.size())};
    head_.append(text);
    return where;
}

http_request_parser::http_request_parser(http_storage& into, const http_message_limits& limits)
    : into_(into), header_bytes_left_(limits.header_bytes_max) {
    into_.clear();
    header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    body_limit(limits.body_bytes_max);
    eager(true);
}

unsigned http_request_parser::status_of(const boost::beast::error_code& error) {
    if (error == http::error::body_limit) return 413;
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
    if (is_header_done()) return;  // a trailer
    if (name == known_field::host) ++into_.hosts_;
    if (name == known_field::expect) {
        into_.expects_continue_ = api::equal_ignoring_case(std_view(value), "100-continue");
    }
    into_.fields_.push_back({into_.keep(std_view(name_text)), into_.keep(std_view(value))});
}

void http_request_parser::on_header_impl(error_code& error) {
    // RFC 9112, 3.2: exactly one Host in HTTP/1.1.
    if (into_.hosts_ > 1 || (into_.version_ >= 11 && into_.hosts_ == 0)) {
        error = http::error::bad_field;
    }
}

void http_request_parser::on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) {}

std::size_t http_request_parser::on_body_impl(text body, error_code&) {
    into_.body_.append(body.data(), body.size());
    return body.size();
}

// Extensions mean nothing here and could be without end beside a small body: they count as header.
void http_request_parser::on_chunk_header_impl(std::uint64_t, text extensions, error_code& error) {
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
                          std::string_view date, std::string_view connection) {
    const auto reason = http::obsolete_reason(static_cast<http::status>(response.status));
    const fmt::format_int status(response.status);
    const fmt::format_int length(response.body.size());
    out.append("HTTP/1.1 "sv).append(status.data(), status.size()).append(" "sv);
    out.append(std_view(reason)).append("\r\nDate: "sv).append(date);
    if (!response.content_type.empty()) {
        out.append("\r\nContent-Type: "sv).append(response.content_type);
    }
    for (const auto& [name, value] : response.headers) {
        out.append("\r\n"sv).append(name).append(": "sv).append(value);
    }
    out.append("\r\nContent-Length: "sv).append(length.data(), length.size());
    if (!connection.empty()) out.append("\r\nConnection: "sv).append(connection);
    out.append("\r\n\r\n"sv);
}

std::string format_http_date(std::int64_t wall_seconds) {
    using namespace std::chrono;
    const sys_seconds moment{seconds{wall_seconds}};
    const auto days_part = floor<days>(moment);
    const year_month_day date{days_part};
    const hh_mm_ss<seconds> clock{moment - days_part};
    return fmt::format(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", day_names[weekday{days_part}.c_encoding()],
        static_cast<unsigned>(date.day()), month_names[static_cast<unsigned>(date.month()) - 1],
        static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
        clock.seconds().count());
}

std::optional<std::int64_t> parse_http_date(std::string_view text) {
    using namespace std::chrono;
    constexpr std::size_t fixed_size = 29;
    if (text.size() != fixed_size || !text.ends_with(" GMT")) return {};
    unsigned d = 0, y = 0, h = 0, mi = 0, s = 0;
    std::array<char, 4> month_text{};
    const std::string copy{text.substr(5)};
    if (std::sscanf(copy.c_str(), "%2u %3c %4u %2u:%2u:%2u", &d, month_text.data(), &y, &h, &mi,
                    &s) != 6) {
        return {};
    }
    unsigned m = 0;
    while (m < month_names.size() && month_names[m] != std::string_view{month_text.data(), 3})
        ++m;
    const year_month_day date{year{static_cast<int>(y)}, month{m + 1}, day{d}};
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return {};
    const auto moment = sys_days{date} + hours{h} + minutes{mi} + seconds{s};
    return duration_cast<seconds>(moment.time_since_epoch()).count();
}

}  // namespace hikyaku::gateway::io
