// Reads the answers of an HTTP server as far as a load run wants to know them: the status, whether
// the connection stays, and the body where somebody looks at it. Header fields are not kept. Used
// by http_load; pure, any thread.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <string>
#include <string_view>

namespace hikyaku::bench {

/// One answer. Made anew for each; feed it with put().
class http_answer final : public boost::beast::http::basic_parser<false> {
public:
    /// Without `body` what stands there is counted against the limit and thrown away.
    explicit http_answer(std::string* body);

    [[nodiscard]] unsigned status() const { return status_; }

private:
    using text = boost::beast::string_view;
    using error_code = boost::beast::error_code;

    void on_request_impl(boost::beast::http::verb method, text method_text, text target,
                         int version, error_code& error) override;
    void on_response_impl(int status, text reason, int version, error_code& error) override;
    void on_field_impl(boost::beast::http::field name, text name_text, text value,
                       error_code& error) override;
    void on_header_impl(error_code& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                           error_code& error) override;
    std::size_t on_body_impl(text piece, error_code& error) override;
    void on_chunk_header_impl(std::uint64_t size, text extensions, error_code& error) override;
    std::size_t on_chunk_body_impl(std::uint64_t remain, text piece, error_code& error) override;
    void on_finish_impl(error_code& error) override;

    std::string* body_;
    unsigned status_ = 0;
};

}  // namespace hikyaku::bench
