// The load generator's reader of answers.
#include "bench/load/http_answer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <string>

namespace hikyaku::bench {
namespace {

namespace http = boost::beast::http;

/// The octets as they come in, so many at a time; what the parser has not taken comes again.
boost::system::error_code feed(http_answer& answer, std::string_view octets, std::size_t piece) {
    boost::system::error_code error;
    std::string waiting;
    while (!octets.empty() && !answer.is_done()) {
        waiting.append(octets.substr(0, piece));
        octets.remove_prefix(std::min(piece, octets.size()));
        waiting.erase(0, answer.put(boost::asio::buffer(waiting), error));
        if (error && error != http::error::need_more) return error;
    }
    return error == http::error::need_more ? boost::system::error_code{} : error;
}

boost::system::error_code feed(http_answer& answer, std::string_view octets) {
    return feed(answer, octets, octets.size());
}

TEST(http_answer, keeps_the_body_where_it_is_wanted) {
    constexpr std::string_view octets =
        "HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n"
        R"({"a":1})";
    std::string body = "of the answer before";
    http_answer kept(&body);
    EXPECT_FALSE(feed(kept, octets));
    EXPECT_TRUE(kept.is_done());
    EXPECT_TRUE(kept.keep_alive());
    EXPECT_EQ(kept.status(), 202u);
    EXPECT_EQ(body, R"({"a":1})");

    for (std::size_t piece = 1; piece < octets.size(); ++piece) {
        http_answer in_pieces(&body);
        EXPECT_FALSE(feed(in_pieces, octets, piece)) << piece;
        EXPECT_TRUE(in_pieces.is_done()) << piece;
        EXPECT_EQ(body, R"({"a":1})") << piece;
    }

    http_answer thrown(nullptr);
    EXPECT_FALSE(feed(thrown, octets));
    EXPECT_TRUE(thrown.is_done());
    EXPECT_EQ(thrown.status(), 202u);
}

TEST(http_answer, in_chunks_and_to_the_end_of_the_connection) {
    std::string body;
    http_answer chunks(&body);
    EXPECT_FALSE(feed(chunks,
                      "HTTP/1.1 503 Service Unavailable\r\nTransfer-Encoding: chunked\r\n"
                      "Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"));
    EXPECT_TRUE(chunks.is_done());
    EXPECT_FALSE(chunks.keep_alive());
    EXPECT_EQ(chunks.status(), 503u);
    EXPECT_EQ(body, "abcde");

    http_answer to_the_end(&body);
    feed(to_the_end, "HTTP/1.0 200 OK\r\n\r\nabc");
    EXPECT_FALSE(to_the_end.is_done());
    boost::system::error_code error;
    to_the_end.put_eof(error);
    EXPECT_FALSE(error);
    EXPECT_TRUE(to_the_end.is_done());
    EXPECT_EQ(body, "abc");
}

TEST(http_answer, refuses_what_is_no_answer_or_too_large) {
    http_answer garbage(nullptr);
    EXPECT_EQ(feed(garbage, "SMTP/1.1 220\r\n\r\n"), http::error::bad_version);
    http_answer large(nullptr);
    EXPECT_EQ(feed(large, "HTTP/1.1 200 OK\r\nContent-Length: 8388609\r\n\r\nx"),
              http::error::body_limit);
}

}  // namespace
}  // namespace hikyaku::bench
