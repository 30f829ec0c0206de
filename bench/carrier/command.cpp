#include "bench/carrier/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/carrier/running_carrier.hpp"
#include "bench/values/values.hpp"
#include "config/values.hpp"
#include "gateway/gate/zone_book.hpp"

namespace hikyaku::bench {

namespace {

namespace asio = boost::asio;

void print(const std::string& line) {
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

// An option whose text goes through one of the parsers.
template <class T, class Parse>
CLI::Option* add_parsed(CLI::App& to, const std::string& name, T& into, Parse parse,
                        const std::string& kind, const std::string& help,
                        const std::string& shown_default) {
    return to
        .add_option_function<std::string>(
            name,
            [&into, parse, name](const std::string& text) {
                auto value = parse(text);
                if (!value) throw CLI::ValidationError(name, value.error());
                into = *value;
            },
            help)
        ->type_name(kind)
        ->default_str(shown_default);
}

// An option that may be repeated, each text through the parser.
template <class Step, class Parse>
void add_steps(CLI::App& to, const std::string& name, std::vector<Step>& into, Parse parse,
               const std::string& kind, const std::string& help) {
    to.add_option_function<std::vector<std::string>>(
          name,
          [&into, parse, name](const std::vector<std::string>& texts) {
              for (const std::string& text : texts) {
                  auto value = parse(text);
                  if (!value) throw CLI::ValidationError(name, value.error());
                  into.push_back(*value);
              }
          },
          help + "; may be repeated")
        ->type_name(kind)
        ->delimiter(',');
}

void add_version_options(CLI::App& to, carrier_options& into) {
    const auto version = [](const std::string& text) -> parsed<std::uint8_t> {
        if (text == "3.3") return std::uint8_t{0x33};
        if (text == "3.4") return std::uint8_t{0x34};
        if (text == "5.0") return std::uint8_t{0x50};
        return fmt::format("'{}' is none of 3.3, 3.4, 5.0", text);
    };
    add_parsed(to, "--version", into.version, version, "VERSION", "the highest spoken", "5.0");
    const auto outbind = [](const std::string& text) -> parsed<std::optional<outbind_call>> {
        const auto where = parse_endpoint(text);
        if (!where) return {boost::system::in_place_error, where.error()};
        outbind_call made;
        made.host = where->address().to_string();
        made.port = where->port();
        return std::optional(made);
    };
    add_parsed(to, "--outbind", into.outbind, outbind, "ADDRESS",
               "call there and say outbind, again whenever the call ends", "");
    to.add_option_function<std::string>(
        "--outbind-password",
        [&into](const std::string& text) {
            if (!into.outbind) throw CLI::ValidationError("--outbind-password", "needs --outbind");
            into.outbind->password = text;
        },
        "what outbind says, with the system_id \"simulated\"");
}

void add_sending_options(CLI::App& to, carrier_options& into) {
    const auto form = [](const std::string& text) -> parsed<id_form> {
        if (const auto found = id_form_from(text)) return *found;
        return fmt::format("'{}' is none of decimal, hex, uuid", text);
    };
    add_parsed(to, "--id-form", into.response_ids, form, "FORM",
               "message ids in responses: decimal, hex or uuid", "decimal");
    add_parsed(to, "--receipt-id-form", into.receipt_ids, form, "FORM",
               "message ids in receipts: decimal, hex or uuid", "decimal");
    add_parsed(to, "--receipt-delay", into.receipt_delay, parse_span, "TIME",
               "from a submission to its receipt", "0.5s");
    add_parsed(to, "--receipt-jitter", into.receipt_jitter, parse_span, "TIME",
               "up to this much more, at random", "0");
    add_parsed(to, "--receipt-before-response", into.receipt_before_response, parse_fraction,
               "FRACTION", "of receipts that come before the response", "0");
    add_parsed(to, "--fail", into.fail, parse_fraction, "FRACTION", "of receipts that say UNDELIV",
               "0");
    add_parsed(to, "--no-receipt", into.no_receipt, parse_fraction, "FRACTION",
               "of receipts that never come", "0");
    add_parsed(to, "--duplicate-receipts", into.duplicate_receipts, parse_fraction, "FRACTION",
               "of receipts that come twice", "0");
    to.add_flag_callback(
        "--no-receipt-tlvs", [&into] { into.receipts = receipt_form::text; },
        "receipts without receipted_message_id and message_state");
    const auto shape = [](const std::string& text) -> parsed<receipt_form> {
        if (const auto found = receipt_form_from(text)) return *found;
        return fmt::format("'{}' is none of both, text, tlvs", text);
    };
    add_parsed(to, "--receipts", into.receipts, shape, "FORM",
               "what a receipt says is in its text, in TLVs, or in both", "both");
    to.add_flag("--receipts-in-data-sm", into.receipts_in_data_sm, "instead of deliver_sm");
    to.add_option("--window", into.window, "deliver_sm without response on one session, a number")
        ->capture_default_str();
}

void add_fault_options(CLI::App& to, carrier_options& into) {
    add_parsed(to, "--response-delay", into.response_delay, parse_span, "TIME",
               "from a submission to its response", "0");
    add_steps(to, "--response-delay-step", into.delay_steps, parse_delay_step, "TIME:TIME",
              "from this time after the first submission on, responses take so long");
    add_steps(to, "--congestion-step", into.congestion_steps, parse_congestion_step, "TIME:STATE",
              "from this time after the first submission on, congestion_state is so much");
    const auto body = [](const std::string& text) -> parsed<response_body> {
        if (const auto found = response_body_from(text)) return *found;
        return fmt::format("'{}' is none of id, empty, none", text);
    };
    add_parsed(to, "--response-body", into.body, body, "FORM",
               "of successful responses: the id, an empty id, or no body at all", "id");
    to.add_option_function<std::vector<std::string>>(
          "--refuse",
          [&into](const std::vector<std::string>& texts) {
              for (const std::string& text : texts) {
                  auto value = parse_refusal(text);
                  if (!value) throw CLI::ValidationError("--refuse", value.error());
                  into.refuse.push_back(*value);
              }
          },
          "of submissions to refuse, like ESME_RSYSERR:0.1; may be repeated")
        ->type_name("STATUS:FRACTION")
        ->delimiter(',');
    const auto throttle = [](const std::string& text) -> parsed<std::uint32_t> {
        const auto pace = parse_pace(text);
        if (!pace) return pace.error();
        if (!*pace) return 0U;
        if (**pace < 1) return std::string("at least 1/s");
        return static_cast<std::uint32_t>(**pace);
    };
    add_parsed(to, "--throttle", into.throttle_per_second, throttle, "RATE",
               "above it, in any sliding second, the answer is ESME_RTHROTTLED", "max");
    to.add_option("--disconnect-after", into.disconnect_after,
                  "close a connection after this number of submissions; 0 = never")
        ->capture_default_str();
    add_parsed(to, "--disconnect-every", into.disconnect_every, parse_span, "TIME",
               "after it all connections are closed, again and again; 0 = never", "0");
    to.add_option("--seed", into.seed, "number that decides which messages are hit")
        ->capture_default_str();
}

void add_phone_options(CLI::App& to, carrier_options& into) {
    add_parsed(to, "--phone-off", into.phone_off, parse_fraction, "FRACTION",
               "of phones that are off as a text comes", "0");
    add_parsed(to, "--phone-off-for", into.phone_off_for, parse_span, "TIME",
               "for how long at most, at random", "12h");
    add_parsed(to, "--retry-for", into.retry_for, parse_span, "TIME",
               "how long the carrier tries a phone that is off", "72h");
    to.add_flag("--ignore-validity", into.ignores_validity,
                "it tries on when the validity period is over");
    to.add_option_function<std::string>(
          "--phone-zone",
          [&into](const std::string& name) {
              if (gateway::gate::zone_book().find(name) == nullptr)
                  throw CLI::ValidationError("--phone-zone", "the system has no zone " + name);
              into.phone_zone = name;
          },
          "time zone of all phones; unset: that of each number")
        ->type_name("ZONE");
}

}  // namespace

void add_carrier_options(CLI::App& to, carrier_command_options& into) {
    add_parsed(to, "--listen", into.listen, parse_endpoint, "ADDRESS",
               "for SMPP; port 0 = any free one", "127.0.0.1:2776");
    const auto web = [](const std::string& text) -> parsed<std::optional<asio::ip::tcp::endpoint>> {
        if (text == "none") return std::optional<asio::ip::tcp::endpoint>();
        const auto endpoint = parse_endpoint(text);
        if (!endpoint) return endpoint.error();
        return std::optional(*endpoint);
    };
    add_parsed(to, "--web", into.web, web, "ADDRESS", "of the phone page, or none",
               "127.0.0.1:8090");
    to.add_option("--system-id", into.carrier.system_id, "the only one that may bind; unset: any");
    to.add_option("--password", into.carrier.password, "what it must give; unset: any");
    add_version_options(to, into.carrier);
    add_sending_options(to, into.carrier);
    add_fault_options(to, into.carrier);
    add_phone_options(to, into.carrier);
    to.add_flag("--no-phone", into.no_phone, "keep no texts: for load runs");
    to.add_flag("--rate-report", into.rate_report,
                "print the figures as one line of JSON at the end and on SIGUSR1");
    to.add_option("--record", into.record,
                  "write the destination of every accepted submission to this file")
        ->type_name("FILE");
    to.footer(
        "TIME: a number and us, ms, s, min or h (0.5s). FRACTION: 0 to 1, or 5%. RATE: 100/s.\n"
        "The phones have no password: keep --web on an address that only you can reach.");
}

namespace {

void on_usr1(asio::signal_set& signals, const carrier_simulator& carrier) {
    signals.async_wait([&](const boost::system::error_code& error, int) {
        if (error) return;
        print(to_json(carrier.stats()));
        on_usr1(signals, carrier);
    });
}

int run(const carrier_command_options& options) {
    asio::io_context context(1);
    gateway::io::tasks background(context);
    running_carrier running(background, options);
    auto& carrier = running.carrier();
    if (!running.open()) return 1;
    asio::signal_set reports(context);
    if (options.rate_report) {
        reports.add(SIGUSR1);
        on_usr1(reports, carrier);
    }
    asio::signal_set ends(context, SIGTERM, SIGINT);
    ends.async_wait([&](const boost::system::error_code& error, int) {
        if (error) return;
        // A second signal does not wait for anybody.
        ends.async_wait([&](const boost::system::error_code&, int) { context.stop(); });
        running.stop([&] { context.stop(); });
    });
    context.run();
    if (options.rate_report) print(to_json(carrier.stats()));
    return 0;
}

}  // namespace

running_carrier::running_carrier(gateway::io::tasks& background,
                                 const carrier_command_options& options)
    : options_(options),
      carrier_(background.context().get_executor(), options.carrier),
      pages_(carrier_),
      web_(background, "phone", {}, pages_) {}

bool running_carrier::open(std::string_view name) {
    if (!options_.record.empty()) {
        if (const auto error = carrier_.record_to(options_.record)) {
            fmt::print(stderr, "cannot write {}: {}\n", options_.record, error.message());
            return false;
        }
    }
    if (const auto opened = carrier_.listen(options_.listen); !opened) {
        fmt::print(stderr, "cannot listen on {}: {}\n", format_endpoint(options_.listen),
                   opened.error().message());
        return false;
    }
    print(fmt::format("{} listening on {}", name, format_endpoint(carrier_.local())));
    if (!options_.web) return true;
    const auto where = web_.listen({options_.web->address().to_string(), options_.web->port()});
    if (!where) {
        fmt::print(stderr, "cannot listen on {}: {}\n", format_endpoint(*options_.web),
                   where.error().message());
        return false;
    }
    print(fmt::format("phone on http://{}", format_endpoint(*where)));
    return true;
}

void running_carrier::stop(std::function<void()> on_stopped) {
    web_.stop();
    carrier_.stop(std::move(on_stopped));
}

void register_carrier_command(CLI::App& app, int& exit_code) {
    CLI::App* const command = app.add_subcommand(
        "carrier", "a simulated carrier: accepts messages, sends receipts, shows the phones");
    const auto options = std::make_shared<carrier_command_options>();
    add_carrier_options(*command, *options);
    command->callback([options, &exit_code] {
        options->carrier.phone = !options->no_phone;
        if (const auto fault = fault_of(options->carrier)) {
            fmt::print(stderr, "{}\n", *fault);
            exit_code = 2;
            return;
        }
        exit_code = run(*options);
    });
}

}  // namespace hikyaku::bench
