// One request to the sendsms door as fields: from the query of a GET, or from the X-Kannel headers
// and the body of a POST. Only takes apart; what the values mean is checked in message.hpp.
// Pure, any thread.
#pragma once

#include <optional>
#include <string>

#include "gateway/api/http.hpp"
#include "gateway/engine/errors.hpp"

namespace hikyaku::gateway::api {

/// A parameter that is not there, or is no number where one is expected, is empty: Kannel ignores
/// it too.
struct sendsms_request {
    bool post = false;
    std::optional<error_id> fault;  // what can be seen before anybody is known
    std::string username, password;
    std::optional<std::string> from, to, dlr_url;
    std::string text;                    // octets
    std::optional<std::string> charset;  // of the text
    bool octet_stream = false;           // POST without a text's content type
    std::optional<std::string> udh;      // octets; hexadecimal digits in a POST, decoded here
    std::string smsc, account, billing;
    std::optional<long> dlr_mask, mclass, mwi, coding, compress, validity, deferred, priority, pid,
        rpi, alt_dcs;
};

[[nodiscard]] sendsms_request read_sendsms(const http_request& request);

}  // namespace hikyaku::gateway::api
