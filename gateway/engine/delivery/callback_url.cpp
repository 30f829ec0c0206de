#include "gateway/engine/delivery/callback_url.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/algorithm/hex.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/grammar/alnum_chars.hpp>
#include <boost/url/grammar/lut_chars.hpp>
#include <boost/url/grammar/vchars.hpp>
#include <charconv>
#include <chrono>
#include <iterator>
#include <optional>
#include <vector>

#include "gateway/links/percent.hpp"
#include "smpp/text/ascii.hpp"

namespace hikyaku::gateway {
namespace {

namespace urls = boost::urls;
using urls::grammar::lut_chars;

std::string encoded(std::string_view text) {
    constexpr auto plain = lut_chars(urls::grammar::alnum_chars) + "!'()*-._~";
    urls::encoding_opts options;
    options.space_as_plus = true;
    return urls::encode(text, plain, options);
}

std::string hexadecimal(std::string_view octets) {
    std::string out;
    boost::algorithm::hex(octets, std::back_inserter(out));
    return out;
}

/// Of a prefix that callers dial, what it means.
std::string international(std::string_view number) {
    return number.starts_with("00") ? "+" + std::string(number.substr(2)) : std::string(number);
}

bool is_space(std::string_view unit) {
    return (unit.size() == 1 || unit[0] == '\0') &&
           std::string_view(" \t\n\v\f\r").find(unit.back()) != std::string_view::npos;
}

/// The words of a text whose characters take `width` octets or more.
std::vector<std::string_view> words_of(std::string_view text, std::size_t width) {
    std::vector<std::string_view> words;
    std::size_t begin = 0;
    bool inside = false;
    for (std::size_t at = 0; at < text.size(); at += width) {
        if (is_space(text.substr(at, width))) {
            if (inside) words.push_back(text.substr(begin, at - begin));
            inside = false;
        } else if (!inside) {
            begin = at;
            inside = true;
        }
    }
    if (inside) words.push_back(text.substr(begin));
    return words;
}

/// The encoded value of `%#group#name#` in "?group?name=value&...".
std::string_view meta_value(std::string_view meta, std::string_view group, std::string_view name) {
    const auto marked = fmt::format("?{}?", group);
    const auto begin = meta.find(marked);
    if (begin == std::string_view::npos) return {};
    auto rest = meta.substr(begin + marked.size());
    rest = rest.substr(0, rest.find('?'));
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        if (const auto equals = pair.find('='); pair.substr(0, equals) == name)
            return equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    }
    return {};
}

std::string_view charset_of(callback_coding coding) {
    switch (coding) {
        case callback_coding::binary:
            return "8-BIT";
        case callback_coding::utf16:
            return "UTF-16BE";
        case callback_coding::report:
        case callback_coding::text:
            break;
    }
    return "UTF-8";
}

/// Knows what each escape stands for; `%s` and `%S` use up one word each.
class escapes {
public:
    explicit escapes(const callback_values& values)
        : values_(values),
          width_(values.coding == callback_coding::utf16 ? 2 : 1),
          words_(words_of(values.text, width_)) {}

    /// Empty for a letter that is no escape.
    std::optional<std::string> expand(char letter) {
        switch (letter) {
            case 'a':
                return encoded(joined(0));
            case 'A':
            case 'b':
                return encoded(values_.text);
            case 'e':
                return hexadecimal(values_.text);
            case 'k':
                return encoded(word(0));
            case 'r':
                return encoded(joined(next_));
            case 's':
                return encoded(word(next_++));
            case 'S':
                return unencoded(word(next_++));
            default:
                return plain(letter);
        }
    }

private:
    std::optional<std::string> plain(char letter) const {
        switch (letter) {
            case 'c':
                return fmt::to_string(static_cast<int>(values_.coding));
            case 'C':
                return std::string(charset_of(values_.coding));
            case 'd':
                return fmt::to_string(values_.type);
            case 'D':
                return encoded(values_.meta_data);
            case 'F':
                return encoded(values_.foreign_id);
            case 'i':
                return encoded(values_.carrier);
            case 'I':
                return fmt::to_string(values_.id);
            case 'm':
                return fmt::to_string(values_.message_class);
            case 'M':
                return fmt::to_string(values_.message_waiting);
            case 'O':
                return fmt::format("{:02}", values_.data_coding);
            case 'u':
                return encoded(values_.header);
            case 'B':  // billing information
            case 'f':  // the service centre of a modem
            case 'o':  // an operator's account
            case 'v':
            case 'V':
                return std::string();
            default:
                return common(letter);
        }
    }
    std::optional<std::string> common(char letter) const {
        switch (letter) {
            case 'n':
                return encoded(values_.service);
            case 'p':
                return encoded(values_.phone);
            case 'P':
                return encoded(values_.number);
            case 'q':
                return encoded(international(values_.phone));
            case 'Q':
                return encoded(international(values_.number));
            case 'R':
                return encoded(values_.url);
            case 't':
                return fmt::format("{:%Y-%m-%d+%H:%M:%S}", fmt::gmtime(seconds()));
            case 'T':
                return fmt::to_string(seconds());
            case '%':
                return "%";
            default:
                return std::nullopt;
        }
    }
    [[nodiscard]] std::time_t seconds() const {
        return static_cast<std::time_t>(values_.at_ms / 1000);
    }
    [[nodiscard]] std::string_view word(std::size_t index) const {
        return index < words_.size() ? words_[index] : std::string_view{};
    }
    [[nodiscard]] std::string joined(std::size_t from) const {
        std::string out;
        for (std::size_t i = from; i < words_.size(); ++i) {
            if (i > from)
                out.append(width_ == 2 ? std::string_view("\0 ", 2) : std::string_view(" "));
            out.append(words_[i]);
        }
        return out;
    }
    static std::string unencoded(std::string_view word) {
        // With these two the URL would not be one any more.
        constexpr auto plain = ~lut_chars("%#");
        auto out = urls::encode(word, plain);
        std::ranges::replace(out, '*', '~');
        return out;
    }

    const callback_values& values_;
    std::size_t width_;
    std::vector<std::string_view> words_;
    std::size_t next_ = 1;
};

/// The scheme and the authority: "http://host:port".
std::string_view base_of(std::string_view url) {
    const auto mark = url.find("://");
    if (mark == std::string_view::npos) return {};
    return url.substr(0, url.find_first_of("/?#", mark + 3));
}

/// Calls take(letter) for each escape and take_meta(whole, group, name) for `%#group#name#`; what
/// they do not know is copied.
template <typename Take, typename TakeMeta>
std::string replace_escapes(std::string_view url, Take take, TakeMeta take_meta) {
    std::string out;
    out.reserve(url.size() * 2);
    for (std::size_t at = 0; at < url.size();) {
        if (url[at] != '%' || at + 1 == url.size()) {
            out.push_back(url[at++]);
            continue;
        }
        if (url[at + 1] == '#') {
            const auto middle = url.find('#', at + 2);
            const auto end = middle == url.npos ? url.npos : url.find('#', middle + 1);
            if (end != url.npos) {
                out += take_meta(url.substr(at, end + 1 - at), url.substr(at + 2, middle - at - 2),
                                 url.substr(middle + 1, end - middle - 1));
                at = end + 1;
                continue;
            }
        }
        if (auto text = take(url[at + 1]))
            out += *text;
        else
            out += url.substr(at, 2);
        at += 2;
    }
    return out;
}

/// RFC 3986, 3.2.3: none is the scheme's own. Colons in brackets are an address's.
bool has_sound_port(std::string_view authority) {
    const auto bracket = authority.rfind(']');
    const auto colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
    if (colon == std::string_view::npos) return true;
    const auto digits = authority.substr(colon + 1);
    if (digits.empty()) return true;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return error == std::errc{} && end == digits.data() + digits.size() && port != 0;
}

}  // namespace

bool is_callback_url(std::string_view url) {
    const auto base = base_of(url);
    const auto mark = base.find("://");
    if (mark == std::string_view::npos) return false;
    std::string scheme(base.substr(0, mark));
    std::ranges::transform(scheme, scheme.begin(), smpp::text::lower_ascii);
    const auto authority = base.substr(mark + 3);
    // RFC 3986, 3.2.2, without what nobody's host has: user names, escapes, sub-delimiters.
    const bool plain = std::ranges::all_of(authority, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view(".-_:[]").find(c) != std::string_view::npos;
    });
    return (scheme == "http" || scheme == "https") && plain && !authority.empty() &&
           authority.front() != ':' && has_sound_port(authority);
}

std::string callback_host(std::string_view url) {
    std::string host(base_of(url));
    std::ranges::transform(host, host.begin(), smpp::text::lower_ascii);
    return host;
}

std::string sendable_url(std::string_view url) {
    constexpr auto plain = lut_chars(urls::grammar::vchars) - "\"<>\\^`{|}";
    std::string out;
    out.reserve(url.size());
    links::append_encoded(out, url.substr(0, url.find('#')), plain);
    return out;
}

std::string expand_callback(std::string_view url, const callback_values& values) {
    escapes known(values);
    const auto take = [&](char letter) { return known.expand(letter); };
    const auto take_meta = [&](std::string_view, std::string_view group, std::string_view name) {
        return std::string(meta_value(values.meta_data, group, name));
    };
    return sendable_url(replace_escapes(url, take, take_meta));
}

std::string prepare_callback(std::string_view url, const callback_values& values) {
    auto own = values;
    own.url = url;
    escapes known(own);
    const auto take = [&](char letter) -> std::optional<std::string> {
        if (std::string_view("pPqQnR").find(letter) == std::string_view::npos) return std::nullopt;
        const auto text = *known.expand(letter);
        std::string doubled;
        for (const char c : text)
            doubled.append(c == '%' ? 2 : 1, c);
        return doubled;
    };
    const auto take_meta = [](std::string_view whole, std::string_view, std::string_view) {
        return std::string(whole);
    };
    return replace_escapes(url, take, take_meta);
}

}  // namespace hikyaku::gateway
