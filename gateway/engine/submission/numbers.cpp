#include "gateway/engine/submission/numbers.hpp"

#include <algorithm>

#include "smpp/text/ascii.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway {

using smpp::text::is_digit;

namespace {

constexpr std::size_t e164_digits_min = 7;        // the shortest numbers of any country
constexpr std::size_t sender_short_code_max = 7;  // digits of a sender that has no type
constexpr std::string_view short_code_start = "000";

/// Whether `digits` begin with this prefix and a digit 1-9 behind it.
bool dials(std::string_view digits, std::string_view prefix) {
    return !prefix.empty() && digits.starts_with(prefix) && digits.size() > prefix.size() &&
           digits[prefix.size()] != '0';
}

/// `country` and the digits behind the first `prefix` ones.
number_reading made_of(std::string_view country, std::size_t prefix, std::string& digits) {
    const auto size = country.size() + digits.size() - prefix;
    if (size < e164_digits_min || size > e164_digits_max) return number_reading::uncertain;
    digits.replace(0, prefix, country);
    return number_reading::international;
}

}  // namespace

bool leads_with_zero(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    return text.starts_with('0') && std::all_of(text.begin(), text.end(), is_digit);
}

bool has_number_settings(const config::account& account) {
    return !account.home_country.empty() || !account.international_prefix.empty();
}

number_reading read_number(const config::account& account, std::uint8_t type, std::string& digits) {
    const auto& home = account.home_country;
    const auto& abroad = account.international_prefix;
    const bool zero = digits.starts_with('0');
    if (!has_number_settings(account) || type == ton::network || type == ton::alphanumeric ||
        type == ton::abbreviated || (type == ton::international && !zero))
        return number_reading::kept;
    const bool national = type == ton::national || type == ton::subscriber;
    if (dials(digits, abroad))
        return national && !zero ? number_reading::uncertain : made_of({}, abroad.size(), digits);
    if (digits.starts_with(short_code_start)) return number_reading::kept;
    if (zero && !abroad.empty() && digits.starts_with(abroad)) return number_reading::uncertain;
    if ((zero || national) && dials(digits, account.trunk_prefix))
        return made_of(home, account.trunk_prefix.size(), digits);
    if (!zero && !national) return number_reading::kept;
    const bool whole = !zero && type == ton::national && !home.empty() && !digits.starts_with(home);
    return whole ? made_of(home, 0, digits) : number_reading::uncertain;
}

void label_sender(phone_address& sender) {
    if (sender.digits.size() <= sender_short_code_max) {
        sender.ton = ton::network;
        sender.npi = npi::unknown;
        return;
    }
    sender.ton = sender.digits.starts_with('0') ? ton::national : ton::international;
    sender.npi = npi::isdn;
}

const std::string* only_sender(const config::account& account) {
    const auto& senders = account.senders;
    return senders.size() != 1 || senders.front().ends_with('*') ? nullptr : &senders.front();
}

std::string mask_address(std::string_view address) {
    constexpr std::size_t shown = 3;
    std::string masked(address.size(), '*');
    if (address.size() <= shown) return masked;
    auto hidden = address.size() - shown;
    // A character of an alphanumeric sender that would be shown in half is hidden.
    if (const auto whole = smpp::text::cut_utf8(address, hidden).size(); whole < hidden)
        hidden = whole + smpp::text::decode_utf8(address, whole).bytes;
    masked.replace(hidden, std::string::npos, address.substr(hidden));
    return masked;
}

}  // namespace hikyaku::gateway
