#include "smpp/text/receipt_state.hpp"

#include <array>

#include "smpp/text/ascii.hpp"

namespace hikyaku::smpp::text {

namespace {

struct state_word {
    std::string_view word;  // lower case
    receipt_state state;
};

constexpr std::array state_words{
    state_word{"delivrd", receipt_state::delivered},
    state_word{"delivered", receipt_state::delivered},
    state_word{"delivrered", receipt_state::delivered},
    state_word{"expired", receipt_state::expired},
    state_word{"deleted", receipt_state::deleted},
    state_word{"undeliv", receipt_state::undeliverable},
    state_word{"undelivrd", receipt_state::undeliverable},
    state_word{"undelivered", receipt_state::undeliverable},
    state_word{"undeliverable", receipt_state::undeliverable},
    state_word{"failed", receipt_state::undeliverable},
    state_word{"skipped", receipt_state::undeliverable},
    state_word{"acceptd", receipt_state::accepted},
    state_word{"accepted", receipt_state::accepted},
    state_word{"acked", receipt_state::accepted},
    state_word{"unknown", receipt_state::unknown},
    state_word{"rejectd", receipt_state::rejected},
    state_word{"rejected", receipt_state::rejected},
    state_word{"enroute", receipt_state::enroute},
    state_word{"buffred", receipt_state::enroute},
    state_word{"bufferd", receipt_state::enroute},
    state_word{"buffered", receipt_state::enroute},
    state_word{"scheduled", receipt_state::enroute},
};

}  // namespace

std::optional<receipt_state> receipt_state_of(std::string_view stat) noexcept {
    for (const state_word& known : state_words) {
        const bool same_size = stat.size() == known.word.size();
        if (same_size && begins_with_ignoring_case(stat, known.word)) return known.state;
    }
    return {};
}

std::optional<receipt_state> receipt_state_of(std::uint8_t message_state) noexcept {
    if (message_state == 0) return receipt_state::enroute;
    if (message_state == 9) return receipt_state::undeliverable;
    if (message_state > 8) return {};
    return static_cast<receipt_state>(message_state);
}

std::string_view word_of(receipt_state state) noexcept {
    switch (state) {
        case receipt_state::enroute:
            return "ENROUTE";
        case receipt_state::delivered:
            return "DELIVRD";
        case receipt_state::expired:
            return "EXPIRED";
        case receipt_state::deleted:
            return "DELETED";
        case receipt_state::undeliverable:
            return "UNDELIV";
        case receipt_state::accepted:
            return "ACCEPTD";
        case receipt_state::unknown:
            break;
        case receipt_state::rejected:
            return "REJECTD";
    }
    return "UNKNOWN";
}

}  // namespace hikyaku::smpp::text
