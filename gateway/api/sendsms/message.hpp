// From the fields of a sendsms request to the messages it asks for, by the rules of Kannel: checks
// every field in its order, chooses alphabet and data_coding, and prepares dlr-url. What differs
// from Kannel on purpose is written in docs/sendsms.md. Pure, any thread.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/api/sendsms/request.hpp"
#include "gateway/engine/errors.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

struct sendsms_receiver {
    std::string written;  // as the application wrote it
    phone_address address;
};

struct sendsms_messages {
    submission message;   // without destination and callback
    std::string sender;   // as the application wrote it, or the account's
    std::string dlr_url;  // with its escapes; empty = no reports
    std::vector<sendsms_receiver> receivers;
    std::vector<std::string> denied;  // receivers that are no numbers
};

/// `now_ms` is wall time. The account has sendsms.
[[nodiscard]] boost::system::result<sendsms_messages, error_id> make_messages(
    const sendsms_request& request, const config::account& account, std::size_t receivers_max,
    std::int64_t now_ms);

/// The submission for one receiver, with the callback in the application's spelling of the
/// addresses. Empty if the URL becomes too long.
[[nodiscard]] std::optional<submission> message_for(const sendsms_messages& all,
                                                    const sendsms_receiver& receiver,
                                                    const config::account& account);

}  // namespace hikyaku::gateway::api
