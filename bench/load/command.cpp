#include "bench/load/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "bench/load/http_load.hpp"
#include "bench/load/idle_load.hpp"
#include "bench/load/smpp_load.hpp"
#include "bench/values/values.hpp"
#include "config/values.hpp"

namespace hikyaku::bench {

namespace {

namespace asio = boost::asio;

struct command_options {
    load_options load;
    std::string target = "127.0.0.1:2775";
    std::string http;           // URL; given: HTTP instead of SMPP
    std::string redirect_file;  // given: GET these
    std::uint32_t length = 0;   // given: a text of this many characters
};

// A run of readable characters of the GSM alphabet.
std::string text_of_length(std::uint32_t characters) {
    constexpr std::string_view sentence = "Reminder of invoice 0123456789, please pay in time. ";
    std::string text;
    while (text.size() < characters)
        text += sentence;
    text.resize(characters);
    return text;
}

template <class T, class Parse>
void add_parsed(CLI::App& to, const std::string& name, T& into, Parse parse,
                const std::string& kind, const std::string& help,
                const std::string& shown_default) {
    to.add_option_function<std::string>(
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

void add_options(CLI::App& to, command_options& into) {
    load_options& load = into.load;
    const auto at_least_one = CLI::Range(1U, 1'000'000U);
    to.add_option("--target", into.target, "of the SMPP server")
        ->type_name("ADDRESS")
        ->capture_default_str();
    to.add_option("--system-id", load.system_id, "of the bind")->capture_default_str();
    to.add_option("--password", load.password, "of the bind")->capture_default_str();
    to.add_option("--binds", load.binds, "number of transceivers")
        ->capture_default_str()
        ->check(CLI::Range(1U, 100'000U));
    to.add_option("--accounts", load.accounts,
                  "bind in turn as the system_id followed by 1 to this number; 0: as it is")
        ->capture_default_str()
        ->check(CLI::Range(0U, 100'000U));
    add_parsed(to, "--idle", load.idle, parse_span, "TIME",
               "only hold the binds, answering enquire_link, and send nothing", "no");
    to.add_option("--window", load.window, "requests without response on each bind")
        ->capture_default_str()
        ->check(at_least_one);
    add_parsed(to, "--rate", load.per_second, parse_pace, "RATE",
               "of messages, in an open loop, or max: as fast as windows allow", "max");
    add_parsed(to, "--duration", load.duration, parse_span, "TIME", "of the run",
               "10s unless --count is given");
    to.add_option("--count", load.count, "number of messages")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40));
    add_parsed(to, "--wait", load.wait, parse_span, "TIME",
               "to wait at the end for responses and receipts", "30s");
    add_parsed(to, "--report-every", load.report_every, parse_span, "TIME",
               "one more JSON object for each interval of this length", "never");
    to.add_option("--from", load.from, "sender")->capture_default_str();
    to.add_option("--to-prefix", load.to_prefix, "what all destinations begin with")
        ->capture_default_str();
    to.add_option("--to-digits", load.to_digits, "number of digits counted up behind it")
        ->capture_default_str()
        ->check(CLI::Range(1U, 15U));
    auto* const text = to.add_option("--text", load.text, "of each message")->capture_default_str();
    to.add_option("--length", into.length, "a made-up text of this many characters instead")
        ->check(CLI::Range(1U, 38'000U))
        ->excludes(text);
    to.add_option("--registered", load.registered,
                  "1: ask for receipts and wait for them; 0: responses only")
        ->capture_default_str();
    to.add_option("--outstanding", load.outstanding_max,
                  "messages without receipt at which sending pauses")
        ->capture_default_str()
        ->check(CLI::Range(std::size_t{1}, std::size_t{100'000'000}));
    to.add_option("--http", into.http, "of the HTTP API, http://host:port; instead of SMPP")
        ->type_name("URL");
    to.add_option("--token", load.token, "API token, with --http");
    to.add_option("--connections", load.connections, "number of HTTP connections")
        ->capture_default_str()
        ->check(CLI::Range(1U, 10'000U));
    to.add_option("--batch", load.batch, "messages in one HTTP request")
        ->capture_default_str()
        ->check(CLI::Range(1U, 10'000U));
    to.add_flag("--idempotency-keys", load.idempotency_keys,
                "a random Idempotency-Key with each HTTP request");
    to.add_option("--redirect", into.redirect_file,
                  "of tracked links, one URL a line, to GET instead; all of one host")
        ->type_name("FILE");
    to.footer(
        "TIME: a number and us, ms, s, min or h (10s). RATE: 5000/s, 300/min, or max.\n"
        "Prints one JSON object, the last line. Exit code 1: receipts are missing; 2: the run was "
        "impossible.");
}

struct http_target {
    std::string host;
    std::uint16_t port = 80;
    std::string path;
};

std::optional<http_target> split_url(const std::string& text) {
    const auto url = boost::urls::parse_uri(text);
    if (!url || url->scheme() != "http" || url->host().empty()) return std::nullopt;
    http_target result;
    result.host = url->host_address();
    result.path = url->encoded_target();
    if (result.path.empty()) result.path = "/";
    if (url->has_port()) result.port = url->port_number();
    return result;
}

// The file's URLs as paths; the host and port are those of the first.
std::optional<std::string> read_links(const std::string& file, load_options& into) {
    std::ifstream in(file);
    std::string line;
    while (std::getline(in, line)) {
        if (line.empty()) continue;
        const auto url = split_url(line);
        if (!url) return fmt::format("'{}' is no URL like http://host:port/code", line);
        if (into.paths.empty()) {
            into.host = url->host;
            into.port = url->port;
        } else if (url->host != into.host || url->port != into.port) {
            return fmt::format("'{}' has another host or port than the first URL", line);
        }
        into.paths.push_back(url->path);
    }
    if (into.paths.empty()) return fmt::format("there are no URLs in '{}'", file);
    into.batch = 1;
    return std::nullopt;
}

// What is wrong with the options, as a sentence.
std::optional<std::string> complete(command_options& options) {
    load_options& load = options.load;
    if (options.length > 0) load.text = text_of_length(options.length);
    if (!load.count && !load.duration) load.duration = std::chrono::seconds(10);
    if (!options.redirect_file.empty()) return read_links(options.redirect_file, load);
    if (!options.http.empty()) {
        const auto url = split_url(options.http);
        if (!url) return fmt::format("'{}' is no URL like http://127.0.0.1:8080", options.http);
        load.host = url->host;
        load.port = url->port;
        return std::nullopt;
    }
    const auto address = config::parse_address(options.target);
    if (!address) return fmt::format("'{}' {}", options.target, address.error());
    load.host = address->host;
    load.port = address->port;
    return std::nullopt;
}

template <class Load>
int run(const load_options& options) {
    asio::io_context context(1);
    Load load(context.get_executor(), options, [&] { context.stop(); });
    asio::signal_set ends(context, SIGTERM, SIGINT);
    ends.async_wait([&](const boost::system::error_code& error, int) {
        if (error) return;
        load.stop_sending();
        ends.async_wait([&](const boost::system::error_code&, int) { context.stop(); });
    });
    load.set_on_interval([](const load_report& interval) {
        fmt::print("{}\n", interval_to_json(interval));
        std::fflush(stdout);
    });
    load.start();
    context.run();
    fmt::print("{}\n", to_json(load.report()));
    std::fflush(stdout);
    return exit_code_of(load.report());
}

int run_idle(const load_options& options) {
    asio::io_context context(1);
    const auto say_held = [&] {
        fmt::print("holding {} sessions\n", options.binds);
        std::fflush(stdout);
    };
    idle_load load(context.get_executor(), options, say_held, [&] { context.stop(); });
    asio::signal_set ends(context, SIGTERM, SIGINT);
    ends.async_wait([&](const boost::system::error_code& error, int) {
        if (!error) load.stop();
    });
    load.start();
    context.run();
    fmt::print("{}\n", to_json(load.report()));
    std::fflush(stdout);
    return exit_code_of(load.report());
}

}  // namespace

void register_load_command(CLI::App& app, int& exit_code) {
    CLI::App* const command =
        app.add_subcommand("load", "a load generator for SMPP, the HTTP API and the redirector");
    const auto options = std::make_shared<command_options>();
    add_options(*command, *options);
    command->callback([options, &exit_code] {
        if (const auto fault = complete(*options)) {
            fmt::print(stderr, "{}\n", *fault);
            exit_code = 2;
            return;
        }
        if (options->load.idle) {
            exit_code = run_idle(options->load);
            return;
        }
        const bool http = !options->http.empty() || !options->redirect_file.empty();
        exit_code = http ? run<http_load>(options->load) : run<smpp_load>(options->load);
    });
}

}  // namespace hikyaku::bench
