#include "gateway/app/commands.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <istream>
#include <optional>
#include <ostream>
#include <utility>

#include "config/load.hpp"
#include "config/policy.hpp"
#include "config/reference.hpp"
#include "config/token_hash.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/app/gate_command.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/app/links_command.hpp"
#include "gateway/engine/directory/router.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "gateway/io/logging.hpp"
#include "gateway/io/password_pool.hpp"
#include "gateway/replies/reply_reader.hpp"
#include "smpp/pdu/constants.hpp"
#include "smpp/text/hex.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

config::load_result read_file(const std::string& path) {
    auto status_of_name = [](std::string_view name) -> std::optional<std::uint32_t> {
        const auto status = smpp::command_status_from(name);
        if (!status) return std::nullopt;
        return static_cast<std::uint32_t>(*status);
    };
    auto from = config::system_sources(status_of_name);
    from.check_reply_rules = [](const config::reply_rules& rules) {
        const auto reader = replies::reply_reader::extended({&rules, 1});
        return reader ? std::nullopt : std::optional(reader.error());
    };
    return config::load_file(path, from);
}

/// The first line of the input without its end; empty, and said so, if there is nothing in it.
std::optional<std::string> first_line(const standard_streams& streams, std::string_view what) {
    std::string line;
    std::getline(streams.in, line);
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) return line;
    streams.error << "hikyaku: no " << what << " on standard input" << std::endl;
    return std::nullopt;
}

constexpr std::size_t token_octets = 24;
constexpr std::string_view token_prefix = "hky_";  // so that scanners for secrets can find it

}  // namespace

std::optional<config::loaded> load_settings(const std::string& path,
                                            const standard_streams& streams) {
    auto read = read_file(path);
    if (read.has_error()) {
        streams.error << config::describe(read.error()) << std::flush;
        return std::nullopt;
    }
    return std::move(*read);
}

int run_gateway(const std::string& config_path, const standard_streams& streams,
                const beside_maker& beside) {
    const auto read = load_settings(config_path, streams);
    if (!read) return 1;
    std::string fault;
    if (!io::open_log(read->values.log, fault)) {
        streams.error << "hikyaku: cannot open the log file: " << fault << std::endl;
        return 1;
    }
    for (const auto& warning : read->warnings) {
        auto line = config::describe({warning});
        if (line.ends_with('\n')) line.pop_back();
        io::log(io::log_level::warn, "configuration", {{"what", line}});
    }
    gateway_options options;
    options.file = std::filesystem::absolute(config_path).string();
    options.read_file = [file = options.file] { return read_file(file); };
    gateway program(read->values, streams.out, options);
    std::unique_ptr<clock_follower> part;
    if (beside) {
        part = beside(program);
        if (!part) return 1;
        program.follow(*part);
    }
    if (!program.start(fault)) {
        if (!read->values.log.file.empty())
            io::log(io::log_level::error, "cannot start", {{"why", fault}});
        streams.error << "hikyaku: " << fault << std::endl;
        return 1;
    }
    return program.run();
}

int check_configuration(const std::string& config_path, bool effective,
                        const standard_streams& streams) {
    const auto read = load_settings(config_path, streams);
    if (!read) return 1;
    streams.error << config::describe(read->warnings);
    if (effective)
        streams.out << config::effective_text(read->values) << std::flush;
    else
        streams.out << config_path << ": ok" << std::endl;
    if (!effective) print_policies(read->values, streams);
    return 0;
}

int evaluate_gate(const std::string& config_path, const std::string& account,
                  const standard_streams& streams) {
    config::settings settings;
    settings.packs = config::shipped_packs();
    if (!config_path.empty()) {
        auto read = load_settings(config_path, streams);
        if (!read) return 1;
        settings = std::move(read->values);
    }
    return evaluate_lines(settings, account, streams);
}

int classify_by(const std::string& config_path, const standard_streams& streams) {
    config::settings settings;
    if (!config_path.empty()) {
        auto read = load_settings(config_path, streams);
        if (!read) return 1;
        settings = std::move(read->values);
    }
    return classify_requests(settings, streams);
}

int plan_text_for(const std::string& config_path, const plan_question& question,
                  plan_request request, const standard_streams& streams) {
    config::settings settings;
    if (!config_path.empty()) {
        auto read = load_settings(config_path, streams);
        if (!read) return 1;
        settings = std::move(read->values);
    }
    std::string fault;
    auto targets = targets_of(question, settings, fault);
    if (!targets) {
        streams.error << "hikyaku: " << fault << std::endl;
        return 1;
    }
    request.targets = std::move(*targets);
    return plan_texts(request, streams.in, streams.out);
}

std::string admin_url_of(const std::string& config_path, const standard_streams& streams) {
    const auto read = load_settings(config_path, streams);
    if (!read) return {};
    const auto& where = read->values.admin.listen;
    if (!where) {
        streams.error << "hikyaku: the configuration has no admin listener" << std::endl;
        return {};
    }
    const bool is_v6 = where->host.find(':') != std::string::npos;
    const auto everywhere = where->host == "0.0.0.0" || where->host == "::";
    const std::string host = everywhere ? "127.0.0.1" : where->host;
    if (is_v6 && !everywhere) return fmt::format("http://[{}]:{}", host, where->port);
    return fmt::format("http://{}:{}", host, where->port);
}

int test_route(const std::string& config_path, const route_question& question,
               const standard_streams& streams) {
    const auto read = load_settings(config_path, streams);
    if (!read) return 1;
    const auto& settings = read->values;
    const auto account =
        std::ranges::find(settings.accounts, question.account, &config::account::name);
    if (account == settings.accounts.end()) {
        streams.error << "hikyaku: no account is named '" << question.account << "'" << std::endl;
        return 1;
    }
    const router rules(settings.routes);
    // As the planner reads it; a number that it would refuse is looked up as it is.
    std::string number = question.destination;
    const bool refused = read_number(*account, ton::unknown, number) == number_reading::uncertain;
    const route_query query{question.account, question.source, number, question.tag};
    json::array targets;
    json::object result;
    result["account"] = question.account;
    result["from"] = question.source;
    result["to"] = question.destination;
    result["number"] = number;
    result["number_refused"] = refused;
    result["tag"] = question.tag;
    result["route"] = nullptr;
    const auto match = rules.match(query);
    if (match) {
        const auto& route = settings.routes[*match];
        result["route"] = route.name;
        for (const auto& target : route.targets) {
            json::object row;
            row["carrier"] = target.carrier;
            row["priority"] = target.priority;
            row["weight"] = target.weight;
            targets.push_back(std::move(row));
        }
    }
    result["targets"] = std::move(targets);
    json::array reasons;
    for (const auto& reason : rules.explain(query))
        reasons.push_back(json::string(reason));
    result["reasons"] = std::move(reasons);
    streams.out << api::write_json(result) << std::endl;
    return match ? 0 : 1;
}

int back_up_store(const std::string& config_path, const std::string& destination,
                  const standard_streams& streams) {
    const auto read = load_settings(config_path, streams);
    if (!read) return 1;
    const auto done = store::environment::backup_of(read->values.store.path, destination);
    if (done.has_error()) {
        streams.error << "hikyaku: " << done.error().sentence << std::endl;
        return 1;
    }
    streams.out << "copied " << read->values.store.path << " to " << destination << std::endl;
    return 0;
}

int print_new_token(const standard_streams& streams) {
    if (sodium_init() < 0) {
        streams.error << "hikyaku: the system's random numbers are not available" << std::endl;
        return 1;
    }
    std::array<unsigned char, token_octets> random{};
    randombytes_buf(random.data(), random.size());
    const std::string token = std::string(token_prefix) + smpp::text::to_hex(random);
    streams.out << "The token, which is shown only now:\n\n    " << token
                << "\n\nFor the configuration, below its [[account]]:\n\n"
                << "    [[account.token]]\n    name = \"...\"\n    hash = \""
                << config::token_hash(token) << "\"\n    roles = [\"submit\", \"read\"]"
                << std::endl;
    return 0;
}

int print_token_hash(const standard_streams& streams) {
    const auto token = first_line(streams, "token");
    if (!token) return 1;
    streams.out << config::token_hash(*token) << std::endl;
    return 0;
}

int print_password_hash(const standard_streams& streams) {
    const auto password = first_line(streams, "password");
    if (!password) return 1;
    const auto hash = io::hash_password(*password);
    if (hash.empty()) {
        streams.error << "hikyaku: not enough memory for argon2id" << std::endl;
        return 1;
    }
    streams.out << hash << std::endl;
    return 0;
}

}  // namespace hikyaku::gateway::app
