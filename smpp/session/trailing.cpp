#include "smpp/session/trailing.hpp"

#include <cassert>
#include <tuple>
#include <type_traits>

namespace hikyaku::smpp {
namespace {

template <class Body>
constexpr bool carries_text = requires(const Body& body) {
    body.short_message;
}
|| std::is_same_v<Body, data_sm>;

/// A message of which no text could be read; false for what is no message.
bool lacks_text(const pdu& whole) {
    return std::visit(
        [&]<class Body>(const Body& body) {
            if constexpr (carries_text<Body>) {
                const auto octets = message_octets(body, whole.tlvs);
                return octets && octets->empty();
            } else {
                return false;
            }
        },
        whole.body);
}

bool has_fields(const pdu& whole) {
    return std::visit(
        []<class Body>(const Body&) {
            if constexpr (std::is_same_v<Body, std::monostate>)
                return false;
            else
                return std::tuple_size_v<decltype(pdu_table<Body>::fields)> != 0;
        },
        whole.body);
}

}  // namespace

bool may_trail(const decode_result& decoded, session_role role, bool strict) {
    assert(decoded.ok() && decoded.trailing > 0);
    const pdu& whole = decoded.value;
    if (!has_fields(whole)) return true;
    if (role == session_role::client) {
        const bool told = !lacks_text(whole) || whole.tlvs.find(tag::receipted_message_id);
        return told || !decoded.vital_lost;
    }
    if (strict || decoded.trailing > trailing_octets_max || decoded.vital_lost) return false;
    return decoded.trailing_nul || !lacks_text(whole);
}

}  // namespace hikyaku::smpp
