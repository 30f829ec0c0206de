// What the subcommands that need a configuration do. Each returns the exit code of the process and
// says on `error` in one sentence what was wrong. Main thread.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "config/load.hpp"
#include "gateway/app/command_line.hpp"
#include "gateway/app/text_plan.hpp"

namespace hikyaku::gateway::app {

/// The settings of the file, or every fault on `error`. Warnings are left to the caller.
[[nodiscard]] std::optional<config::loaded> load_settings(const std::string& path,
                                                          const standard_streams& streams);

class clock_follower;
class gateway;
/// Makes a part that works beside the gateway, before it starts; null: it cannot, and has said so.
using beside_maker = std::function<std::unique_ptr<clock_follower>(gateway&)>;

/// Works until a signal ends it.
[[nodiscard]] int run_gateway(const std::string& config_path, const standard_streams& streams,
                              const beside_maker& beside = {});

/// What requests for links are taken for (links_command.hpp); `config_path` empty: by the lists of
/// the program.
[[nodiscard]] int classify_by(const std::string& config_path, const standard_streams& streams);

/// Prints every fault of the file, or which rules apply to which account, or with `effective` every
/// setting with its value, secrets masked.
[[nodiscard]] int check_configuration(const std::string& config_path, bool effective,
                                      const standard_streams& streams);

/// The URL of the admin listener that a configuration names; empty if it names none, or has faults,
/// which are printed.
[[nodiscard]] std::string admin_url_of(const std::string& config_path,
                                       const standard_streams& streams);

struct route_question {
    std::string account, source, destination, tag;
};
/// Prints as one JSON object which route and carriers a message would take, and why. Reads no
/// store: carriers count as up.
[[nodiscard]] int test_route(const std::string& config_path, const route_question& question,
                             const standard_streams& streams);

/// Plans a text for the carriers of a configuration, or for shipped profiles when `config_path` is
/// empty. `request.targets` is filled in here.
[[nodiscard]] int plan_text_for(const std::string& config_path, const plan_question& question,
                                plan_request request, const standard_streams& streams);

/// `gate evaluate`; without `config_path` by the program's own policy packs.
[[nodiscard]] int evaluate_gate(const std::string& config_path, const std::string& account,
                                const standard_streams& streams);

/// Copies the store into the folder `destination`, which must not exist. The gateway must not run.
[[nodiscard]] int back_up_store(const std::string& config_path, const std::string& destination,
                                const standard_streams& streams);

/// Reads one password (the first line of the input) and prints its argon2id hash.
[[nodiscard]] int print_password_hash(const standard_streams& streams);

/// Makes a random token for the HTTP API; prints it and the lines for the configuration.
[[nodiscard]] int print_new_token(const standard_streams& streams);

/// Reads one token (the first line of the input) and prints its hash for [[account.token]].
[[nodiscard]] int print_token_hash(const standard_streams& streams);

}  // namespace hikyaku::gateway::app
