// Percent-encoding of URLs that were written by others and have escapes already, for the targets of
// links and for callbacks: boost::urls::encode() takes a text without escapes. Pure, any thread.
#pragma once

#include <boost/url/encode.hpp>
#include <boost/url/grammar/lut_chars.hpp>
#include <boost/url/grammar/string_token.hpp>
#include <string>
#include <string_view>

namespace hikyaku::gateway::links {

/// Appends `url` with every octet percent-encoded that is not in `plain`, but for percent signs.
inline void append_encoded(std::string& out, std::string_view url,
                           const boost::urls::grammar::lut_chars& plain) {
    const auto plain_text = plain - '%';  // a condition of encode()
    while (true) {
        const auto percent = url.find('%');
        boost::urls::encode(url.substr(0, percent), plain_text, {},
                            boost::urls::string_token::append_to(out));
        if (percent == std::string_view::npos) return;
        out.push_back('%');
        url.remove_prefix(percent + 1);
    }
}

}  // namespace hikyaku::gateway::links
