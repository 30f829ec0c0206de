#include "config/table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/algorithm/hex.hpp>
#include <charconv>
#include <iterator>

#include "config/nearest.hpp"
#include "config/reader.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view secret_mask = "********";
constexpr std::string_view off = "off";  // an optional listener that is not wanted

std::string range_text(const setting& s, std::string (*format)(std::uint64_t)) {
    return fmt::format("must be from {} to {}", format(s.min), format(s.max));
}

void check_range(reader& r, const value& v, std::uint64_t number,
                 std::string (*format)(std::uint64_t)) {
    if (number < v.what.min || number > v.what.max)
        r.wrong(v, fmt::format("{}, not {}", range_text(v.what, format), format(number)));
}

std::string format_count(std::uint64_t number) {
    return std::to_string(number);
}

std::string format_milliseconds(std::uint64_t number) {
    return format_duration(milliseconds{static_cast<std::int64_t>(number)});
}

/// A text in one of the forms with units; a bare number gets a sentence that shows the form.
template <class T>
void read_written(reader& r, const value& v, parsed<T> (*parse)(std::string_view), T& to,
                  std::string_view example) {
    if (v.written.type == node::kind::integer)
        return r.wrong(v, fmt::format("needs a unit: write {} instead of {}",
                                      fmt::format(fmt::runtime(example), v.written.integer),
                                      v.written.integer));
    const auto text = r.text_of(v);
    if (!text) return;
    auto result = parse(*text);
    if (!result) return r.wrong(v, result.error());
    to = std::move(*result);
}

/// The number that a text of "0x" and up to eight digits says; `good` tells whether it is one.
std::uint32_t hex_or(std::string_view text, bool& good) {
    std::uint32_t number = 0;
    good = text.size() > 2 && text.size() <= 10 && text.starts_with("0x");
    if (!good) return 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data() + 2, end, number, 16);
    good = error == std::errc{} && at == end;
    return number;
}

/// A tag: "0x1400" or 0x1400.
void read_tag(reader& r, const value& v, std::uint64_t& to) {
    bool good = true;
    if (v.written.type == node::kind::integer) {
        good = v.written.integer >= 0;
        to = static_cast<std::uint64_t>(v.written.integer);
    } else {
        const auto text = r.text_of(v);
        if (!text) return;
        to = hex_or(*text, good);
    }
    if (!good || to < v.what.min || to > v.what.max)
        r.wrong(v, fmt::format("must be the number of a tag from 0x{:04X} to 0x{:04X}, written as "
                               "\"0x1400\"",
                               v.what.min, v.what.max));
}

/// "0x" and pairs of digits as octets; any other text as its own octets. Empty after a fault.
std::optional<std::string> octets_of(std::string_view text) {
    if (!text.starts_with("0x")) return std::string{text};
    try {
        return boost::algorithm::unhex(std::string(text.substr(2)));
    } catch (const boost::algorithm::hex_decode_error&) {
        return std::nullopt;
    }
}

std::string print_octets(std::string_view octets) {
    const bool plain = !octets.starts_with("0x") &&
                       std::ranges::all_of(octets, [](char c) { return c >= ' ' && c <= '~'; });
    if (plain) return in_quotes(octets);
    std::string text = "0x";
    boost::algorithm::hex(octets, std::back_inserter(text));
    return in_quotes(text);
}

/// A text with "://" in it as it may be shown, whatever its setting: user, password, query and
/// fragment are often secrets.
std::string masked_url(const std::string& text) {
    const auto scheme = text.find("://");
    if (scheme == std::string::npos) return text;
    const auto begin = scheme + 3;
    const auto tail = std::min(text.find_first_of("?#", begin), text.size());
    const auto slash = std::min(text.find('/', begin), tail);
    const auto at = text.rfind('@', slash);
    std::string shown = text.substr(0, begin);
    const bool has_user = at != std::string::npos && at >= begin && at < slash;
    if (has_user) shown.append(secret_mask).append("@");
    shown += has_user ? text.substr(at + 1, tail - at - 1) : text.substr(begin, tail - begin);
    if (tail < text.size()) shown.append(1, text[tail]).append(secret_mask);
    return shown;
}

/// A command_status: ESME_RSYSERR, "0x58" or 0x58.
void read_status(reader& r, const value& v, std::uint64_t& to) {
    if (v.written.type == node::kind::integer) {
        to = static_cast<std::uint64_t>(v.written.integer);
        return check_range(r, v, to, format_count);
    }
    const auto text = r.text_of(v);
    if (!text) return;
    bool good = false;
    to = hex_or(*text, good);
    if (good) return;
    const auto found = r.status_of_name(*text);
    if (!found)
        return r.wrong(v, fmt::format("is no known status: {}; write a name as "
                                      "\"ESME_RTHROTTLED\" or a number as \"0x58\"",
                                      in_quotes(*text)));
    to = *found;
}

}  // namespace

void read_value(reader& r, const value& v, bool& to) {
    if (const auto flag = r.flag_of(v)) to = *flag;
}

void read_value(reader& r, const value& v, std::uint64_t& to) {
    std::uint64_t read = to;
    const std::size_t before = r.fault_count();
    if (v.what.form == kind::status) {
        read_status(r, v, read);
    } else if (v.what.form == kind::tag) {
        read_tag(r, v, read);
    } else if (v.what.form == kind::size) {
        read_written(r, v, parse_size, read, "\"{}B\" or \"64KiB\"");
        if (r.fault_count() == before) check_range(r, v, read, format_size);
    } else if (const auto number = r.integer_of(v)) {
        if (*number < 0) return r.wrong(v, range_text(v.what, format_count));
        read = static_cast<std::uint64_t>(*number);
        check_range(r, v, read, format_count);
    }
    if (r.fault_count() == before) to = read;
}

void read_value(reader& r, const value& v, std::string& to) {
    auto text = r.text_of(v);
    if (!text) return;
    if (!v.what.choices.empty() &&
        std::ranges::find(v.what.choices, *text) == v.what.choices.end()) {
        std::size_t ignored = 0;
        (void)read_choice(r, v, ignored);
        return;
    }
    if (v.what.form == kind::octets) {
        text = octets_of(*text);
        if (!text) return r.wrong(v, "must be a text, or \"0x\" and two digits for each octet");
    }
    if (v.what.required && text->empty()) return r.wrong(v, "must not be empty");
    to = std::move(*text);
    if (v.what.file != names_file::no && !to.empty())
        r.check_file(v, to, v.what.file == names_file::secret);
}

void read_value(reader& r, const value& v, milliseconds& to, milliseconds step) {
    milliseconds read = to;
    const std::size_t before = r.fault_count();
    read_written(r, v, parse_duration, read, "\"{}s\"");
    if (r.fault_count() != before) return;
    if (read % step != milliseconds{0})
        return r.wrong(v, fmt::format("must be a whole number of {}",
                                      step == seconds{1}                ? "seconds"
                                      : step == std::chrono::minutes{1} ? "minutes"
                                                                        : "hours"));
    check_range(r, v, static_cast<std::uint64_t>(read.count()), format_milliseconds);
    if (r.fault_count() == before) to = read;
}

void read_value(reader& r, const value& v, rate_limit& to) {
    read_written(r, v, parse_rate, to, "\"{}/s\" or \"unlimited\"");
}

void read_value(reader& r, const value& v, address& to) {
    const auto text = r.text_of(v);
    if (!text) return;
    auto result = parse_address(*text);
    if (!result) return r.wrong(v, result.error());
    if (v.what.listens && !is_ip_address(result->host))
        return r.wrong(v, fmt::format("must be an IP address to listen on, not the name {}",
                                      in_quotes(result->host)));
    if (!v.what.listens && result->port == 0)
        return r.wrong(v, "needs a port to connect to, not 0");
    to = std::move(*result);
}

void read_value(reader& r, const value& v, std::optional<address>& to) {
    if (v.written.type == node::kind::text && v.written.text == off) {
        to.reset();
        return;
    }
    address read;
    const std::size_t before = r.fault_count();
    read_value(r, v, read);
    if (r.fault_count() == before) to = std::move(read);
}

void read_value(reader& r, const value& v, network& to) {
    const auto text = r.text_of(v);
    if (!text) return;
    auto result = parse_network(*text);
    if (!result) return r.wrong(v, result.error());
    to = *result;
}

bool read_choice(reader& r, const value& v, std::size_t& index) {
    const auto text = r.text_of(v);
    if (!text) return false;
    const auto found = std::ranges::find(v.what.choices, *text);
    if (found != v.what.choices.end()) {
        index = static_cast<std::size_t>(found - v.what.choices.begin());
        return true;
    }
    r.wrong(v,
            fmt::format("must be one of \"{}\", not {}", fmt::join(v.what.choices, "\", \""),
                        in_quotes(*text)),
            nearest(*text, {v.what.choices.begin(), v.what.choices.end()}));
    return false;
}

void read_list(reader& r, const value& v, void (*each)(reader&, const value&, void*),
               void* target) {
    if (v.written.type != node::kind::list) {
        if (v.what.form == kind::table)
            return r.wrong(v, fmt::format("must be a list of tables, written as [[{}]] or "
                                          "[ {{ ... }} ]",
                                          v.what.key));
        return each(r, v, target);
    }
    for (std::size_t i = 0; i < v.written.items.size(); ++i) {
        const node& item = v.written.items[i];
        each(r, value{item, v.what, v.heading, fmt::format("{}[{}]", v.path, i)}, target);
    }
}

void read_sub_table(reader& r, const value& v, void* object) {
    if (!r.expect(v, node::kind::table, "a table")) return;
    r.read_table(v.what.nested(), v.written, v.path, object);
}

std::string print_value(const setting&, bool from) {
    return from ? "true" : "false";
}

std::string print_value(const setting& s, std::uint64_t from) {
    if (s.form == kind::tag) return fmt::format("\"0x{:04X}\"", from);
    if (s.form == kind::status) return fmt::format("\"0x{:08X}\"", from);
    return s.form == kind::size ? in_quotes(format_size(from)) : std::to_string(from);
}

std::string print_value(const setting& s, const std::string& from) {
    if (s.secret && !from.empty()) return in_quotes(secret_mask);
    return s.form == kind::octets ? print_octets(from) : in_quotes(masked_url(from));
}

std::string print_value(const setting&, milliseconds from) {
    return in_quotes(format_duration(from));
}

std::string print_value(const setting&, const rate_limit& from) {
    return in_quotes(format_rate(from));
}

std::string print_value(const setting&, const address& from) {
    return in_quotes(format_address(from));
}

std::string print_value(const setting&, const std::optional<address>& from) {
    return in_quotes(from ? format_address(*from) : std::string{off});
}

std::string print_value(const setting&, const network& from) {
    return in_quotes(format_network(from));
}

std::string print_choice(const setting& s, std::size_t index) {
    return in_quotes(s.choices[index]);
}

void read_version(reader& r, const value& v, std::uint8_t& to) {
    constexpr std::uint8_t versions[] = {0x33, 0x34, 0x50};
    std::size_t index = 0;
    if (read_choice(r, v, index)) to = versions[index];
}

std::string print_version(const setting& s, std::uint8_t from) {
    return print_choice(s, from >= 0x50 ? 2 : from >= 0x34 ? 1 : 0);
}

std::string print_list(const std::vector<std::string>& items) {
    return fmt::format("[{}]", fmt::join(items, ", "));
}

std::string print_inline(const section& what, const void* object) {
    std::vector<std::string> parts;
    for (const setting& each : what.settings)
        if (const std::string text = each.print(each, object); !text.empty())
            parts.push_back(fmt::format("{} = {}", each.key, text));
    return fmt::format("{{ {} }}", fmt::join(parts, ", "));
}

namespace make {

setting flag(std::string_view key, std::string_view default_text, std::string_view sentence) {
    return {.key = key, .form = kind::flag, .default_text = default_text, .sentence = sentence};
}

setting count(std::string_view key, std::string_view unit, std::string_view default_text,
              std::uint64_t min, std::uint64_t max, std::string_view sentence) {
    return {.key = key,
            .form = kind::count,
            .unit = unit,
            .default_text = default_text,
            .min = min,
            .max = max,
            .sentence = sentence};
}

setting size(std::string_view key, std::string_view default_text, std::uint64_t min,
             std::uint64_t max, std::string_view sentence) {
    return {.key = key,
            .form = kind::size,
            .default_text = default_text,
            .min = min,
            .max = max,
            .sentence = sentence};
}

setting duration(std::string_view key, std::string_view default_text, std::uint64_t min,
                 std::uint64_t max, std::string_view sentence) {
    return {.key = key,
            .form = kind::duration,
            .default_text = default_text,
            .min = min,
            .max = max,
            .sentence = sentence};
}

setting rate(std::string_view key, std::string_view unit, std::string_view default_text,
             std::string_view sentence) {
    return {.key = key,
            .form = kind::rate,
            .unit = unit,
            .default_text = default_text,
            .sentence = sentence};
}

setting choice(std::string_view key, std::string_view default_text,
               std::span<const std::string_view> choices, std::string_view sentence) {
    return {.key = key,
            .form = kind::choice,
            .default_text = default_text,
            .choices = choices,
            .sentence = sentence};
}

setting text(std::string_view key, std::string_view default_text, std::string_view sentence) {
    return {.key = key, .default_text = default_text, .sentence = sentence};
}

setting texts(std::string_view key, std::string_view sentence) {
    return {.key = key, .list = true, .default_text = "[]", .sentence = sentence};
}

setting required_text(std::string_view key, std::string_view sentence) {
    return {.key = key, .required = true, .default_text = R"("")", .sentence = sentence};
}

setting secret(std::string_view key, std::string_view sentence) {
    return {.key = key, .secret = true, .default_text = R"("")", .sentence = sentence};
}

setting required_secret(std::string_view key, std::string_view sentence) {
    setting made = secret(key, sentence);
    made.required = true;
    return made;
}

setting path_of(names_file what, setting s) {
    s.file = what;
    return s;
}

setting table(std::string_view key, const section& (*nested)(), std::string_view sentence,
              bool list) {
    return {.key = key, .form = kind::table, .list = list, .sentence = sentence, .nested = nested};
}

}  // namespace make

namespace {

void add_with_nested(std::vector<const section*>& list, const section& what) {
    list.push_back(&what);
    for (const setting& each : what.settings)
        if (each.nested) add_with_nested(list, each.nested());
}

}  // namespace

section with_effect(section what, takes_effect when, std::initializer_list<std::string_view> keys) {
    for (const auto key : keys) {
        const auto at = std::ranges::find(what.settings, key, &setting::key);
        assert(at != what.settings.end());
        at->effect = when;
    }
    return what;
}

std::vector<const section*> all_sections() {
    std::vector<const section*> list;
    add_with_nested(list, root_section());
    return list;
}

}  // namespace hikyaku::config
