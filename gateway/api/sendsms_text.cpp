#include "gateway/api/sendsms_text.hpp"

#include <array>
#include <cassert>
#include <cstddef>

namespace hikyaku::gateway::api {
namespace {

/// The table, where the replies have their short names.
namespace replies {

struct row {
    sendsms_reply reply;
    unsigned status;
    std::string_view text;
};

using enum sendsms_reply;

constexpr std::array table{
    row{accepted, 202, "0: Accepted for delivery"},
    row{queued, 202, "3: Queued for later delivery"},
    row{authorization_failed, 403, "Authorization failed for sendsms"},
    row{receiver_missing, 400, "Missing receiver number, rejected"},
    row{receivers_missing, 400, "Missing receiver(s) number(s), rejected"},
    row{receiver_empty, 400, "Empty receiver number not allowed, rejected"},
    row{receivers_denied, 400, "Number(s) has/have been denied by white- and/or black-lists."},
    row{receivers_too_many, 400, "Too many receivers, rejected"},
    row{sender_missing, 400, "Sender missing and no global set, rejected"},
    row{sender_misformed, 400, "Sender misformed, rejected"},
    row{sender_denied, 400, "Sender not allowed, rejected"},
    row{account_misformed, 400, "Account field misformed or too long, rejected"},
    row{dlr_url_misformed, 400, "DLR-URL field misformed, rejected"},
    row{dlr_mask_misformed, 400, "DLR-Mask field misformed, rejected"},
    row{mclass_misformed, 400, "MClass field misformed, rejected"},
    row{alt_dcs_misformed, 400, "Alt-DCS field misformed, rejected"},
    row{coding_misformed, 400, "Coding field misformed, rejected"},
    row{compress_misformed, 400, "Compress field misformed, rejected"},
    row{validity_misformed, 400, "Validity field misformed, rejected"},
    row{deferred_misformed, 400, "Deferred field misformed, rejected"},
    row{priority_misformed, 400, "Priority field misformed, rejected"},
    row{udh_misformed, 400, "UDH field misformed, rejected"},
    row{pid_misformed, 400, "PID field misformed, rejected"},
    row{rpi_misformed, 400, "RPI field misformed, rejected"},
    row{mwi_misformed, 400, "MWI field misformed, rejected"},
    row{charset_misformed, 400, "Charset or body misformed, rejected"},
    row{smsc_misformed, 400, "SMSC field too long, rejected"},
    row{text_too_long, 400, "Message too long, rejected"},
    row{content_type_invalid, 400, "Invalid content-type"},
    row{content_type_unsupported, 415, "Unsupported content-type, rejected"},
    row{method_unknown, 400, ""},
    row{not_routable, 403, "Not routable. Do not try again."},
    row{temporal_failure, 503, "Temporal failure, try again later."},
};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].reply) != i) return false;
    return true;
}
static_assert(in_order(), "the table is indexed by sendsms_reply");

}  // namespace replies

const replies::row& row_of(sendsms_reply reply) {
    const auto index = static_cast<std::size_t>(reply);
    assert(index < replies::table.size());
    return replies::table[index];
}

}  // namespace

unsigned status_of(sendsms_reply reply) {
    return row_of(reply).status;
}

std::string_view text_of(sendsms_reply reply) {
    return row_of(reply).text;
}

http_response render(sendsms_reply reply) {
    http_response response;
    response.status = status_of(reply);
    response.content_type = "text/html";
    response.body = text_of(reply);
    response.headers.emplace_back("Pragma", "no-cache");
    response.headers.emplace_back("Cache-Control", "no-cache");
    return response;
}

sendsms_reply reply_of(refusal why) {
    using enum sendsms_reply;
    assert(why != refusal::none);
    switch (why) {
        case refusal::source_invalid:
            return sender_misformed;
        case refusal::source_not_allowed:
            return sender_denied;
        case refusal::destination_invalid:
            return receivers_denied;
        case refusal::text_too_long:
            return text_too_long;
        case refusal::data_coding_invalid:
            return coding_misformed;
        case refusal::esm_class_invalid:
            return udh_misformed;
        case refusal::schedule_invalid:
            return deferred_misformed;
        case refusal::validity_invalid:
            return validity_misformed;
        case refusal::priority_invalid:
            return priority_misformed;
        case refusal::no_route:
        case refusal::tlv_missing:
        case refusal::source_unwritable:
        case refusal::destination_unwritable:
        case refusal::unsupported:
            return not_routable;
        case refusal::rate_exceeded:
        case refusal::queue_full:
        case refusal::store_busy:
        case refusal::store_failing:
        case refusal::shutting_down:
            return temporal_failure;
        default:  // of the text or its links; the others belong to other requests
            return charset_misformed;
    }
}

}  // namespace hikyaku::gateway::api
