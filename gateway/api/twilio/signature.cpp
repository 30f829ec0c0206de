#include "gateway/api/twilio/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/url/encode.hpp>
#include <boost/url/encoding_opts.hpp>
#include <boost/url/grammar/alnum_chars.hpp>
#include <boost/url/grammar/lut_chars.hpp>
#include <boost/url/grammar/string_token.hpp>

namespace hikyaku::gateway::api::twilio {
namespace {

constexpr std::size_t sha1_octets = 20;

void append_form_text(std::string& out, std::string_view text) {
    constexpr auto plain =
        boost::urls::grammar::lut_chars(boost::urls::grammar::alnum_chars) + "*-._";
    boost::urls::encoding_opts how;
    how.space_as_plus = true;
    boost::urls::encode(text, plain, how, boost::urls::string_token::append_to(out));
}

}  // namespace

std::string sign_request(std::string_view auth_token, std::string_view url, form_values posted) {
    std::ranges::sort(posted);
    std::string text(url);
    for (const auto& [name, value] : posted)
        text.append(name).append(value);
    std::array<unsigned char, sha1_octets> code{};
    unsigned size = sha1_octets;
    HMAC(EVP_sha1(), auth_token.data(), static_cast<int>(auth_token.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), code.data(), &size);
    std::array<char, sodium_base64_ENCODED_LEN(sha1_octets, sodium_base64_VARIANT_ORIGINAL)> out{};
    sodium_bin2base64(out.data(), out.size(), code.data(), code.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    return out.data();
}

std::string encode_form(const form_values& values) {
    std::string out;
    for (const auto& [name, value] : values) {
        if (!out.empty()) out.push_back('&');
        append_form_text(out, name);
        out.push_back('=');
        append_form_text(out, value);
    }
    return out;
}

}  // namespace hikyaku::gateway::api::twilio
