// The lines of [[carrier]] and [[route]] and of the tables inside them.
#include <fmt/format.h>

#include "config/reader.hpp"
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

constexpr std::uint64_t second = 1000;  // durations are limited in milliseconds
constexpr std::uint64_t hour = 3600 * second;
constexpr std::uint64_t day = 24 * hour;

constexpr std::string_view bind_words[] = {"transmitter_receiver", "transceiver"};
constexpr std::string_view id_words[] = {"auto", "text", "hex", "dec"};
constexpr std::string_view unknown_words[] = {"resend", "await_receipt"};
constexpr std::string_view action_words[] = {"retry", "fail", "next_carrier"};

/// A retry rule as it is written, with the status that is the key of the map in `carrier`.
struct retry_entry : retry_rule {
    std::uint32_t status = 0;
};

const section& retry_section() {
    using object = retry_entry;
    static const section made{
        "retry of [[carrier]]",
        "What happens after a refusal by the carrier, one rule for each status. A status without a "
        "rule is treated as usual: full queues and system errors are temporary, wrong addresses "
        "final.",
        defaults_of<object>(),
        {
            field<object, &object::status>(
                {.key = "status",
                 .form = kind::status,
                 .required = true,
                 .default_text = R"("0x00000000")",
                 .min = 1,
                 .sentence = "Name such as `\"ESME_RSYSERR\"` or number such as `\"0x58\"`"}),
            field<object, &object::then>(
                {.key = "action",
                 .form = kind::choice,
                 .required = true,
                 .default_text = R"("fail")",
                 .choices = action_words,
                 .sentence = "Try again here, make it final, or try the route's next carrier"}),
            field<object, &object::delay>(make::duration("delay", R"("30s")", 100, day,
                                                         "Pause before the second attempt, doubled "
                                                         "at each further one")),
            field<object, &object::delay_max>(make::duration(
                "delay_max", R"("1h")", 100, 7 * day, "The pause grows no longer than this")),
            field<object, &object::attempts_max>(
                make::count("attempts_max", "attempts", "10", 1, 1000,
                            "Attempts of a segment before it has failed")),
        }};
    return made;
}

void read_retries(reader& r, const value& v, void* object) {
    auto& rules = static_cast<carrier*>(object)->retries;
    std::vector<retry_entry> entries;
    read_list(
        r, v,
        [](reader& in, const value& item, void* target) {
            auto& list = *static_cast<std::vector<retry_entry>*>(target);
            read_sub_table(in, item, &list.emplace_back());
        },
        &entries);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const retry_entry& each = entries[i];
        if (each.status != 0 && !rules.emplace(each.status, each).second)
            r.fault_at(fmt::format("{}[{}].status", v.path, i),
                       fmt::format("two retry rules for status 0x{:08X}", each.status));
    }
}

std::string print_retries(const setting&, const void* object) {
    std::vector<std::string> items;
    for (const auto& [status, rule] : static_cast<const carrier*>(object)->retries) {
        retry_entry entry;
        static_cast<retry_rule&>(entry) = rule;
        entry.status = status;
        items.push_back(print_inline(retry_section(), &entry));
    }
    return print_list(items);
}

std::vector<setting> connection_settings() {
    using object = carrier;
    return {
        field<object, &object::name>(make::required_text(
            "name",
            "Unique; used in routes, logs and metrics, and kept with every message: "
            "do not rename it while messages wait")),
        field<object, &object::hosts>({.key = "hosts",
                                       .form = kind::address,
                                       .list = true,
                                       .required = true,
                                       .default_text = "[]",
                                       .sentence = "Addresses of the same SMSC, tried in turn"}),
        field<object, &object::tls>(make::flag("tls", "false", "Connect over TLS")),
        field<object, &object::tls_verify>(
            make::flag("tls_verify", "true", "Check the carrier's certificate and host name")),
        field<object, &object::tls_ca>(make::text("tls_ca", R"("")",
                                                  "PEM file of trusted authorities; empty for "
                                                  "those of the system")),
        field<object, &object::system_id>(
            make::required_text("system_id", "Name to bind with, from the carrier")),
        field<object, &object::password>({.key = "password",
                                          .secret = true,
                                          .default_text = R"("")",
                                          .sentence = "Password to bind with"}),
        field<object, &object::system_type>(
            make::text("system_type", R"("")", "Only if the carrier asks for one")),
        field<object, &object::bind>(
            make::choice("bind", R"("transceiver")", bind_words,
                         "One session for both directions, or a pair of one-way sessions")),
        field<object, &object::binds>(
            make::count("binds", "binds", "1", 1, 100, "Sessions (or pairs) at the same time")),
        field<object, &object::window>(
            make::count("window", "requests", "10", 1, 1000,
                        "Segments sent on one bind before the carrier answers")),
        field<object, &object::contract_rate>(
            make::rate("contract_rate", "segments", R"("10/s")",
                       "Agreed rate over all binds; never exceeded in any window of its period")),
    };
}

std::vector<setting> timer_settings() {
    using object = carrier;
    const auto timer = [](std::string_view key, std::string_view default_text, std::uint64_t min,
                          std::uint64_t max, std::string_view sentence) {
        return setting{.key = key,
                       .form = kind::duration,
                       .default_text = default_text,
                       .min = min,
                       .max = max,
                       .sentence = sentence};
    };
    return {
        field<object, &object::enquire_link_interval>(
            timer("enquire_link_interval", R"("30s")", second, hour,
                  "A bind without traffic for this time is asked whether it lives")),
        field<object, &object::response_timeout>(
            timer("response_timeout", R"("1m")", second, hour,
                  "A segment without a response after this time has an unknown outcome")),
        field<object, &object::bind_timeout>(
            timer("bind_timeout", R"("30s")", second, hour,
                  "Time for connecting, TLS and the bind response together")),
        field<object, &object::inactivity_timeout>(
            timer("inactivity_timeout", R"("0s")", 0, day,
                  "A bind that carries no message for this time is given up; `0s` never")),
        field<object, &object::reconnect_min>(
            timer("reconnect_min", R"("1s")", 10, hour,
                  "Pause before the first new try to bind, doubled at each, with jitter")),
        field<object, &object::reconnect_max>(
            timer("reconnect_max", R"("1m")", 10, day, "That pause grows no longer than this")),
        field<object, &object::throttle_pause>(
            timer("throttle_pause", R"("1s")", 10, 30 * second,
                  "Pause after ESME_RTHROTTLED or ESME_RMSGQFUL, doubled up to 30 s")),
    };
}

std::vector<setting> dialect_settings() {
    using object = carrier;
    const auto octet = [](std::string_view key, std::string_view default_text,
                          std::string_view sentence) {
        return setting{.key = key,
                       .form = kind::count,
                       .unit = "code",
                       .default_text = default_text,
                       .max = 255,
                       .sentence = sentence};
    };
    setting retry{.key = "retry",
                  .form = kind::table,
                  .list = true,
                  .sentence = "Rules by status",
                  .nested = retry_section};
    retry.read = read_retries;
    retry.print = print_retries;
    return {
        field<object, &object::response_id>(
            make::choice("response_id", R"("auto")", id_words,
                         "How the carrier writes message ids in its responses")),
        field<object, &object::receipt_id>(make::choice(
            "receipt_id", R"("auto")", id_words, "How it writes the same ids in its receipts")),
        field<object, &object::on_unknown>(
            make::choice("on_unknown", R"("resend")", unknown_words,
                         "A segment that was sent but never answered: send it again (it may come "
                         "twice) or wait for its receipt (it may be lost)")),
        field<object, &object::service_type>(
            make::text("service_type", R"("")", "service_type of every submit_sm")),
        field<object, &object::source_ton>(
            octet("source_ton", "", "Type of number of senders; not set: by their shape")),
        field<object, &object::source_npi>(
            octet("source_npi", "", "Numbering plan of senders; not set: by their shape")),
        field<object, &object::destination_ton>(
            octet("destination_ton", "1", "Type of number of destinations; 1 is international")),
        field<object, &object::destination_npi>(
            octet("destination_npi", "1", "Numbering plan of destinations; 1 is ISDN (E.164)")),
        retry,
    };
}

const section& target_section() {
    using object = route_target;
    static const section made{
        "targets of [[route]]",
        "The carriers of a route.",
        defaults_of<object>(),
        {
            field<object, &object::carrier>(
                make::required_text("carrier", "Name of a [[carrier]]")),
            field<object, &object::weight>(make::count("weight", "shares", "1", 1, 1000000,
                                                       "Share among targets of the same "
                                                       "priority")),
            field<object, &object::priority>(
                make::count("priority", "rank", "0", 0, 1000,
                            "The lowest is tried first, a higher one when those are down")),
        }};
    return made;
}

/// carrier = "a" is short for targets = [{ carrier = "a" }].
setting carrier_shorthand() {
    setting s{.key = "carrier", .sentence = "Short for `targets` with this one carrier"};
    s.read = [](reader& r, const value& v, void* object) {
        auto& targets = static_cast<route*>(object)->targets;
        if (auto name = r.text_of(v)) targets.insert(targets.begin(), {.carrier = *name});
    };
    s.print = [](const setting&, const void*) { return std::string{}; };
    return s;
}

}  // namespace

const section& carrier_section() {
    static const section made = [] {
        section s{"[[carrier]]", "An SMSC or aggregator that messages are handed to over SMPP.",
                  defaults_of<carrier>(), connection_settings()};
        for (const setting& each : timer_settings())
            s.settings.push_back(each);
        for (const setting& each : dialect_settings())
            s.settings.push_back(each);
        return s;
    }();
    return made;
}

const section& route_section() {
    using object = route;
    static const section made{
        "[[route]]",
        "Picks carriers for a message. All conditions that are given must hold. Routes with the "
        "same `order` form a set in which the longest matching prefix wins; sets are tried from "
        "the lowest order on.",
        defaults_of<object>(),
        {
            field<object, &object::name>(
                make::required_text("name", "Unique; used in logs and by `route test`")),
            field<object, &object::order>(
                make::count("order", "rank", "0", 0, 1000000, "Number of the set it belongs to")),
            field<object, &object::accounts>(make::texts("accounts", "Names of accounts")),
            field<object, &object::prefixes>(make::texts(
                "prefixes", "First digits of the destination, international, without `+`")),
            field<object, &object::senders>(
                make::texts("senders", "Sender addresses, `*` at the end for any rest")),
            field<object, &object::tags>(make::texts("tags", "Tags, one of which the message has")),
            carrier_shorthand(),
            field<object, &object::targets>({.key = "targets",
                                             .form = kind::table,
                                             .list = true,
                                             .sentence = "Carriers with weight and priority",
                                             .nested = target_section}),
        }};
    return made;
}

}  // namespace hikyaku::config
