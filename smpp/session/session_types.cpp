#include "smpp/session/session_types.hpp"

#include <cassert>

namespace hikyaku::smpp {

// The switches name every enumerator, so that the compiler says when one is missing.

std::string_view name_of(close_reason reason) {
    switch (reason) {
        case close_reason::none:
            return "none";
        case close_reason::unbound:
            return "unbound";
        case close_reason::unbind_timeout:
            return "unbind_timeout";
        case close_reason::local:
            return "local";
        case close_reason::peer_closed:
            return "peer_closed";
        case close_reason::connection_error:
            return "connection_error";
        case close_reason::framing_error:
            return "framing_error";
        case close_reason::session_init_timeout:
            return "session_init_timeout";
        case close_reason::bind_timeout:
            return "bind_timeout";
        case close_reason::enquire_link_timeout:
            return "enquire_link_timeout";
        case close_reason::inactivity:
            return "inactivity";
        case close_reason::internal_error:
            return "internal_error";
    }
    assert(false);
    return {};
}

std::string_view name_of(request_failure failure) {
    switch (failure) {
        case request_failure::none:
            return "none";
        case request_failure::response_timeout:
            return "response_timeout";
        case request_failure::closed_waiting:
            return "closed_waiting";
        case request_failure::closed_unknown:
            return "closed_unknown";
    }
    assert(false);
    return {};
}

std::string_view name_of(submit_error error) {
    switch (error) {
        case submit_error::not_bound:
            return "not_bound";
        case submit_error::window_full:
            return "window_full";
        case submit_error::too_large:
            return "too_large";
        case submit_error::invalid_field:
            return "invalid_field";
        case submit_error::tlv_forbidden:
            return "tlv_forbidden";
        case submit_error::unsupported:
            return "unsupported";
        case submit_error::closing:
            return "closing";
    }
    assert(false);
    return {};
}

command_class class_of(command_id id) {
    if (id == command_id::generic_nack) return command_class::generic_nack;
    switch (static_cast<command_id>(static_cast<std::uint32_t>(id) & ~response_bit)) {
        case command_id::bind_receiver:
        case command_id::bind_transmitter:
        case command_id::bind_transceiver:
        case command_id::outbind:
            return command_class::bind;
        case command_id::unbind:
            return command_class::unbind;
        case command_id::enquire_link:
            return command_class::enquire_link;
        case command_id::submit_sm:
        case command_id::submit_multi:
            return command_class::submit;
        case command_id::deliver_sm:
            return command_class::deliver;
        case command_id::data_sm:
            return command_class::data;
        default:
            return command_class::other;
    }
}

}  // namespace hikyaku::smpp
