// Replaces the URLs in a message's text by tracked links. The engine calls it for every submission
// whose account or message asks for tracking, before the segments are planned, so that parts are
// counted on the text that is really sent. Nothing is stored here: the caller stores each code with
// its target in the same batch as the message. Pure, engine's thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/links/code.hpp"

namespace hikyaku::gateway::links {

struct rewrite_options {
    std::string_view base_url;  // "https://pay.example"; a slash at the end makes no difference
    std::size_t code_length = code_length_min;
    std::size_t links_max = 10;           // distinct URLs of one text
    std::size_t target_bytes_max = 2048;  // of one URL
};

struct written_link {
    std::string code;
    std::string target;  // ASCII, a valid http or https URL: the text's, tidied
    bool operator==(const written_link&) const = default;
};

struct rewritten_text {
    std::string text;                 // UTF-8
    std::vector<written_link> links;  // in order of first appearance; empty = text is unchanged
};

enum class rewrite_error : std::uint8_t { too_many_links, target_too_long };

/// "too_many_links", "target_too_long".
[[nodiscard]] std::string_view to_string(rewrite_error error);

/// True if `text` holds "http://" or "https://" in any case. False means rewrite() would return
/// the text as it is.
[[nodiscard]] bool may_contain_url(std::string_view text);

/// One http or https URL in a text.
struct found_url {
    std::size_t position = 0;  // octet in the text
    std::string target;        // as a link would have it
    bool is_sound = false;     // rewrite() would track it: it leads where it says
};

/// Every URL of the text, in its order, those that rewrite() leaves as they are too; but for those
/// under base_url.
[[nodiscard]] std::vector<found_url> find_urls(std::string_view text, std::string_view base_url);

/// Replaces each http or https URL in `text` (UTF-8) by base_url + "/" + code; the same URL twice
/// gets the same code. An error refuses the message as a whole, nothing is rewritten by half.
///
/// A URL ends before white space, control characters, any character outside ASCII, one of
/// "<>`{}|\^, a closing bracket that was not opened inside it, and a comma or semicolon with
/// another URL behind it; punctuation at its end belongs to the sentence. Behind the host, letters
/// of scripts written with spaces belong to it (an IRI, https://abc.example/müller). A link is
/// followed by a space where the text that is glued to it would be taken for a part of it.
///
/// Left as they are, and untracked: URLs under base_url itself, with user and password, that are
/// not valid (RFC 3986, host as in DNS, port 1 to 65535), and those whose host goes on with a
/// letter of a script written with spaces (https://bücher.example), because cutting there would
/// send the reader elsewhere.
[[nodiscard]] boost::system::result<rewritten_text, rewrite_error> rewrite(
    std::string_view text, const rewrite_options& options, random_source random = {});

}  // namespace hikyaku::gateway::links
