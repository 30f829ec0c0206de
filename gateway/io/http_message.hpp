// Reads one HTTP/1 request from octets as they arrive and writes the head of a response. Beast's
// parser does the protocol; what it finds is kept in one object per connection whose memory is used
// again for every request, so that a keep-alive connection allocates nothing in steady state.
// No sockets here. Connection's thread.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/optional.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/http.hpp"

namespace hikyaku::gateway::io {

/// Where the parser puts a request; views() shows it to a handler.
class http_storage {
public:
    void clear();
    /// Valid until clear(). REQUIRES: the header is complete; of the body there is what has come.
    [[nodiscard]] api::http_request view(const api::peer_address& peer);
    [[nodiscard]] unsigned version() const { return version_; }
    [[nodiscard]] std::size_t body_bytes() const { return body_.size(); }
    /// What has come of the body and was not dropped.
    [[nodiscard]] std::string_view body() const { return body_; }
    void drop_body(std::size_t octets) { body_.erase(0, octets); }
    [[nodiscard]] std::size_t capacity_bytes() const { return head_.capacity() + body_.capacity(); }

private:
    friend class http_request_parser;
    struct piece {
        std::uint32_t at = 0, size = 0;
    };
    struct field {
        piece name, value;
    };
    [[nodiscard]] piece keep(std::string_view text);
    [[nodiscard]] std::string_view text_of(piece where) const {
        return std::string_view{head_}.substr(where.at, where.size);
    }

    std::string head_;  // method, target, names and values, one behind the other
    piece method_, target_;
    std::vector<field> fields_;
    std::vector<api::http_header> headers_;
    std::string body_;
    unsigned version_ = 11;
    unsigned seen_ = 0;  // bits by position in the list of fields that may come once
    bool expects_continue_ = false;
};

struct http_message_limits {
    std::size_t header_bytes_max = 16 << 10;
    std::size_t body_bytes_max = 4 << 20;
};

/// One request. Made anew for each; all its memory is in the storage. Stricter than Beast where two
/// readers could disagree about where a request ends or whom it is for (RFC 9112, 3.2, 5.2, 6.1 and
/// 6.3): every form of Transfer-Encoding but one `chunked` in HTTP/1.1, folded lines, a second one
/// of the fields that decide something, and Host values that are no host are errors.
class http_request_parser final : public boost::beast::http::basic_parser<true> {
public:
    http_request_parser(http_storage& into, const http_message_limits& limits);

    /// Reads what it can of `octets`; returns how many. `error` is need_more where the request is
    /// not complete. A body that is too long is no error here: who takes it in pieces may have it.
    std::size_t read(boost::asio::const_buffer octets, boost::beast::error_code& error);

    /// The client waits for "100 Continue" before it sends the body.
    [[nodiscard]] bool expects_continue() const { return into_.expects_continue_; }

    /// What the header may still hold. The parser does not look at a line before it is complete, so
    /// whoever feeds it compares this with what it has left over.
    [[nodiscard]] std::size_t header_bytes_left() const { return header_bytes_left_; }

    /// The body is longer than body_bytes_max, as far as is known.
    [[nodiscard]] bool is_over_limit() const { return body_bytes_ > body_bytes_max_; }

    /// The status that answers a parser's error: 400, 413 or 431.
    [[nodiscard]] static unsigned status_of(const boost::beast::error_code& error);

private:
    using verb = boost::beast::http::verb;
    using known_field = boost::beast::http::field;
    using text = boost::beast::string_view;
    using error_code = boost::beast::error_code;

    void on_request_impl(verb method, text method_text, text target, int version,
                         error_code& error) override;
    void on_response_impl(int status, text reason, int version, error_code& error) override;
    void on_field_impl(known_field name, text name_text, text value, error_code& error) override;
    void on_header_impl(error_code& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                           error_code& error) override;
    std::size_t on_body_impl(text body, error_code& error) override;
    void on_chunk_header_impl(std::uint64_t size, text extensions, error_code& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t remain, text body, error_code& error) override;
    void on_finish_impl(error_code& error) override;

    /// Empty if the field may stand there, otherwise why not.
    [[nodiscard]] error_code check_field(known_field name, text name_text, text value);

    http_storage& into_;
    std::size_t header_bytes_left_;
    std::uint64_t body_bytes_max_;
    std::uint64_t body_bytes_ = 0;  // announced: by Content-Length, or by the chunks so far
    std::string_view input_;        // of the read() that runs
};

/// Appends the head of a response up to and including the empty line. `date` is an IMF-fixdate,
/// `connection` the value of that header; empty leaves it out (keep-alive in HTTP/1.1). A body that
/// comes in pieces has no length: `is_chunked`, or it ends with the connection.
void append_response_head(std::string& out, const api::http_response& response,
                          std::string_view date, std::string_view connection,
                          bool is_chunked = true);

}  // namespace hikyaku::gateway::io
