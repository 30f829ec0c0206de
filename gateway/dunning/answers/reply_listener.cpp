#include "gateway/dunning/answers/reply_listener.hpp"

#include <algorithm>
#include <chrono>

#include "gateway/dunning/answers/said_json.hpp"
#include "gateway/engine/directory/last_message.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "gateway/replies/stop_reference.hpp"

namespace hikyaku::gateway::dunning {
namespace {

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t wrote_within_ms = 30 * day_ms;
// Where nobody knows in which zone somebody is, a day ends when it does everywhere.
constexpr std::int64_t behind_everybody_ms = std::int64_t{12} * 3'600'000;

std::string_view language_of(const config::account& account) {
    switch (account.replies.language) {
        case config::reply_language::japanese:
            return "ja";
        case config::reply_language::english:
            return "en";
        case config::reply_language::automatic:
            break;
    }
    return {};
}

std::int32_t day_at(std::int64_t local_ms) {
    return static_cast<std::int32_t>(local_ms >= 0 ? local_ms / day_ms
                                                   : -((day_ms - 1 - local_ms) / day_ms));
}

/// The latest date that it is for the person: a promise for tomorrow holds no shorter for that.
std::int32_t today_in(const std::vector<const gate::local_zone*>& zones, std::int64_t now_ms) {
    if (zones.empty()) return day_at(now_ms);
    std::int32_t latest = day_at(now_ms + zones.front()->at(now_ms).offset_ms);
    for (const auto* zone : zones)
        latest = std::max(latest, day_at(now_ms + zone->at(now_ms).offset_ms));
    return latest;
}

std::int64_t end_of(std::int32_t day, const std::vector<const gate::local_zone*>& zones) {
    if (zones.empty()) return (std::int64_t{day} + 1) * day_ms + behind_everybody_ms;
    std::int64_t end = gate::always_ms;
    for (const auto* zone : zones)
        end = std::max(end, gate::begin_of_day(*zone, day + 1));
    return end;
}

std::int64_t end_of_promise(const replies::reading& said,
                            const std::vector<const gate::local_zone*>& zones) {
    std::int64_t end = 0;
    for (const auto& each : said.intents) {
        if (each.what != replies::intent::promise) continue;
        for (const auto& date : each.dates) {
            const auto day = std::chrono::sys_days(date).time_since_epoch().count();
            end = std::max(end, end_of(static_cast<std::int32_t>(day), zones));
        }
    }
    return end;
}

/// What stands behind a keyword of the account; empty: it begins with none.
std::string_view behind_keyword(std::string_view text, const config::account& account) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    const auto end = text.find_first_of(" \t\r\n", begin);
    if (end == std::string_view::npos) return {};
    const auto word = text.substr(begin, end - begin);
    const bool is_one = std::ranges::any_of(account.keywords, [&](const std::string& each) {
        return std::ranges::equal(each, word, {}, lower, lower);
    });
    return is_one ? text.substr(end + 1) : std::string_view{};
}

std::string text_of(const flatbuffers::String* from) {
    return from == nullptr ? std::string() : from->str();
}

bool is_number(std::string_view digits) {
    return !digits.empty() && std::ranges::all_of(
                                  digits, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::shared_ptr<const reading_settings> reading_settings_of(
    const config::settings& from, const std::function<std::uint32_t(const std::string&)>& number_of,
    const reading_settings* before) {
    auto made = std::make_shared<reading_settings>();
    for (const auto& each : from.accounts) {
        if (!each.reads_replies()) continue;
        reading_rules rules;
        rules.account = std::make_shared<const config::account>(each);
        const auto number = number_of(each.name);
        const auto known =
            before == nullptr ? reading_settings::const_iterator{} : before->find(number);
        const bool is_as_before =
            before != nullptr && known != before->end() &&
            known->second.account->replies.own_rules == each.replies.own_rules;
        if (is_as_before)
            rules.own = known->second.own;
        else if (!each.replies.own_rules.empty())
            if (auto own = replies::reply_reader::extended(each.replies.own_rules))
                rules.own = std::make_shared<const replies::reply_reader>(std::move(*own));
        made->emplace(number, std::move(rules));
    }
    return made;
}

void reply_listener::find_phone(read_reply& of, const config::account& account) const {
    of.phone = without_plus(of.source.digits);
    const bool is_international =
        is_number(of.phone) &&
        read_number(account, of.source.ton, of.phone) == number_reading::international;
    const bool says_so = of.source.ton == ton::international || of.source.digits.starts_with('+');
    of.contact = is_international || (says_so && is_number(of.phone)) ? '+' + of.phone : of.phone;
}

/// Debtor, debt and zones of the last message, and whose reference the stop names.
void reply_listener::look_at_messages(read_reply& of, const config::account& account,
                                      const store::snapshot& from,
                                      std::vector<std::string>& zones) {
    of.reference = replies::reference_after_stop(of.text);
    if (of.reference.empty())
        of.reference = replies::reference_after_stop(behind_keyword(of.text, account));
    bool is_first = true;
    for_each_message_to(
        store_, from, account_id{of.account}, of.phone, of.at_ms - wrote_within_ms,
        [&](std::uint64_t, const model::record::Message& message) {
            if (is_first) {
                of.debtor = text_of(message.debtor());
                of.debt = text_of(message.debt());
                if (message.contact() != nullptr && message.contact()->zones() != nullptr)
                    for (const auto* zone : *message.contact()->zones())
                        zones.push_back(zone->str());
            }
            is_first = false;
            if (of.reference.empty()) return false;
            const auto debt = text_of(message.debt());
            const bool is_meant =
                !debt.empty() &&
                (replies::comparable_reference(debt) == of.reference ||
                 replies::comparable_reference(text_of(message.reference())) == of.reference);
            if (is_meant) of.stopped_debt = debt;
            return !is_meant;
        });
}

std::vector<const gate::local_zone*> reply_listener::zones_of(const read_reply& of,
                                                              const std::vector<std::string>& named,
                                                              const config::account& account) {
    std::vector<const gate::local_zone*> made;
    const auto add = [&](const std::vector<std::string>& names) {
        for (const auto& name : names)
            if (const auto* zone = zones_.find(name)) made.push_back(zone);
    };
    add(named);
    if (made.empty() && of.contact.starts_with('+')) {
        const auto of_number = zones_.of_number(of.contact);
        made.assign(of_number.begin(), of_number.end());
    }
    if (made.empty()) add(account.zones);
    return made;
}

read_reply reply_listener::read(heard_reply heard, const store::snapshot& from) {
    static const config::account nobody;  // of an account whose replies are read no more
    read_reply made{std::move(heard)};
    const auto known =
        settings_ == nullptr ? reading_settings::const_iterator{} : settings_->find(made.account);
    const bool is_known = settings_ != nullptr && known != settings_->end();
    const auto& account = is_known ? *known->second.account : nobody;
    find_phone(made, account);
    std::vector<std::string> named;
    look_at_messages(made, account, from, named);
    const auto zones = zones_of(made, named, account);
    const auto& reader =
        is_known && known->second.own ? *known->second.own : replies::reply_reader::shipped();
    const std::chrono::sys_days today{std::chrono::days{today_in(zones, made.at_ms)}};
    const replies::date date{today};
    made.said = reader.read(made.text, language_of(account), date);
    const auto rest = behind_keyword(made.text, account);
    if (made.said.says == replies::decision::person && !rest.empty())
        if (auto other = reader.read(rest, language_of(account), date);
            other.says == replies::decision::act)
            made.said = std::move(other);
    made.promised_ms = end_of_promise(made.said, zones);
    if (!made.is_whole) made.said.says = replies::decision::person;
    made.said_json = json_of(made.said);
    return made;
}

}  // namespace hikyaku::gateway::dunning
