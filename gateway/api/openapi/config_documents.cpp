#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_configuration {
namespace {

constexpr member fault_members[] = {
    {"file", &text, true},
    {"line", &count, false},
    {"path", &text, false, "of the setting"},
    {"message", &text, true},
};
constexpr shape fault = object_shape(fault_members, "ConfigurationFault");
constexpr shape warnings = list_shape(fault);

constexpr member change_members[] = {
    {"added", &texts, true},
    {"changed", &texts, true},
    {"removed", &texts, true},
};
constexpr shape changes = object_shape(change_members, "NameChanges");
constexpr member carrier_change_members[] = {
    {"added", &texts, true},
    {"changed", &texts, true},
    {"removed", &texts, true},
    {"new_binds", &texts, true, "those that bind anew"},
};
constexpr shape carrier_changes = object_shape(carrier_change_members);
constexpr member restart_members[] = {
    {"path", &text, true},
    {"file", &text, true, "its value in the file"},
    {"running", &text, true, "and the one that is in force"},
};
constexpr shape restart = object_shape(restart_members);
constexpr shape restarts = list_shape(restart);
constexpr member reloaded_members[] = {
    {"accounts", &changes, true},
    {"carriers", &carrier_changes, true},
    {"routes", &changes, true},
    {"settings", &texts, true, "paths of the others that are in force now"},
    {"needs_restart", &restarts, true},
    {"warnings", &warnings, true},
    {"not_done", &texts, true, "what went wrong while it was applied"},
};
constexpr shape reloaded = object_shape(reloaded_members, "ConfigurationReloaded");
constexpr answer_line reload_lines[] = {{.meaning = "What has changed", .body = &reloaded}};
constexpr problem_code reload_codes[] = {problem_code::no_such_resource,
                                         problem_code::configuration_invalid};

}  // namespace
}  // namespace of_configuration

constinit const shape configuration_faults = list_shape(of_configuration::fault);
constinit const answer_lines reload_answers = of_configuration::reload_lines;
constinit const code_lines reload_refuses = of_configuration::reload_codes;

}  // namespace hikyaku::gateway::api::documents
