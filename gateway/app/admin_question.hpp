// One question of a subcommand to the admin listener that is answered with an object, and what is
// said where it is not. Main thread.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/app/command_line.hpp"

namespace hikyaku::gateway::app {

struct admin_question {
    std::string admin;  // URL of the listener
    std::string method = "GET";
    std::string target;
    std::string body;  // JSON; empty = none
    std::chrono::seconds limit{30};
};

/// Empty: the refusal, or why nobody answers, is on `error`.
[[nodiscard]] std::optional<boost::json::object> ask_admin(const admin_question& question,
                                                           const standard_streams& streams);

/// A member that is a text.
[[nodiscard]] std::string text_at(const boost::json::object& object, std::string_view name,
                                  std::string_view otherwise);

/// "14d 02:00:00".
[[nodiscard]] std::string format_span(std::chrono::seconds length);

}  // namespace hikyaku::gateway::app
