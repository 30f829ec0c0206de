#include "config/reference.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/table.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view introduction = R"(# Configuration

One TOML file holds the whole configuration. `hikyaku check FILE` reads it and lists every fault
with its line; `config/demo.toml` is the smallest useful file and `config/hikyaku.toml` shows every
section. This page is generated from the settings table, the same one that reads the file.

## How values are written

| type | form |
|---|---|
| duration | a whole number with `ms`, `s`, `m` (or `min`), `h` or `d`: `"500ms"`, `"30s"`, `"5m"` |
| size | a whole number with `B`, `KiB`, `MiB`, `GiB` or `TiB`: `"64MiB"` |
| rate | `"100/s"`, `"30/min"`, `"5000/h"`, `"100000/d"`, or the word `"unlimited"` |
| address | `"smsc.example:2775"`, `"[::1]:2775"`; to listen on, an IP address and no name |
| tag | number of a TLV: `"0x1400"` or `0x1400` |
| octets | a text, which stands for its own octets, or `"0x"` and two digits for each: `"0x0A1B"` |
| network | `"10.0.0.0/8"`, `"2001:db8::/32"`, or one address |
| list | values in brackets; a list of one may leave the brackets out |

A number where a unit is needed is a fault, and so is a key that is not on this page.

* `${NAME}` in any text is replaced by the environment variable, `${NAME:-default}` falls back to
  the default when the variable is not set or empty, and `$${` stands for a plain `${`. Numbers and
  true/false can come from the environment too: `node = "${NODE}"`.
* A key marked *secret* may be written as `KEY_file` instead, the path of a file with the value; the
  end of line behind it is dropped. For a list, the file has one value a line; lines that begin
  with `#` are skipped. Secrets are masked wherever the configuration is printed, and so are user,
  password, query and fragment of URLs.
* Nobody else may write what the gateway trusts: the configuration, files of secrets, certificates,
  authorities and private keys. One that everybody on the machine can write is a fault. A private
  key, a file of secrets, or a configuration with a secret in it that everybody can read is a
  warning, as containers mount secrets that way. What the group of a file may do is not judged.
* Relative paths are relative to the working directory of the process.
* The file can be read again while the gateway runs (docs/operations.md, "Reload"). What is changed
  then counts at once, but for keys that are marked *new binds*, which make the carrier be bound to
  anew, and *restart*, which wait for the next start.
)";

std::string type_text(const setting& s) {
    static constexpr std::string_view names[] = {
        "true or false", "number",  "size",   "duration", "rate",   "text", "choice",
        "address",       "network", "status", "tag",      "octets", "table"};
    std::string text{names[static_cast<std::size_t>(s.form)]};
    if (s.form == kind::choice) {
        text = fmt::format("`\"{}\"`", fmt::join(s.choices, "\"`, `\""));
        if (!s.list) return "one of " + text;
    }
    if (s.list && s.form == kind::choice)
        text = "list out of " + text;
    else if (s.list)
        text = fmt::format("list of {}{}", text, text == "address" ? "es" : "s");
    return s.secret ? text + ", *secret*" : text;
}

std::string unit_text(const setting& s) {
    if (s.form == kind::rate) return std::string{s.unit};
    if (s.form == kind::count) return fmt::format("{}, {} to {}", s.unit, s.min, s.max);
    if (s.form == kind::size)
        return fmt::format("{} to {}", format_size(s.min), format_size(s.max));
    if (s.form == kind::duration)
        return fmt::format("{} to {}", format_duration(milliseconds{s.min}),
                           format_duration(milliseconds{s.max}));
    return {};
}

std::string default_text(const setting& s) {
    if (s.required) return "required";
    if (s.form == kind::table || s.default_text.empty()) return "not set";
    return fmt::format("`{}`", s.default_text);
}

std::string_view effect_text(const setting& s) {
    return s.effect == takes_effect::restart     ? "; *restart*"
           : s.effect == takes_effect::new_binds ? "; *new binds*"
                                                 : "";
}

void add_section(std::string& out, const section& what) {
    // [server] alone holds no setting.
    if (what.intro.empty()) return;
    const bool top = what.heading.starts_with('[');
    out += fmt::format(
        "\n{} {}\n\n{}\n\n| key | type | default | unit, range | meaning |\n"
        "|---|---|---|---|---|\n",
        top ? "##" : "###", top ? fmt::format("`{}`", what.heading) : what.heading, what.intro);
    for (const setting& each : what.settings)
        out += fmt::format("| `{}` | {} | {} | {} | {}{} |\n", each.key, type_text(each),
                           default_text(each), unit_text(each), each.sentence, effect_text(each));
}

void print_section(std::string& out, const section& what, const void* object) {
    out += fmt::format("{}{}\n", out.empty() ? "" : "\n", what.heading);
    for (const setting& each : what.settings)
        if (const std::string text = each.print(each, object); !text.empty())
            out += fmt::format("{} = {}\n", each.key, text);
}

}  // namespace

std::string markdown_reference() {
    std::string out{introduction};
    for (const section* each : all_sections())
        add_section(out, *each);
    return out;
}

std::string effective_text(const settings& from) {
    std::string out;
    const auto print = [&](const section& what, const void* object) {
        print_section(out, what, object);
    };
    print(smpp_section(), &from.smpp);
    print(http_section(), &from.http);
    print(admin_section(), &from.admin);
    print(links_section(), &from.links);
    print(dns_section(), &from.dns);
    print(replies_section(), &from.replies);
    print(store_section(), &from.store);
    print(dunning_section(), &from.dunning);
    print(sandbox_section(), &from.sandbox);
    print(log_section(), &from.log);
    print(policy_section(), &from.policy);
    for (const account& each : from.accounts)
        print(account_section(), &each);
    for (const carrier& each : from.carriers)
        print(carrier_section(), &each);
    for (const route& each : from.routes)
        print(route_section(), &each);
    return out;
}

}  // namespace hikyaku::config
