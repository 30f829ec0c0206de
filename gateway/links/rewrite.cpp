#include "gateway/links/rewrite.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cassert>
#include <charconv>
#include <system_error>
#include <utility>

#include "gateway/links/ascii.hpp"
#include "gateway/links/percent.hpp"

namespace hikyaku::gateway::links {
namespace {

/// Octets of "http://" or "https://" at the start of `text`, 0 if neither is there.
std::size_t scheme_bytes(std::string_view text) {
    if (ascii::starts_with(text, "http://")) return 7;
    return ascii::starts_with(text, "https://") ? 8 : 0;
}

/// The next position from `from` at which a URL begins; npos if there is none. A scheme glued to
/// more letters ("xhttp://") is a different scheme.
std::size_t find_url(std::string_view text, std::size_t from) {
    for (; from < text.size(); ++from) {
        from = text.find_first_of("hH", from);
        if (from == std::string_view::npos) break;
        if (scheme_bytes(text.substr(from)) == 0) continue;
        const char before = from == 0 ? ' ' : text[from - 1];
        if (!ascii::is_letter_or_digit(before) && before != '+' && before != '-') return from;
    }
    return std::string_view::npos;
}

constexpr bool is_outside_ascii(char c) {
    return static_cast<unsigned char>(c) >= 0x80;
}

/// Octets of a letter at the start of `text` that is outside ASCII and of a script written with
/// spaces, so that it belongs to the path of an IRI (RFC 3987) and not to a sentence glued to it; 0
/// if there is none. Two octets are Latin, Greek, Cyrillic, Armenian, Hebrew and Arabic with their
/// marks, three from U+1E00 to U+1FFF more Latin and Greek.
std::size_t spaced_letter_bytes(std::string_view text) {
    constexpr std::string_view signs[] = {"\u00d7", "\u00f7", "\u037e", "\u0387",
                                          "\u060c", "\u061b", "\u061f"};
    const auto octet = [&text](std::size_t at) {
        return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    };
    const auto is_next = [&octet](std::size_t at) { return (octet(at) & 0xC0) == 0x80; };
    if (octet(0) >= 0xC3 && octet(0) <= 0xDF && is_next(1)) {
        const auto is_sign = [&text](std::string_view sign) { return text.starts_with(sign); };
        return std::ranges::any_of(signs, is_sign) ? 0 : 2;
    }
    const bool is_extended = octet(0) == 0xE1 && octet(1) >= 0xB8 && octet(1) <= 0xBF;
    return is_extended && is_next(2) ? 3 : 0;
}

/// The first position after `from` that cannot belong to a URL.
std::size_t scan_url(std::string_view text, std::size_t from) {
    constexpr std::string_view never_in_url = "\"<>`{}|\\^\x7f";
    std::size_t round_open = 0;
    std::size_t square_open = 0;
    std::size_t end = from;
    bool is_behind_host = false;
    for (; end < text.size(); ++end) {
        const char c = text[end];
        is_behind_host = is_behind_host || c == '/' || c == '?' || c == '#';
        if (const auto letter = is_behind_host ? spaced_letter_bytes(text.substr(end)) : 0) {
            end += letter - 1;
            continue;
        }
        if (is_outside_ascii(c) || c <= ' ' || never_in_url.find(c) != std::string_view::npos)
            break;
        if (c == '(') ++round_open;
        if (c == '[') ++square_open;
        if (c == ')' && round_open-- == 0) break;
        if (c == ']' && square_open-- == 0) break;
        if ((c == ',' || c == ';') && scheme_bytes(text.substr(end + 1)) != 0) break;
    }
    return end;
}

/// `end` without the punctuation of the sentence around the URL. Closing brackets were balanced by
/// scan_url, so only opening ones may be left over.
std::size_t trim_punctuation(std::string_view text, std::size_t begin, std::size_t end) {
    constexpr std::string_view punctuation = ".,;:!?'([";
    while (end > begin && punctuation.find(text[end - 1]) != std::string_view::npos)
        --end;
    return end;
}

bool is_below(std::string_view url, std::string_view base_url) {
    if (!ascii::starts_with(url, base_url)) return false;
    const std::string_view rest = url.substr(base_url.size());
    return rest.empty() || rest[0] == '/' || rest[0] == '?' || rest[0] == '#';
}

/// What is stored for a URL: its scheme in lower case, and percent-encoded what RFC 3986 does not
/// allow outside the host: square brackets, which forms send all the same (?f[]=1), and the letters
/// of an IRI.
std::string make_target(std::string_view url) {
    constexpr boost::urls::grammar::lut_chars plain(
        [](char c) { return !is_outside_ascii(c) && c != '[' && c != ']'; });
    const std::size_t host_begin = scheme_bytes(url);
    const std::size_t host_end = std::min(url.find_first_of("/?#", host_begin), url.size());
    std::string target;
    target.reserve(url.size());
    for (const char c : url.substr(0, host_begin))
        target.push_back(ascii::to_lower(c));
    target.append(url, host_begin, host_end - host_begin);
    append_encoded(target, url.substr(host_end), plain);
    return target;
}

/// A name as DNS has them, or an address in brackets. The grammar of URLs would allow more ("!$").
bool is_plausible_host(const boost::urls::url_view& url) {
    if (url.host_type() == boost::urls::host_type::ipv6) return true;
    const std::string_view host = url.encoded_host();
    return std::ranges::any_of(host, ascii::is_letter_or_digit) &&
           std::ranges::all_of(host, [](char c) {
               return ascii::is_letter_or_digit(c) || c == '.' || c == '-' || c == '_';
           });
}

/// Boost 1.81 takes "https://host:port/" for a host and the path "port/", and any number as port.
bool is_plausible_port(const boost::urls::url_view& url) {
    const std::string_view path = url.encoded_path();
    if (!path.empty() && path[0] != '/') return false;
    const std::string_view port = url.port();
    if (port.empty()) return true;
    std::uint16_t number = 0;
    const auto [end, fault] = std::from_chars(port.data(), port.data() + port.size(), number);
    return fault == std::errc() && end == port.data() + port.size() && number != 0;
}

/// Whether a URL is worth a link. `after` is the text from where the scan stopped; `trimmed` is the
/// punctuation of the sentence that lies between the two.
bool is_trackable(std::string_view target, std::string_view trimmed, std::string_view after) {
    const auto parsed = boost::urls::parse_uri(target);
    if (!parsed || parsed->has_userinfo()) return false;
    if (!is_plausible_host(*parsed) || !is_plausible_port(*parsed)) return false;
    if (after.empty() || !is_outside_ascii(after[0])) return true;

    // The host goes on with such a letter: cut there, it would be another one.
    if (spaced_letter_bytes(after) != 0) return false;

    // "https://www.<Japanese>" is the beginning of an international host name, and so is a first
    // label alone; "https://example.com<Japanese>" is a host with a sentence glued to it.
    const bool host_only = parsed->encoded_path().empty() && !parsed->has_query() &&
                           !parsed->has_fragment() && !parsed->has_port();
    if (!host_only) return true;
    const std::string_view host = parsed->encoded_host();
    return !trimmed.starts_with('.') && host.find('.') != std::string_view::npos;
}

/// True if a space has to follow the link for every phone to see where it ends: punctuation that
/// ends a sentence or closes a bracket is understood before white space, quotes, angle brackets and
/// the end of the text; before anything else phones take it for the middle of the URL. The
/// ideographic space (U+3000) does as well as any other.
bool needs_space(std::string_view after) {
    const auto at = after.find_first_not_of(".,;:!?'`)]}([");
    if (at == std::string_view::npos) return false;
    const std::string_view next = after.substr(at);
    constexpr std::string_view ends = "\"<>\x7f";
    const bool is_control = static_cast<unsigned char>(next[0]) <= ' ';
    return !is_control && ends.find(next[0]) == std::string_view::npos &&
           !next.starts_with("\xE3\x80\x80");
}

class rewriter {
public:
    rewriter(const rewrite_options& options, random_source random)
        : options_(options), base_url_(options.base_url), random_(random) {
        while (base_url_.ends_with('/'))
            base_url_.remove_suffix(1);
        assert(!base_url_.empty());
    }

    boost::system::result<rewritten_text, rewrite_error> run(std::string_view text) {
        std::size_t copied = 0;
        std::size_t begin = find_url(text, 0);
        while (begin != std::string_view::npos) {
            const std::size_t host_begin = begin + scheme_bytes(text.substr(begin));
            const std::size_t scanned = scan_url(text, host_begin);
            const std::size_t end = trim_punctuation(text, host_begin, scanned);
            const std::string_view url = text.substr(begin, end - begin);
            std::string target = make_target(url);
            if (!is_below(url, base_url_) &&
                is_trackable(target, text.substr(end, scanned - end), text.substr(scanned))) {
                if (target.size() > options_.target_bytes_max)
                    return rewrite_error::target_too_long;
                const written_link* link = find_or_add(std::move(target));
                if (link == nullptr) return rewrite_error::too_many_links;
                result_.text.append(text, copied, begin - copied);
                append_link(*link, text.substr(end));
                copied = end;
            }
            begin = find_url(text, scanned);
        }
        result_.text.append(text.substr(copied));
        return std::move(result_);
    }

private:
    /// Null when the text has one URL too many.
    const written_link* find_or_add(std::string target) {
        const auto known = std::ranges::find(result_.links, target, &written_link::target);
        if (known != result_.links.end()) return &*known;
        if (result_.links.size() >= options_.links_max) return nullptr;
        std::string code;
        do {
            code = make_code(options_.code_length, random_);
        } while (std::ranges::find(result_.links, code, &written_link::code) !=
                 result_.links.end());
        result_.links.push_back({std::move(code), std::move(target)});
        return &result_.links.back();
    }

    void append_link(const written_link& link, std::string_view after) {
        result_.text.append(base_url_).append("/").append(link.code);
        if (needs_space(after)) result_.text.push_back(' ');
    }

    const rewrite_options& options_;
    std::string_view base_url_;
    random_source random_;
    rewritten_text result_;
};

}  // namespace

std::string_view to_string(rewrite_error error) {
    switch (error) {
        case rewrite_error::too_many_links:
            return "too_many_links";
        case rewrite_error::target_too_long:
            return "target_too_long";
    }
    return "unknown";
}

bool may_contain_url(std::string_view text) {
    return find_url(text, 0) != std::string_view::npos;
}

std::vector<found_url> find_urls(std::string_view text, std::string_view base_url) {
    while (base_url.ends_with('/'))
        base_url.remove_suffix(1);
    std::vector<found_url> found;
    for (auto begin = find_url(text, 0); begin != std::string_view::npos;) {
        const std::size_t host_begin = begin + scheme_bytes(text.substr(begin));
        const std::size_t scanned = scan_url(text, host_begin);
        const std::size_t end = trim_punctuation(text, host_begin, scanned);
        const std::string_view url = text.substr(begin, end - begin);
        if (base_url.empty() || !is_below(url, base_url)) {
            std::string target = make_target(url);
            const bool is_sound =
                is_trackable(target, text.substr(end, scanned - end), text.substr(scanned));
            found.push_back({begin, std::move(target), is_sound});
        }
        begin = find_url(text, scanned);
    }
    return found;
}

boost::system::result<rewritten_text, rewrite_error> rewrite(std::string_view text,
                                                             const rewrite_options& options,
                                                             random_source random) {
    return rewriter(options, random).run(text);
}

}  // namespace hikyaku::gateway::links
