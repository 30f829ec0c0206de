// The settings table: one line of data for every key of the configuration file, from which come
// reading, unknown-key detection, docs/config.md, the effective print and the test of defaults.
// The files tables_*.cpp hold the lines. Objects are passed as void pointers of the section's
// struct so that one plain list can describe members of any type; only the two templates at the end
// cast them. Immutable after start; any thread.
#pragma once

#include <cassert>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "config/document.hpp"
#include "config/settings.hpp"

namespace hikyaku::config {

class reader;
struct setting;
struct section;

/// One written value on its way into a struct.
struct value {
    const node& written;
    const setting& what;
    std::string_view heading;  // of the section it stands in
    std::string path;
};

enum class kind {
    flag,
    count,
    size,
    duration,
    rate,
    text,
    choice,
    address,
    network,
    status,
    tag,
    octets,
    table
};

/// What a text is the path of: `secret` is nobody else's to read (a private key), and nobody else
/// may write a file that is `trusted` (a certificate, an authority) or `secret`.
enum class names_file { no, trusted, secret };

/// From when on a running gateway works with a value that was changed in the file.
enum class takes_effect { at_once, new_binds, restart };

struct setting {
    std::string_view key;
    kind form = kind::text;
    bool list = false;
    bool required = false;
    bool secret = false;  // masked in prints; `<key>_file` is accepted too
    names_file file = names_file::no;
    bool listens = false;           // addresses: an IP address to listen on, not a host name
    std::string_view unit = {};     // of counts: "segments"
    std::string_view default_text;  // as TOML; empty = not set
    std::uint64_t min = 0;          // counts, bytes of sizes, milliseconds of durations
    std::uint64_t max = std::numeric_limits<std::uint32_t>::max();
    std::span<const std::string_view> choices = {};  // in the order of the enum
    std::string_view sentence;                       // without full stop
    const section& (*nested)() = nullptr;            // of tables
    takes_effect effect = takes_effect::at_once;

    void (*read)(reader&, const value&, void* object) = nullptr;
    /// The current value as TOML on one line, secrets masked; empty = not set.
    std::string (*print)(const setting&, const void* object) = nullptr;
    bool (*equal)(const void* one, const void* other) = nullptr;
    void (*copy)(void* to, const void* from) = nullptr;
};

struct section {
    std::string_view heading;  // "[server.smpp]", "[[account]]", "rate of [[account]]"
    std::string_view intro;    // one or two sentences for the reference
    const void* defaults;      // an object as the section's struct is before anything is read
    std::vector<setting> settings;
};

const section& root_section();
const section& server_section();
const section& smpp_section();
const section& http_section();
const section& admin_section();
const section& links_section();
const section& link_network_section();
const section& dns_section();
const section& dunning_section();
const section& sandbox_section();
const section& replies_section();
const section& store_section();
const section& log_section();
const section& account_section();
const section& carrier_section();
const section& route_section();

/// The lines of [[carrier]] about what it understands: addresses, ids, TLVs, texts, refusals.
[[nodiscard]] std::vector<setting> carrier_dialect_settings();

/// The lines of [[account]] about why and to whom its messages go.
[[nodiscard]] std::vector<setting> account_purpose_settings();

/// The lines of [[account]] about the rules that its messages are under.
[[nodiscard]] std::vector<setting> account_policy_settings();

/// The line of [[account]] for [account.replies].
[[nodiscard]] std::vector<setting> account_reply_settings();

/// [policy]
const section& policy_section();
/// A policy pack. It is a file of its own, and no part of the reference.
const section& policy_pack_section();
/// A list of user agents. It is a file of its own, and no part of the reference.
const section& agent_list_section();

/// The line of [[account]] for [account.twilio].
[[nodiscard]] std::vector<setting> account_twilio_settings();

/// The line of [[account]] for [[account.token]].
[[nodiscard]] std::vector<setting> account_token_settings();

/// `links` and `announce` of [[account]].
[[nodiscard]] std::vector<setting> account_link_settings();

/// The section with these keys, which it must have, marked with when they take effect.
[[nodiscard]] section with_effect(section what, takes_effect when,
                                  std::initializer_list<std::string_view> keys);

/// [account.jasmin]
const section& jasmin_section();

/// All sections that hold settings, in the order of the reference, nested ones after their owner.
[[nodiscard]] std::vector<const section*> all_sections();

/// `{ key = value, ... }` of everything that is set.
[[nodiscard]] std::string print_inline(const section& what, const void* object);

// Readers and printers of every member type that settings.hpp uses.
void read_value(reader&, const value&, bool&);
void read_value(reader&, const value&, std::uint64_t&);
void read_value(reader&, const value&, std::string&);
/// `step`: what the member counts in, seconds or hours for the coarse ones.
void read_value(reader&, const value&, milliseconds&, milliseconds step);
void read_value(reader&, const value&, rate_limit&);
void read_value(reader&, const value&, address&);
void read_value(reader&, const value&, std::optional<address>&);
void read_value(reader&, const value&, network&);
/// The index in `choices`; false after a fault.
bool read_choice(reader&, const value&, std::size_t& index);
/// Calls `each` for every item of a list; one value without brackets is a list of one, except of
/// tables.
void read_list(reader&, const value&, void (*each)(reader&, const value&, void*), void* target);
/// The table at `v`, into `object`.
void read_sub_table(reader&, const value&, void* object);

std::string print_value(const setting&, bool);
std::string print_value(const setting&, std::uint64_t);
std::string print_value(const setting&, const std::string&);
std::string print_value(const setting&, milliseconds);
std::string print_value(const setting&, const rate_limit&);
std::string print_value(const setting&, const address&);
std::string print_value(const setting&, const std::optional<address>&);
std::string print_value(const setting&, const network&);
std::string print_choice(const setting&, std::size_t index);
std::string print_list(const std::vector<std::string>& items);

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_duration : std::false_type {};
template <class Count, class Period>
struct is_duration<std::chrono::duration<Count, Period>> : std::true_type {};

/// Any member type by way of the overloads above.
template <class T>
void read_any(reader& r, const value& v, T& to) {
    if constexpr (is_vector<T>::value) {
        to.clear();
        read_list(
            r, v,
            [](reader& in, const value& item, void* target) {
                auto& list = *static_cast<T*>(target);
                list.emplace_back();
                read_any(in, item, list.back());
            },
            &to);
    } else if constexpr (std::is_same_v<T, rate_limit> ||
                         std::is_same_v<T, std::optional<address>>) {
        read_value(r, v, to);
    } else if constexpr (is_optional<T>::value) {
        read_any(r, v, to.emplace());
    } else if constexpr (std::is_enum_v<T>) {
        std::size_t index = 0;
        if (read_choice(r, v, index)) to = static_cast<T>(index);
    } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
        std::uint64_t wide = to;  // the range in the table keeps it inside T
        read_value(r, v, wide);
        assert(wide <= std::numeric_limits<T>::max());
        to = static_cast<T>(wide);
    } else if constexpr (is_duration<T>::value) {
        milliseconds fine{to};
        read_value(r, v, fine, milliseconds{T{1}});
        to = std::chrono::duration_cast<T>(fine);
    } else if constexpr (requires { read_value(r, v, to); }) {
        read_value(r, v, to);
    } else {
        read_sub_table(r, v, &to);
    }
}

template <class T>
std::string print_any(const setting& s, const T& from) {
    if constexpr (is_vector<T>::value) {
        std::vector<std::string> items;
        for (const auto& item : from)
            items.push_back(print_any(s, item));
        return print_list(items);
    } else if constexpr (std::is_same_v<T, rate_limit> ||
                         std::is_same_v<T, std::optional<address>>) {
        return print_value(s, from);
    } else if constexpr (is_optional<T>::value) {
        return from ? print_any(s, *from) : std::string{};
    } else if constexpr (std::is_enum_v<T>) {
        return print_choice(s, static_cast<std::size_t>(from));
    } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
        return print_value(s, std::uint64_t{from});
    } else if constexpr (is_duration<T>::value) {
        return print_value(s, milliseconds{from});
    } else if constexpr (requires { print_value(s, from); }) {
        return print_value(s, from);
    } else {
        return print_inline(s.nested(), &from);
    }
}

/// The two functions that compare and copy the member.
template <class Object, auto Member>
void set_access(setting& s) {
    s.equal = [](const void* one, const void* other) {
        return static_cast<const Object*>(one)->*Member ==
               static_cast<const Object*>(other)->*Member;
    };
    s.copy = [](void* to, const void* from) {
        static_cast<Object*>(to)->*Member = static_cast<const Object*>(from)->*Member;
    };
}

/// The line `s` for the member `Member` of `Object` (or of a base of it).
template <class Object, auto Member>
setting field(setting s) {
    s.read = [](reader& r, const value& v, void* object) {
        read_any(r, v, static_cast<Object*>(object)->*Member);
    };
    s.print = [](const setting& self, const void* object) {
        return print_any(self, static_cast<const Object*>(object)->*Member);
    };
    set_access<Object, Member>(s);
    return s;
}

/// SMPP versions as the octet that interface_version has: 0x33 is "3.3".
inline constexpr std::string_view version_words[] = {"3.3", "3.4", "5.0"};
void read_version(reader&, const value&, std::uint8_t&);
std::string print_version(const setting&, std::uint8_t);

/// The line for a version. `key`, `default_text` and `sentence` of `s` are enough.
template <class Object, auto Member>
setting version_field(setting s) {
    s.form = kind::choice;
    s.choices = version_words;
    s.read = [](reader& r, const value& v, void* object) {
        read_version(r, v, static_cast<Object*>(object)->*Member);
    };
    s.print = [](const setting& self, const void* object) {
        return print_version(self, static_cast<const Object*>(object)->*Member);
    };
    set_access<Object, Member>(s);
    return s;
}

/// Short forms of the usual kinds of lines.
namespace make {

setting flag(std::string_view key, std::string_view default_text, std::string_view sentence);
setting count(std::string_view key, std::string_view unit, std::string_view default_text,
              std::uint64_t min, std::uint64_t max, std::string_view sentence);
setting size(std::string_view key, std::string_view default_text, std::uint64_t min,
             std::uint64_t max, std::string_view sentence);
setting duration(std::string_view key, std::string_view default_text, std::uint64_t min,
                 std::uint64_t max, std::string_view sentence);
setting rate(std::string_view key, std::string_view unit, std::string_view default_text,
             std::string_view sentence);
setting choice(std::string_view key, std::string_view default_text,
               std::span<const std::string_view> choices, std::string_view sentence);
setting text(std::string_view key, std::string_view default_text, std::string_view sentence);
setting texts(std::string_view key, std::string_view sentence);
setting required_text(std::string_view key, std::string_view sentence);
setting secret(std::string_view key, std::string_view sentence);
setting required_secret(std::string_view key, std::string_view sentence);
/// The text of `s` is a path.
setting path_of(names_file what, setting s);
/// One table, or with `list` several.
setting table(std::string_view key, const section& (*nested)(), std::string_view sentence,
              bool list = false);

}  // namespace make

/// The object that a section's defaults are taken from.
template <class Object>
const void* defaults_of() {
    static const Object object{};
    return &object;
}

}  // namespace hikyaku::config
