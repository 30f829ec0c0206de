// The lines of [[carrier]] about its connections and timers; tables_dialect.cpp has the rest.
#include <utility>

#include "config/table.hpp"
#include "config/table_units.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view bind_words[] = {"transmitter_receiver", "transceiver", "transmitter",
                                           "receiver"};

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
                                       .default_text = "[]",
                                       .sentence = "Addresses of the same SMSC, tried in turn; "
                                                   "required, but for a carrier that only "
                                                   "connects to us (`outbind_listen`, with `bind "
                                                   "= \"receiver\"`)"}),
        field<object, &object::tls>(make::flag("tls", "false", "Connect over TLS")),
        field<object, &object::tls_verify>(
            make::flag("tls_verify", "true", "Check the carrier's certificate and host name")),
        field<object, &object::tls_ca>(
            make::path_of(names_file::trusted,
                          make::text("tls_ca", R"("")",
                                     "PEM file of trusted authorities; empty for those of the "
                                     "system"))),
        field<object, &object::tls_server_name>(
            make::text("tls_server_name", R"("")",
                       "Name to ask for (SNI) and to check; empty for the one in `hosts`")),
        field<object, &object::tls_certificate>(
            make::path_of(names_file::trusted,
                          make::text("tls_certificate", R"("")",
                                     "PEM file of our own certificate and its chain, shown to the "
                                     "carrier; empty for none"))),
        field<object, &object::tls_private_key>(
            make::path_of(names_file::secret,
                          make::text("tls_private_key", R"("")", "PEM file of its private key"))),
        field<object, &object::system_id>(
            make::required_text("system_id", "Name to bind with, from the carrier")),
        field<object, &object::password>({.key = "password",
                                          .secret = true,
                                          .default_text = R"("")",
                                          .sentence = "Password to bind with"}),
        field<object, &object::system_type>(
            make::text("system_type", R"("")", "Only if the carrier asks for one")),
        version_field<object, &object::version>(
            {.key = "version",
             .default_text = R"("3.4")",
             .sentence = "Version of SMPP to bind with; the carrier may answer with a lower one"}),
        field<object, &object::address_range>(
            make::text("address_range", R"("")",
                       "Numbers whose replies are wanted, as the carrier writes them; only if it "
                       "asks for them")),
        field<object, &object::bind>(
            make::choice("bind", R"("transceiver")", bind_words,
                         "A pair of one-way sessions, one session for both directions, or sessions "
                         "that only send or only receive")),
        field<object, &object::binds>(
            make::count("binds", "binds", "1", 1, 100, "Sessions (or pairs) at the same time")),
        field<object, &object::window>(
            make::count("window", "requests", "10", 1, 1000,
                        "Segments sent on one bind before the carrier answers")),
        field<object, &object::window_adaptive>(
            make::flag("window_adaptive", "true",
                       "Use less of the window after delays and refusals, and more again when all "
                       "is well")),
        field<object, &object::window_delay_target>(
            make::duration("window_delay_target", R"("5s")", 10, hour,
                           "Responses that take longer make an adaptive window smaller")),
        field<object, &object::contract_rate>(
            make::rate("contract_rate", "segments", R"("10/s")",
                       "Agreed rate over all binds; never exceeded in any window of its period")),
    };
}

std::vector<setting> outbind_settings() {
    using object = carrier;
    return {
        field<object, &object::outbind_listen>(
            {.key = "outbind_listen",
             .form = kind::address,
             .listens = true,
             .default_text = R"("off")",
             .sentence = "Address where the carrier may connect and send outbind, which is "
                         "answered by binding as receiver there, or `\"off\"`"}),
        field<object, &object::outbind_tls>(
            make::flag("outbind_tls", "false",
                       "That address speaks TLS, with `tls_certificate` and `tls_private_key`")),
        field<object, &object::outbind_system_id>(
            make::text("outbind_system_id", R"("")", "Name that its outbind must give")),
        field<object, &object::outbind_password>(
            make::secret("outbind_password", "Password that its outbind must give")),
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
        field<object, &object::response_timeout>(timer(
            "response_timeout", R"("1m")", second, hour,
            "A segment without a response after this time has an unknown outcome; a bind that "
            "answers nothing for this time again is given up")),
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

}  // namespace

const section& carrier_section() {
    static const section made = [] {
        section s{"[[carrier]]", "An SMSC or aggregator that messages are handed to over SMPP.",
                  defaults_of<carrier>(), connection_settings()};
        for (const setting& each : timer_settings())
            s.settings.push_back(each);
        for (const setting& each : outbind_settings())
            s.settings.push_back(each);
        for (const setting& each : carrier_dialect_settings())
            s.settings.push_back(each);
        s = with_effect(std::move(s), takes_effect::new_binds,
                        {"hosts", "tls", "tls_verify", "tls_ca", "tls_server_name",
                         "tls_certificate", "tls_private_key", "system_id", "password",
                         "system_type", "version", "address_range", "bind", "binds"});
        return with_effect(std::move(s), takes_effect::restart, {"outbind_listen", "outbind_tls"});
    }();
    return made;
}

}  // namespace hikyaku::config
