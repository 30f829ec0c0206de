#include "gateway/links/classify.hpp"

#include <bit>
#include <utility>

#include "gateway/links/agents.hpp"
#include "gateway/links/ascii.hpp"
#include "gateway/links/browsers.hpp"
#include "gateway/links/hit_lists.hpp"

namespace hikyaku::gateway::links {
namespace {

struct known_header {
    std::string_view name;
    std::string_view request_facts::*value;
};
constexpr known_header known_headers[] = {
    {"user-agent", &request_facts::user_agent},
    {"accept", &request_facts::accept},
    {"accept-language", &request_facts::accept_language},
    {"sec-purpose", &request_facts::sec_purpose},
    {"purpose", &request_facts::purpose},
    {"x-purpose", &request_facts::x_purpose},
    {"x-moz", &request_facts::x_moz},
    {"sec-fetch-mode", &request_facts::sec_fetch_mode},
    {"sec-fetch-dest", &request_facts::sec_fetch_dest},
    {"sec-fetch-user", &request_facts::sec_fetch_user},
    {"sec-ch-ua", &request_facts::sec_ch_ua},
    {"sec-ch-ua-platform", &request_facts::sec_ch_ua_platform},
    {"x-requested-with", &request_facts::x_requested_with},
    {"from", &request_facts::from},
};

constexpr std::string_view class_names[hit_class_count] = {"human_likely", "preview", "prefetch",
                                                           "scanner",      "unknown", "automation"};

struct named_reason {
    hit_reason reason;
    std::string_view name;
};
constexpr named_reason named_reasons[] = {
    {hit_reason::head_method, "head_method"},
    {hit_reason::other_method, "other_method"},
    {hit_reason::prefetch_header, "prefetch_header"},
    {hit_reason::preview_header, "preview_header"},
    {hit_reason::preview_agent, "preview_agent"},
    {hit_reason::scanner_agent, "scanner_agent"},
    {hit_reason::crawler_agent, "crawler_agent"},
    {hit_reason::automation_agent, "automation_agent"},
    {hit_reason::app_agent, "app_agent"},
    {hit_reason::empty_agent, "empty_agent"},
    {hit_reason::no_accept, "no_accept"},
    {hit_reason::no_accept_language, "no_accept_language"},
    {hit_reason::old_http, "old_http"},
    {hit_reason::not_navigation, "not_navigation"},
    {hit_reason::too_soon, "too_soon"},
    {hit_reason::burst, "burst"},
    {hit_reason::mobile_browser, "mobile_browser"},
    {hit_reason::feature_phone_browser, "feature_phone_browser"},
    {hit_reason::desktop_browser, "desktop_browser"},
    {hit_reason::user_activation, "user_activation"},
    {hit_reason::in_app_browser, "in_app_browser"},
    {hit_reason::preview_network, "preview_network"},
    {hit_reason::scanner_network, "scanner_network"},
    {hit_reason::automation_network, "automation_network"},
    {hit_reason::no_page_accepted, "no_page_accepted"},
    {hit_reason::odd_client_hints, "odd_client_hints"},
    {hit_reason::outdated_browser, "outdated_browser"},
    {hit_reason::automation_hint, "automation_hint"},
    {hit_reason::from_header, "from_header"},
};

template <typename... Reasons>
constexpr std::uint32_t bits(Reasons... reasons) {
    return (static_cast<std::uint32_t>(reasons) | ...);
}

constexpr bool any_of(std::uint32_t reasons, std::uint32_t wanted) {
    return (reasons & wanted) != 0;
}

constexpr std::uint32_t preview_evidence =
    bits(hit_reason::preview_header, hit_reason::preview_agent, hit_reason::preview_network);
constexpr std::uint32_t scanner_evidence =
    bits(hit_reason::scanner_agent, hit_reason::scanner_network);
constexpr std::uint32_t automation_evidence =
    bits(hit_reason::automation_agent, hit_reason::automation_network, hit_reason::automation_hint);
constexpr std::uint32_t program_evidence =
    bits(hit_reason::crawler_agent, hit_reason::head_method, hit_reason::other_method,
         hit_reason::empty_agent, hit_reason::from_header, hit_reason::too_soon);
constexpr std::uint32_t oddities =
    bits(hit_reason::no_accept, hit_reason::no_accept_language, hit_reason::old_http,
         hit_reason::not_navigation, hit_reason::no_page_accepted, hit_reason::odd_client_hints,
         hit_reason::outdated_browser);

/// Sec-Purpose: "prefetch" or "prefetch;prerender" (Fetch standard); the rest are older names of
/// the same.
bool announces_prefetch(const request_facts& facts) {
    for (const std::string_view value :
         {facts.sec_purpose, facts.purpose, facts.x_purpose, facts.x_moz})
        if (ascii::contains(value, "prefetch") || ascii::contains(value, "prerender")) return true;
    return false;
}

bool announces_preview(const request_facts& facts) {
    return ascii::contains(facts.purpose, "preview") || ascii::contains(facts.x_purpose, "preview");
}

/// Opening a page is mode "navigate" with destination "document" (Fetch metadata). Browsers without
/// these headers say nothing. Web views name their app in X-Requested-With, scripts
/// "XMLHttpRequest".
bool is_no_navigation(const request_facts& facts) {
    return (!facts.sec_fetch_mode.empty() && !ascii::equal(facts.sec_fetch_mode, "navigate")) ||
           (!facts.sec_fetch_dest.empty() && !ascii::equal(facts.sec_fetch_dest, "document")) ||
           ascii::equal(facts.x_requested_with, "XMLHttpRequest");
}

/// Every browser that opens a page asks for HTML; feature phones also for what came before it.
bool accepts_no_page(std::string_view accept) {
    return !accept.empty() && !ascii::contains(accept, "html") && !ascii::contains(accept, "wml");
}

std::uint32_t reasons_of_headers(const request_facts& facts) {
    std::uint32_t reasons = 0;
    const auto add_if = [&](bool holds, hit_reason reason) {
        if (holds) reasons |= bits(reason);
    };
    add_if(announces_prefetch(facts), hit_reason::prefetch_header);
    add_if(announces_preview(facts), hit_reason::preview_header);
    add_if(facts.accept.empty(), hit_reason::no_accept);
    add_if(accepts_no_page(facts.accept), hit_reason::no_page_accepted);
    add_if(facts.accept_language.empty(), hit_reason::no_accept_language);
    add_if(is_no_navigation(facts), hit_reason::not_navigation);
    add_if(facts.sec_fetch_user == "?1", hit_reason::user_activation);
    add_if(contradicts_platform(facts.user_agent, facts.sec_ch_ua_platform),
           hit_reason::odd_client_hints);
    add_if(!facts.from.empty(), hit_reason::from_header);
    add_if(ascii::contains(facts.sec_ch_ua, "headless"), hit_reason::automation_hint);
    return reasons;
}

std::uint32_t gather(const request_facts& facts, const classify_limits& limits) {
    std::uint32_t reasons =
        reasons_of(facts.agent ? *facts.agent : agent_lists::shipped().describe(facts.user_agent)) |
        reasons_of_network(facts.network_says) | reasons_of_headers(facts);
    const auto add_if = [&](bool holds, hit_reason reason) {
        if (holds) reasons |= bits(reason);
    };
    add_if(facts.method == "HEAD", hit_reason::head_method);
    add_if(facts.method != "HEAD" && facts.method != "GET", hit_reason::other_method);
    add_if(facts.user_agent.find_first_not_of(" -") == std::string_view::npos,
           hit_reason::empty_agent);
    add_if(facts.http_version < 11, hit_reason::old_http);
    add_if(facts.since_sent && *facts.since_sent < limits.too_soon, hit_reason::too_soon);
    add_if(facts.other_codes >= limits.burst_codes, hit_reason::burst);
    return reasons;
}

}  // namespace

bool add_header(request_facts& facts, std::string_view name, std::string_view value) {
    for (const known_header& header : known_headers) {
        if (!ascii::equal(name, header.name)) continue;
        if ((facts.*header.value).empty()) facts.*header.value = value;
        return true;
    }
    return false;
}

std::uint32_t reasons_of(const agent_description& agent) {
    using enum config::agent_says;
    constexpr std::pair<config::agent_says, hit_reason> programs[] = {
        {preview, hit_reason::preview_agent},
        {scanner, hit_reason::scanner_agent},
        {crawler, hit_reason::crawler_agent},
        {automation, hit_reason::automation_agent},
        {app, hit_reason::app_agent}};
    std::uint32_t reasons = 0;
    for (const auto& [says, reason] : programs)
        if (agent.has(says)) reasons |= bits(reason);
    switch (agent.browser) {
        case browser_kind::none:
            return reasons;
        case browser_kind::mobile:
            reasons |= bits(hit_reason::mobile_browser);
            break;
        case browser_kind::feature_phone:
            reasons |= bits(hit_reason::feature_phone_browser);
            break;
        case browser_kind::desktop:
            reasons |= bits(hit_reason::desktop_browser);
            break;
    }
    if (agent.has(in_app)) reasons |= bits(hit_reason::in_app_browser);
    if (agent.outdated) reasons |= bits(hit_reason::outdated_browser);
    return reasons;
}

std::uint32_t reasons_of_network(std::uint8_t says) {
    constexpr hit_reason known[] = {hit_reason::preview_network, hit_reason::scanner_network,
                                    hit_reason::automation_network};
    std::uint32_t reasons = 0;
    for (std::size_t i = 0; i < std::size(known); ++i)
        if ((says & (1U << i)) != 0) reasons |= bits(known[i]);
    return reasons;
}

hit_class class_of(std::uint32_t reasons) {
    const bool feature_phone = any_of(reasons, bits(hit_reason::feature_phone_browser));
    const bool phone = feature_phone || any_of(reasons, bits(hit_reason::mobile_browser));
    const bool browser = phone || any_of(reasons, bits(hit_reason::desktop_browser));

    if (any_of(reasons, bits(hit_reason::prefetch_header))) return hit_class::prefetch;
    if (any_of(reasons, preview_evidence)) return hit_class::preview;
    if (any_of(reasons, scanner_evidence)) return hit_class::scanner;
    if (any_of(reasons, automation_evidence)) return hit_class::automation;
    if (any_of(reasons, program_evidence)) return hit_class::scanner;
    if (any_of(reasons, bits(hit_reason::burst)))
        return phone ? hit_class::unknown : hit_class::scanner;
    if (any_of(reasons, bits(hit_reason::app_agent))) {
        const bool silent = any_of(reasons, bits(hit_reason::no_accept_language));
        return silent ? hit_class::automation : hit_class::unknown;
    }
    if (feature_phone) return hit_class::human_likely;
    const int odd = std::popcount(reasons & oddities);
    if (odd > 0) return odd == 1 ? hit_class::unknown : hit_class::scanner;
    return browser ? hit_class::human_likely : hit_class::unknown;
}

hit_verdict classify(const request_facts& facts, const classify_limits& limits) {
    const std::uint32_t reasons = gather(facts, limits);
    return {class_of(reasons), reasons};
}

bool may_be_a_person(std::uint32_t reasons) {
    constexpr std::uint32_t named =
        preview_evidence | scanner_evidence | automation_evidence |
        bits(hit_reason::crawler_agent, hit_reason::head_method, hit_reason::other_method,
             hit_reason::from_header, hit_reason::app_agent);
    return !any_of(reasons, named);
}

hit_verdict classify_again(const stored_hit& hit, const hit_lists& lists) {
    constexpr std::uint32_t of_program =
        bits(hit_reason::preview_agent, hit_reason::scanner_agent, hit_reason::crawler_agent,
             hit_reason::automation_agent, hit_reason::app_agent);
    constexpr std::uint32_t of_agent =
        of_program | bits(hit_reason::mobile_browser, hit_reason::feature_phone_browser,
                          hit_reason::desktop_browser, hit_reason::in_app_browser,
                          hit_reason::outdated_browser);
    constexpr std::uint32_t of_network = bits(
        hit_reason::preview_network, hit_reason::scanner_network, hit_reason::automation_network);
    // Cut between characters: up to three octets less than there was room for.
    const bool cut = hit.user_agent.size() + 4 > hit.user_agent_octets_max;
    const auto network = lists.networks.says_of_network(hit.network);
    std::uint32_t reasons = hit.reasons & ~(of_agent | of_network);
    reasons |= reasons_of(lists.agents.describe(hit.user_agent));
    if (cut) reasons |= hit.reasons & of_program;
    reasons |= reasons_of_network(network.all);
    reasons |= reasons_of_network(network.some) & hit.reasons;
    return {class_of(reasons), reasons};
}

std::string_view to_string(hit_class kind) {
    const auto index = static_cast<std::size_t>(kind);
    return index < hit_class_count ? class_names[index] : "unknown";
}

std::vector<std::string_view> reason_names(std::uint32_t reasons) {
    std::vector<std::string_view> names;
    for (const named_reason& known : named_reasons)
        if ((reasons & bits(known.reason)) != 0) names.push_back(known.name);
    return names;
}

}  // namespace hikyaku::gateway::links
