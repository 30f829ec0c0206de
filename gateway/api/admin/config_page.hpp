// POST /admin/config:reload: the configuration file is read again and applied, and the answer says
// what it changed, or every fault that is in it. The reading takes its time: the answer comes when
// it is done. Pure but for the one function that it calls; engine's thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/difference.hpp"
#include "config/load.hpp"
#include "gateway/api/admin/unmatched.hpp"
#include "gateway/api/http.hpp"

namespace hikyaku::gateway::api {

/// What came of one reload.
struct reload_outcome {
    config::faults faults;  // if there are any, nothing has changed
    config::faults warnings;
    config::difference what;
    std::vector<std::string> troubles;  // what could not be done although the file is right
};

/// 200 with the difference, or the problem `configuration_invalid` with the list `faults`.
[[nodiscard]] http_response reload_answer(const reload_outcome& outcome);

class config_page {
public:
    /// `begin` begins a reload, whose outcome is for the request of the ticket. May be unset: there
    /// is no file to read, and no such page.
    explicit config_page(std::function<void(reply_ticket)> begin) : begin_(std::move(begin)) {}

    /// Answers nothing where a reload has begun: reload_answer() follows.
    [[nodiscard]] admin_answer reload(reply_ticket ticket) const;

private:
    std::function<void(reply_ticket)> begin_;
};

}  // namespace hikyaku::gateway::api
