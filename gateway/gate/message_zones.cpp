#include "gateway/gate/message_zones.hpp"

#include <algorithm>

namespace hikyaku::gateway::gate {
namespace {

constexpr std::int64_t zones_end_ms = 2'145'916'800'000;  // 2038-01-01

}  // namespace

message_zones::message_zones(const facts& about, const policy& rules, zone_book& book) {
    const bool number_too = std::ranges::any_of(rules.rules, [&](const rule& each) {
        return each.kind == rule_kind::zone && each.number_zone_too;
    });
    const auto of_number =
        about.zones.empty() || number_too ? book.of_number(about.number) : zone_book::zones{};
    bool known = true;
    if (!about.zones.empty()) {
        from_ = origin::contact;
        known = add_names(about.zones, book) && (!number_too || add(of_number));
    } else if (!of_number.empty() && (about.number_is_sure || rules.account_zones.empty())) {
        from_ = origin::number;
        known = add(of_number);
    } else if (!rules.account_zones.empty()) {
        from_ = origin::account;
        known = add_names(rules.account_zones, book) && add(of_number);
    }
    // The system's tables of zones say nothing of changes after that year.
    if (!known || about.now_ms >= zones_end_ms) count_ = 0;
    const bool needs_countries = std::ranges::any_of(rules.rules, [](const rule& each) {
        return each.kind == rule_kind::rest_days && each.holidays && each.calendars.empty();
    });
    if (needs_countries) find_countries(about);
}

template <class Names>
bool message_zones::add_names(const Names& names, zone_book& book) {
    for (const auto& name : names) {
        const local_zone* const zone = book.find(name);
        if (zone == nullptr || !add({&zone, 1})) return false;
    }
    return true;
}

bool message_zones::add(zone_book::zones more) {
    if (count_ + more.size() > zones_max) return false;
    std::ranges::copy(more, zones_.begin() + static_cast<std::ptrdiff_t>(count_));
    count_ += more.size();
    return true;
}

/// False: there are too many.
bool message_zones::add_country(std::string_view country) {
    const auto known = countries();
    if (country.empty() || std::ranges::find(known, country) != known.end()) return true;
    if (country_count_ == countries_max) return false;
    countries_[country_count_++] = country;
    return true;
}

/// One possible country whose holidays nobody knows leaves none known.
void message_zones::find_countries(const facts& about) {
    bool all_known = add_country(country_of_number(about.number));
    for (const local_zone* const zone : all()) {
        const auto country = country_of_zone(zone->name());
        all_known = all_known && !country.empty() && add_country(country);
    }
    if (!all_known) country_count_ = 0;
}

std::string_view name_of(message_zones::origin what) {
    switch (what) {
        case message_zones::origin::contact:
            return "contact";
        case message_zones::origin::number:
            return "number";
        case message_zones::origin::account:
            return "account";
        case message_zones::origin::nowhere:
            break;
    }
    return "nowhere";
}

}  // namespace hikyaku::gateway::gate
