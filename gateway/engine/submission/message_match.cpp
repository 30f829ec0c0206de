#include "gateway/engine/submission/message_match.hpp"

#include <algorithm>
#include <string>

#include "gateway/engine/record_values.hpp"
#include "gateway/engine/submission/numbers.hpp"

namespace hikyaku::gateway {
namespace {

/// Without separators and plus, if what is left is a number; as it is otherwise.
std::string normalised(std::string_view given) {
    std::string digits(given);
    std::erase_if(digits, [](char c) { return c == ' ' || c == '-' || c == '(' || c == ')'; });
    if (digits.starts_with('+')) digits.erase(0, 1);
    const bool number = !digits.empty() && std::all_of(digits.begin(), digits.end(),
                                                       [](char c) { return c >= '0' && c <= '9'; });
    return number ? digits : std::string(given);
}

}  // namespace

bool same_address(std::string_view stored, std::string_view given) {
    return stored == given || stored == normalised(given);
}

void read_addresses(operation_target& what, const config::account& account) {
    const auto* own = what.source.digits.empty() ? only_sender(account) : nullptr;
    what.default_source = own != nullptr ? normalised(*own) : std::string();
    auto digits = normalised(what.destination.digits);
    const bool plus = what.destination.digits.find('+') != std::string::npos;
    const bool made = !plus && read_number(account, what.destination.ton, digits) ==
                                   number_reading::international;
    what.international_destination = made ? digits : std::string();
}

bool is_meant(const model::record::Message& message, const operation_target& what) {
    const auto source = message.source()->digits()->string_view();
    const auto destination = message.destination()->digits()->string_view();
    const auto& other = what.international_destination;
    return (same_address(source, what.source.digits) ||
            (!what.default_source.empty() && source == what.default_source)) &&
           (what.destination.digits.empty() || same_address(destination, what.destination.digits) ||
            (!other.empty() && destination == other)) &&
           (what.service_type.empty() || view_of(message.service_type()) == what.service_type);
}

void add_to_query(query_view& sum, const query_view& one, bool first) {
    if (first) {
        sum = one;
        return;
    }
    sum.scheduled = sum.scheduled && one.scheduled;
    sum.error = sum.error != 0 ? sum.error : one.error;
    if (!is_final(sum.state) || !is_final(one.state)) {
        sum.state = is_final(sum.state) ? one.state : sum.state;
        sum.done_ms = 0;
        return;
    }
    sum.done_ms = std::max(sum.done_ms, one.done_ms);
    if (sum.state == State::delivered) sum.state = one.state;
}

}  // namespace hikyaku::gateway
