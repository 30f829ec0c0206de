#include "gateway/app/command_line.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>
#include <map>
#include <string_view>
#include <utility>

#include "bench/carrier/command.hpp"
#include "bench/load/command.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/openapi/openapi.hpp"
#include "gateway/api/openapi/postman.hpp"
#include "gateway/app/clock_command.hpp"
#include "gateway/app/commands.hpp"
#include "gateway/app/links_command.hpp"
#include "gateway/app/reload_command.hpp"
#include "gateway/app/reply_command.hpp"
#include "gateway/app/report_command.hpp"
#include "gateway/app/sandbox_command.hpp"
#include "gateway/app/stop_command.hpp"
#include "gateway/app/store_command.hpp"
#include "gateway/app/tools.hpp"
#include "gateway/app/unmatched_command.hpp"

namespace hikyaku::gateway::app {
namespace {

/// Everything that options write into; it lives as long as the parser.
/// Where the shipped configurations have it.
constexpr auto* admin_default = "http://127.0.0.1:8081";

struct choices {
    std::string config;
    std::string destination;
    bool effective = false;
    plan_request plan;
    plan_question plan_for;
    std::uint32_t message_class = 0;
    std::string text;
    route_question route;
    unmatched_request unmatched;
    stop_request stop;
    clock_request clock;
    report_request report;
    reclassify_request reclassify;
    store_request store;
    bench::carrier_command_options carrier;
    std::string admin;
    std::string account;
    std::string today, language;
    bool postman = false;
    int exit_code = 0;
};

/// The file as `--config FILE` or simply `FILE`.
void add_config(CLI::App& to, choices& chosen) {
    to.add_option("config,-c,--config", chosen.config, "configuration file (TOML)")
        ->required()
        ->type_name("FILE");
}

void add_gateway_commands(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto* run = app.add_subcommand("run", "run the gateway until SIGTERM or SIGINT");
    add_config(*run, chosen);
    run->callback([&] { chosen.exit_code = run_gateway(chosen.config, streams); });

    auto* check =
        app.add_subcommand("check", "check a configuration: every fault, exit code 0 or 1");
    add_config(*check, chosen);
    check->add_flag("--effective", chosen.effective,
                    "print every setting with its value, secrets masked");
    check->callback(
        [&] { chosen.exit_code = check_configuration(chosen.config, chosen.effective, streams); });

    auto* backup = app.add_subcommand("backup", "copy the store, also while the gateway runs");
    backup->add_option("-c,--config", chosen.config, "configuration file (TOML)")
        ->required()
        ->type_name("FILE");
    backup->add_option("destination", chosen.destination, "folder to create")
        ->required()
        ->type_name("DEST");
    backup->callback(
        [&] { chosen.exit_code = back_up_store(chosen.config, chosen.destination, streams); });

    auto* hash = app.add_subcommand("hash-password",
                                    "read a password from standard input, print its argon2id hash");
    hash->callback([&] { chosen.exit_code = print_password_hash(streams); });

    app.add_subcommand("new-token", "make a random token for the HTTP API, print it with its hash")
        ->callback([&] { chosen.exit_code = print_new_token(streams); });
    app.add_subcommand("hash-token", "read a token from standard input, print its hash")
        ->callback([&] { chosen.exit_code = print_token_hash(streams); });
}

void add_reload(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto* reload = app.add_subcommand(
        "reload", "have a running gateway read its configuration again: what that changed");
    reload->add_option("--admin", chosen.admin, "the admin listener: http://127.0.0.1:8081")
        ->required()
        ->type_name("URL");
    reload->callback([&] { chosen.exit_code = reload_gateway(chosen.admin, streams); });
}

void add_unmatched(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto* unmatched = app.add_subcommand(
        "unmatched", "receipts and replies that found nobody: list them, try them again");
    auto& asked = chosen.unmatched;
    unmatched->add_option("--admin", asked.admin, "the admin listener: http://127.0.0.1:8081")
        ->required()
        ->type_name("URL");
    unmatched->add_option("--after", asked.after, "go on behind this one")->type_name("ID");
    unmatched->add_option("--limit", asked.limit, "at most so many (100; to replay 100000)")
        ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
        ->type_name("N");
    unmatched->add_option("--carrier", asked.carrier, "of this carrier only")->type_name("NAME");
    unmatched->add_option("--kind", asked.kind, "receipt or reply")
        ->check(CLI::IsMember({"receipt", "reply"}))
        ->type_name("NAME");
    unmatched->add_option("--replay", asked.replay, "try this one again, or all that were listed")
        ->type_name("ID|all");
    unmatched->callback([&] { chosen.exit_code = show_unmatched(chosen.unmatched, streams); });
}

void add_stop(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto& asked = chosen.stop;
    auto* stop = app.add_subcommand("stop-sending", "emergency stop of a running gateway");
    stop->add_option("--admin", asked.admin, "URL of its admin listener")
        ->default_val(admin_default)
        ->type_name("URL");
    stop->add_option("-c,--config", chosen.config, "the URL is in this file instead")
        ->type_name("FILE");
    stop->add_option("--account", asked.account, "what this account sends; otherwise all of them")
        ->type_name("NAME");
    stop->add_option("--purpose", asked.purpose,
                     "messages of this purpose; otherwise all, transactional ones too")
        ->check(CLI::IsMember({"service", "dunning", "marketing"}))
        ->type_name("NAME");
    stop->add_option("--by", asked.by, "who asks for it")->type_name("NAME");
    auto* lift = stop->add_flag("--lift", asked.lifts, "end it: the same options again");
    stop->add_flag("--list", asked.lists, "show what is stopped")->excludes(lift);
    stop->callback([&] {
        if (!chosen.config.empty()) asked.admin = admin_url_of(chosen.config, streams);
        chosen.exit_code = asked.admin.empty() ? 1 : stop_sending(asked, streams);
    });
}

/// Where a running gateway is asked: by the URL of its admin listener, or by its file.
void add_admin(CLI::App& to, std::string& admin, choices& chosen) {
    to.add_option("--admin", admin, "URL of the gateway's admin listener")
        ->default_val(admin_default)
        ->type_name("URL");
    to.add_option("-c,--config", chosen.config, "the URL is in this file instead")
        ->type_name("FILE");
}

void add_clock(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto& asked = chosen.clock;
    auto* clock = app.add_subcommand("clock", "what time it is for a running gateway");
    clock->require_subcommand(0, 1);
    add_admin(*clock, asked.admin, chosen);
    clock->fallthrough();
    auto* advance = clock->add_subcommand("advance", "move the clock of a sandbox");
    advance->fallthrough();
    advance->add_option("to", asked.to, "how far (8h, 14d), or to when: 2026-12-10T08:00:00+09:00")
        ->required()
        ->type_name("TIME");
    advance->add_flag("--stand", asked.stands, "it stands there until it is moved again");
    clock->callback([&] {
        if (!chosen.config.empty()) asked.admin = admin_url_of(chosen.config, streams);
        chosen.exit_code = asked.admin.empty() ? 1 : clock_of_gateway(asked, streams);
    });
}

void add_store(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto& asked = chosen.store;
    auto* store = app.add_subcommand("store", "whose store it is");
    store->require_subcommand(1);
    const auto add = [&](const char* name, const char* what) {
        auto* made = store->add_subcommand(name, what);
        made->add_option("--admin", asked.admin, "URL of the gateway's admin listener")
            ->default_val(admin_default)
            ->type_name("URL");
        made->add_option("-c,--config", asked.config,
                         "the URL, and the store of a gateway that does not run, are in this file")
            ->type_name("FILE");
        return made;
    };
    add("status", "whether it has to be confirmed: exit code 1")->callback([&] {
        chosen.exit_code = run_store_command(asked, streams);
    });
    auto* confirm = add("confirm",
                        "it is the right store on the right machine, and the clock is right: what "
                        "asks the gate is sent again");
    confirm->add_option("--by", asked.by, "who confirms")->required()->type_name("NAME");
    confirm->add_option("--why", asked.why, "how it is known")->required()->type_name("TEXT");
    confirm->callback([&] {
        asked.confirms = true;
        chosen.exit_code = run_store_command(asked, streams);
    });
}

void add_sandbox(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto* sandbox = app.add_subcommand(
        "sandbox", "a gateway and a simulated carrier in one process, by one clock");
    sandbox->add_option("-c,--config", chosen.config, "configuration file (TOML)")
        ->required()
        ->type_name("FILE");
    bench::add_carrier_options(*sandbox, chosen.carrier);
    sandbox->callback([&] {
        chosen.carrier.carrier.phone = !chosen.carrier.no_phone;
        chosen.exit_code = run_sandbox(chosen.config, chosen.carrier, streams);
    });
}

void add_text_tool(CLI::App& app, choices& chosen, const standard_streams& streams) {
    using smpp::text::encoding_choice;
    using smpp::text::transliteration;
    auto* text = app.add_subcommand("text", "texts of messages");
    text->require_subcommand(1);
    auto* plan = text->add_subcommand("plan", "encoding, units and segments of a text");
    const std::map<std::string, encoding_choice> encodings{{"auto", encoding_choice::automatic},
                                                           {"gsm7", encoding_choice::gsm7},
                                                           {"ucs2", encoding_choice::ucs2}};
    const std::map<std::string, transliteration> ways{{"off", transliteration::off},
                                                      {"punctuation", transliteration::punctuation},
                                                      {"full", transliteration::full}};
    auto* given = plan->add_option("text", chosen.text, "the text; otherwise standard input")
                      ->type_name("TEXT");
    plan->add_flag("--lines", chosen.plan.lines, "one text a line instead of one text");
    plan->add_option("--encoding", chosen.plan.options.choice, "auto, gsm7 or ucs2")
        ->transform(CLI::CheckedTransformer(encodings))
        ->type_name("NAME");
    plan->add_option("--parts-max", chosen.plan.options.parts_max, "segments at most")
        ->check(CLI::Range(1U, smpp::text::parts_limit))
        ->type_name("N");
    auto* flash = plan->add_option("--class", chosen.message_class, "message class, 0 (flash) to 3")
                      ->check(CLI::Range(0U, 3U))
                      ->type_name("N");
    plan->add_option("--transliterate", chosen.plan.options.transliterate,
                     "off, punctuation or full")
        ->transform(CLI::CheckedTransformer(ways))
        ->type_name("NAME");
    plan->add_option("--profile", chosen.plan_for.profiles,
                     "standard or a shipped profile: docomo, au, softbank, rakuten")
        ->allow_extra_args(false)
        ->type_name("NAME");
    auto* config = plan->add_option("-c,--config", chosen.config, "configuration file (TOML)")
                       ->type_name("FILE");
    plan->add_option("--carrier", chosen.plan_for.carriers, "a carrier of the configuration")
        ->allow_extra_args(false)
        ->needs(config)
        ->type_name("NAME");
    plan->add_option("--route", chosen.plan_for.route, "all carriers of a route")
        ->needs(config)
        ->type_name("NAME");
    plan->callback([&, given, flash] {
        if (given->count() > 0) chosen.plan.text = chosen.text;
        if (flash->count() > 0) {
            chosen.plan.options.message_class = static_cast<std::uint8_t>(chosen.message_class);
        }
        chosen.exit_code = plan_text_for(chosen.config, chosen.plan_for, chosen.plan, streams);
    });
}

void add_gate_report(CLI::App& gate, choices& chosen, const standard_streams& streams) {
    auto& asked = chosen.report;
    auto* report = gate.add_subcommand(
        "report", "what it has decided about an account's messages, or would have in shadow");
    add_admin(*report, asked.admin, chosen);
    report->add_option("--account", asked.account, "whose messages")->required()->type_name("NAME");
    report->add_option("--from", asked.from, "accepted from then on; default: seven days before")
        ->type_name("TIME");
    report->add_option("--to", asked.to, "and before then; default: now")->type_name("TIME");
    report->add_flag("--list", asked.lists, "the messages instead of the counts");
    report->callback([&] {
        if (!chosen.config.empty()) asked.admin = admin_url_of(chosen.config, streams);
        chosen.exit_code = asked.admin.empty() ? 1 : report_decisions(asked, streams);
    });
}

void add_gate_tool(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto* gate = app.add_subcommand("gate", "the gate, which decides what may go out and when");
    gate->require_subcommand(1);
    auto* evaluate = gate->add_subcommand(
        "evaluate",
        "one question as a JSON object a line on standard input: POST /v1/policy:evaluate");
    evaluate
        ->add_option("-c,--config", chosen.config,
                     "configuration file (TOML); without: the program's policy packs")
        ->type_name("FILE");
    evaluate
        ->add_option("--account", chosen.account,
                     "whose policy and zones count; default: the only account")
        ->type_name("NAME");
    evaluate->callback(
        [&] { chosen.exit_code = evaluate_gate(chosen.config, chosen.account, streams); });

    add_gate_report(*gate, chosen, streams);

    auto* explain = gate->add_subcommand("explain", "what it has decided about a message");
    explain->add_option("--admin", chosen.stop.admin, "URL of the gateway's admin listener")
        ->default_val(admin_default)
        ->type_name("URL");
    explain->add_option("-c,--config", chosen.config, "the URL is in this file instead")
        ->type_name("FILE");
    explain->add_option("id", chosen.text, "id of the message")->required()->type_name("ID");
    explain->callback([&] {
        if (!chosen.config.empty()) chosen.stop.admin = admin_url_of(chosen.config, streams);
        chosen.exit_code = chosen.stop.admin.empty()
                               ? 1
                               : explain_decision(chosen.stop.admin, chosen.text, streams);
    });
}

void add_reply_tool(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto* reply = app.add_subcommand("reply", "what replies say");
    reply->require_subcommand(1);
    auto* read = reply->add_subcommand(
        "read", "one text a line on standard input, one JSON object with its intents a line");
    read->add_option("--today", chosen.today, "the day on which they were written")
        ->required()
        ->type_name("DATE");
    read->add_option("--language", chosen.language, "of all texts; default: found by the letters")
        ->check(CLI::IsMember({"ja", "en"}))
        ->type_name("ja|en");
    read->callback(
        [&] { chosen.exit_code = read_replies(chosen.today, chosen.language, streams); });
}

void add_links_tool(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto* links = app.add_subcommand("links", "requests for tracked links");
    links->require_subcommand(1);
    auto* classify = links->add_subcommand(
        "classify", "one request as a JSON object a line on standard input, its class a line");
    classify
        ->add_option("-c,--config", chosen.config,
                     "configuration file (TOML) with more lists; without: those of the program")
        ->type_name("FILE");
    classify->callback([&] { chosen.exit_code = classify_by(chosen.config, streams); });

    auto* reclassify = links->add_subcommand(
        "reclassify", "the hits that are stored, by the lists of today; waits for the end");
    add_admin(*reclassify, chosen.reclassify.admin, chosen);
    reclassify->add_flag("--status", chosen.reclassify.looks, "only say how far it is");
    reclassify->callback([&] {
        auto& asked = chosen.reclassify;
        if (!chosen.config.empty()) asked.admin = admin_url_of(chosen.config, streams);
        chosen.exit_code = asked.admin.empty() ? 1 : reclassify_hits(asked, streams);
    });
}

void add_tools(CLI::App& app, choices& chosen, const standard_streams& streams) {
    auto* pdu = app.add_subcommand("pdu", "PDUs as JSON and back, one a line");
    pdu->require_subcommand(1);
    pdu->add_subcommand("decode", "one PDU in hexadecimal a line on standard input")->callback([&] {
        chosen.exit_code = decode_pdus(streams.in, streams.out);
    });
    pdu->add_subcommand("encode", "one JSON object a line on standard input")->callback([&] {
        chosen.exit_code = encode_pdus(streams.in, streams.out);
    });

    add_text_tool(app, chosen, streams);
    add_gate_tool(app, chosen, streams);
    add_reply_tool(app, chosen, streams);
    add_links_tool(app, chosen, streams);

    auto* openapi = app.add_subcommand("openapi", "the OpenAPI document of the HTTP API");
    openapi->add_flag("--postman", chosen.postman,
                      "the routes as a collection for Postman (v2.1) instead");
    openapi->callback([&] {
        streams.out << (chosen.postman ? api::write_json(api::postman_collection())
                                       : api::openapi_text())
                    << std::endl;
    });

    auto* receipt = app.add_subcommand("receipt", "delivery receipts");
    receipt->require_subcommand(1);
    receipt->add_subcommand("parse", "one receipt text a line on standard input")->callback([&] {
        chosen.exit_code = parse_receipts(streams.in, streams.out);
    });

    auto* route = app.add_subcommand("route", "routing");
    route->require_subcommand(1);
    auto* test = route->add_subcommand("test", "which route and carriers a message would take");
    test->add_option("-c,--config", chosen.config, "configuration file (TOML)")
        ->required()
        ->type_name("FILE");
    test->add_option("--account", chosen.route.account, "name of the account")->required();
    test->add_option("--from", chosen.route.source, "sender address");
    test->add_option("--to", chosen.route.destination, "destination")->required();
    test->add_option("--tag", chosen.route.tag, "tag of the message");
    test->callback([&] { chosen.exit_code = test_route(chosen.config, chosen.route, streams); });
}

/// CLI11's message as one sentence, with a hint where to look.
std::string one_sentence(const CLI::ParseError& error) {
    std::string message = error.what();
    std::replace(message.begin(), message.end(), '\n', ' ');
    while (!message.empty() && (message.back() == ' ' || message.back() == '.'))
        message.pop_back();
    return "hikyaku: " + message + " (try: hikyaku --help)";
}

/// A word where a command should stand and that is none, as one sentence; empty if there is none.
std::string unknown_command(CLI::App& app, const std::vector<std::string>& arguments) {
    CLI::App* level = &app;
    for (const auto& word : arguments) {
        const auto commands = level->get_subcommands([](const CLI::App*) { return true; });
        if (commands.empty() || word.starts_with('-')) return {};
        std::vector<std::string_view> names;
        CLI::App* next = nullptr;
        for (auto* command : commands) {
            names.push_back(command->get_name());
            if (command->get_name() == word) next = command;
        }
        if (next == nullptr) {
            return fmt::format("hikyaku: there is no command '{}'; there are {}", word,
                               fmt::join(names, ", "));
        }
        level = next;
    }
    return {};
}

}  // namespace

int run_command_line(std::vector<std::string> arguments, const standard_streams& streams) {
    choices chosen;
    CLI::App app("Hikyaku: an SMS gateway and SMPP server", "hikyaku");
    app.require_subcommand(1);
    app.set_version_flag("--version", "hikyaku " HIKYAKU_VERSION);
    add_gateway_commands(app, chosen, streams);
    add_reload(app, chosen, streams);
    add_unmatched(app, chosen, streams);
    add_stop(app, chosen, streams);
    add_clock(app, chosen, streams);
    add_store(app, chosen, streams);
    add_sandbox(app, chosen, streams);
    add_tools(app, chosen, streams);
    bench::register_carrier_command(app, chosen.exit_code);
    bench::register_load_command(app, chosen.exit_code);
    if (const auto sentence = unknown_command(app, arguments); !sentence.empty()) {
        streams.error << sentence << std::endl;
        return 2;
    }
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
        app.parse(std::move(arguments));
    } catch (const CLI::CallForHelp&) {
        auto* shown = &app;
        while (!shown->get_subcommands().empty())
            shown = shown->get_subcommands().front();
        streams.out << shown->help();
        return 0;
    } catch (const CLI::CallForVersion& version) {
        streams.out << version.what() << std::endl;
        return 0;
    } catch (const CLI::ParseError& error) {
        streams.error << one_sentence(error) << std::endl;
        return 2;
    }
    return chosen.exit_code;
}

}  // namespace hikyaku::gateway::app
