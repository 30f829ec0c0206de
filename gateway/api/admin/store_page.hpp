// The admin pages of whose store it is: whether it has to be confirmed before anything is sent that
// asks the gate, and the confirmation. No sockets; engine's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/admin/unmatched.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/request_context.hpp"

namespace hikyaku::gateway::api {

struct store_confirmation {
    std::int64_t at_ms = 0;
    std::vector<std::string> of;  // what was in doubt
    std::string by, why;
};

struct store_view {
    std::vector<std::string> doubts;  // "machine", "file", "clock", "unknown"; empty = none
    std::string rule;                 // by which messages wait; "" = none does
    std::int64_t since_ms = 0;
    std::optional<store_confirmation> last;
};

struct store_source {
    std::function<store_view()> look;
    /// Confirms it; a ticket tells when that is on disk.
    std::function<refusal(std::string_view by, std::string_view why, reply_ticket ticket)> confirm;
};

[[nodiscard]] boost::json::object to_json(const store_view& store);

class store_page {
public:
    explicit store_page(store_source source) : source_(std::move(source)) {}

    [[nodiscard]] http_response show() const;
    [[nodiscard]] admin_answer confirm(const request_context& request) const;

private:
    store_source source_;
};

}  // namespace hikyaku::gateway::api
