// The URLs that an application of Kannel's names in `dlr-url`, and an account in
// `sendsms.reply_url`: which of them can be requested, and what stands for their escapes (`%d`,
// `%A`, ...). The rules were taken from Kannel's user guide and from what a running Kannel 1.4.5
// requests; docs/sendsms.md lists them. The HTTP door prepares a URL, the engine fills it in. Pure
// functions, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hikyaku::gateway {

/// Bits of dlr-mask, and what `%d` says.
namespace callback_type {
inline constexpr std::uint8_t delivered = 1;
inline constexpr std::uint8_t failed = 2;
inline constexpr std::uint8_t buffered = 4;
inline constexpr std::uint8_t accepted = 8;
inline constexpr std::uint8_t refused = 16;
}  // namespace callback_type

/// A prepared URL longer than this is not taken.
inline constexpr std::size_t callback_octets_max = 4096;

/// How the octets of callback_values::text are written; the values are what `%c` says.
enum class callback_coding : std::int8_t { report = -1, text = 0, binary = 1, utf16 = 2 };

/// What the escapes stand for. Views live as long as the call.
struct callback_values {
    int type = -1;          // a callback_type; -1 for a reply
    std::string_view text;  // UTF-8, or UTF-16BE or octets as `coding` says
    callback_coding coding = callback_coding::report;
    std::uint8_t data_coding = 0;
    int message_class = -1;    // 0 to 3
    int message_waiting = -1;  // 0 to 7, as the parameter `mwi`
    std::int64_t at_ms = 0;    // wall clock
    std::string_view phone;    // `%p`: the other side, who sent the reply or got the message
    std::string_view number;   // `%P`: our side
    std::string_view carrier;
    std::string_view foreign_id;  // the carrier's message id
    std::uint64_t id = 0;         // ours; 0 for a reply
    std::string_view service;     // the account's user name
    std::string_view meta_data;   // "?group?name=value&", values encoded
    std::string_view header;      // user data header, octets
    std::string_view url;         // as the application gave it
};

/// True for http and https URLs with a host of letters, digits and ".-_:[]", hence without user and
/// password, and with a port that there is. Escapes may stand in the path and in the query only.
[[nodiscard]] bool is_callback_url(std::string_view url);

/// "https://app.example:8443" in lower case: what requests to the same server have in common.
[[nodiscard]] std::string callback_host(std::string_view url);

/// The URL as it may stand in a request line: what must not is percent-encoded, escapes that are
/// there stay, and a fragment is left out.
[[nodiscard]] std::string sendable_url(std::string_view url);

/// Fills in all escapes. Unknown ones stay as they are; what cannot stand in a request line is
/// percent-encoded, and a fragment is left out.
[[nodiscard]] std::string expand_callback(std::string_view url, const callback_values& values);

/// Fills in only `%p`, `%P`, `%q`, `%Q`, `%n` and `%R`, with what the application itself wrote in
/// its request, so that it gets back addresses in its own spelling; `%%` stays doubled for
/// expand_callback(). `values` needs phone, number and service.
[[nodiscard]] std::string prepare_callback(std::string_view url, const callback_values& values);

}  // namespace hikyaku::gateway
