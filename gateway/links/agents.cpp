#include "gateway/links/agents.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>

#include "gateway/links/ascii.hpp"

namespace hikyaku::gateway::links {
namespace {

enum class place : std::uint8_t { anywhere, start };

struct agent_pattern {
    std::string_view text;  // in lower case
    agent_kind kind;
    place where = place::anywhere;
};

// The first match decides, so previews come before the crawlers whose names they borrow.
// Names are written with what follows them where a browser inside an app carries the same word
// ("... Telegram-Android/10" and "... Line/13" are people, "TelegramBot" and "line-poker" are not).
constexpr agent_pattern agent_patterns[] = {
    {"facebookexternalhit", agent_kind::preview},  // Facebook, Messenger, LINE, KakaoTalk, iMessage
    {"facebookcatalog", agent_kind::preview},
    {"facebot", agent_kind::preview},
    {"meta-externalfetcher", agent_kind::preview},
    {"line-poker", agent_kind::preview},
    {"kakaotalk-scrap", agent_kind::preview},
    {"whatsapp/", agent_kind::preview, place::start},
    {"viber/", agent_kind::preview, place::start},
    {"twitterbot", agent_kind::preview},
    {"telegrambot", agent_kind::preview},
    {"slackbot", agent_kind::preview},
    {"slack-imgproxy", agent_kind::preview},
    {"discordbot", agent_kind::preview},
    {"linkedinbot", agent_kind::preview},
    {"applebot", agent_kind::preview},
    {"redditbot", agent_kind::preview},
    {"pinterestbot", agent_kind::preview},
    {"vkshare", agent_kind::preview},
    {"snap url preview", agent_kind::preview},
    {"skypeuripreview", agent_kind::preview},
    {"microsoftpreview", agent_kind::preview},
    {"bingpreview", agent_kind::preview},
    {"google-read-aloud", agent_kind::preview},
    {"google-pagerenderer", agent_kind::preview},
    {"googlemessages", agent_kind::preview},
    {"google web preview", agent_kind::preview},
    {"developers.google.com/+/web/snippet", agent_kind::preview},
    {"chatwork linkpreview", agent_kind::preview},
    {"linkpreview", agent_kind::preview},
    {"link preview", agent_kind::preview},
    {"urlpreview", agent_kind::preview},
    {"embedly", agent_kind::preview},
    {"iframely", agent_kind::preview},
    {"synapse (bot;", agent_kind::preview},
    {"mastodon/", agent_kind::preview},
    {"mattermost", agent_kind::preview},
    {"rocket.chat", agent_kind::preview},

    {"proofpoint", agent_kind::scanner},
    {"mimecast", agent_kind::scanner},
    {"barracuda", agent_kind::scanner},
    {"messagelabs", agent_kind::scanner},
    {"symantec", agent_kind::scanner},
    {"trendmicro", agent_kind::scanner},
    {"forcepoint", agent_kind::scanner},
    {"fireeye", agent_kind::scanner},
    {"trellix", agent_kind::scanner},
    {"ironport", agent_kind::scanner},
    {"zscaler", agent_kind::scanner},
    {"fortiguard", agent_kind::scanner},
    {"cloudmark", agent_kind::scanner},
    {"adaptivemobile", agent_kind::scanner},
    {"google-safety", agent_kind::scanner},
    {"virustotal", agent_kind::scanner},
    {"urlscan", agent_kind::scanner},
    {"netcraft", agent_kind::scanner},
    {"phishtank", agent_kind::scanner},
    {"expanse", agent_kind::scanner},
    {"paloalto", agent_kind::scanner},
    {"censys", agent_kind::scanner},
    {"shodan", agent_kind::scanner},
    {"internetmeasurement", agent_kind::scanner},
    {"zgrab", agent_kind::scanner},
    {"masscan", agent_kind::scanner},
    {"nmap", agent_kind::scanner},
    {"nuclei", agent_kind::scanner},
    {"nikto", agent_kind::scanner},
    {"sqlmap", agent_kind::scanner},
    {"wpscan", agent_kind::scanner},
    {"gobuster", agent_kind::scanner},
    {"dirbuster", agent_kind::scanner},

    {"crawler", agent_kind::crawler},
    {"spider", agent_kind::crawler},
    {"mediapartners-google", agent_kind::crawler},
    {"googleother", agent_kind::crawler},
    {"ia_archiver", agent_kind::crawler},
    {"bytespider", agent_kind::crawler},
    {"yahoo! slurp", agent_kind::crawler},

    {"headlesschrome", agent_kind::automation},
    {"phantomjs", agent_kind::automation},
    {"puppeteer", agent_kind::automation},
    {"playwright", agent_kind::automation},
    {"selenium", agent_kind::automation},
    {"curl/", agent_kind::automation},
    {"libcurl", agent_kind::automation},
    {"wget", agent_kind::automation},
    {"httpie/", agent_kind::automation},
    {"python", agent_kind::automation},  // python-requests, Python-urllib, python-httpx, Python/3
    {"aiohttp", agent_kind::automation},
    {"scrapy", agent_kind::automation},
    {"go-http-client", agent_kind::automation},
    {"java/", agent_kind::automation, place::start},
    {"apache-httpclient", agent_kind::automation},
    {"jakarta", agent_kind::automation},
    {"reactornetty", agent_kind::automation},
    {"axios/", agent_kind::automation},
    {"node-fetch", agent_kind::automation},
    {"undici", agent_kind::automation},
    {"node", agent_kind::automation, place::start},
    {"got (", agent_kind::automation, place::start},
    {"deno/", agent_kind::automation, place::start},
    {"bun/", agent_kind::automation, place::start},
    {"libwww-perl", agent_kind::automation},
    {"ruby", agent_kind::automation, place::start},
    {"faraday", agent_kind::automation},
    {"guzzlehttp", agent_kind::automation},
    {"php/", agent_kind::automation},
    {"dart/", agent_kind::automation, place::start},
    {"reqwest/", agent_kind::automation},
    {"winhttp", agent_kind::automation},
    {"powershell", agent_kind::automation},
    {"postmanruntime", agent_kind::automation},
    {"insomnia/", agent_kind::automation},
    {"apachebench", agent_kind::automation},

    {"okhttp/", agent_kind::app},
    {"dalvik/", agent_kind::app, place::start},
    {"cfnetwork/", agent_kind::app},
};

// Browsers of Japanese feature phones and the proxies that stand for them. Their requests lack
// headers that every smartphone sends.
constexpr agent_pattern feature_phones[] = {
    {"docomo/", agent_kind::none, place::start},
    {"kddi-", agent_kind::none, place::start},
    {"up.browser", agent_kind::none},
    {"softbank/", agent_kind::none, place::start},
    {"vodafone/", agent_kind::none, place::start},
    {"j-phone/", agent_kind::none, place::start},
    {"mozilla/3.0(willcom;", agent_kind::none, place::start},
    {"mozilla/3.0(ddipocket;", agent_kind::none, place::start},
    {"emobile/", agent_kind::none, place::start},
    {"nokia", agent_kind::none, place::start},
    {"blackberry", agent_kind::none, place::start},
    {"netfront/", agent_kind::none},
    {"opera mini/", agent_kind::none},
    {"kaios/", agent_kind::none},
};

constexpr std::string_view mobile_platforms[] = {"(iphone", "(ipad",  "(ipod",  "android",
                                                 "mobile",  "tablet", "harmony"};
constexpr std::string_view desktop_platforms[] = {"windows nt", "macintosh", "x11;", "cros "};
constexpr std::string_view engines[] = {"applewebkit/", "gecko/"};

bool matches(const agent_pattern& pattern, std::string_view agent) {
    return pattern.where == place::start ? agent.starts_with(pattern.text)
                                         : agent.find(pattern.text) != std::string_view::npos;
}

template <std::size_t Count>
bool holds_one_of(std::string_view agent, const std::string_view (&parts)[Count]) {
    return std::ranges::any_of(
        parts, [&](std::string_view part) { return agent.find(part) != std::string_view::npos; });
}

/// True if a word ends in "bot" (Googlebot/2.1, AhrefsBot, "robot)"), except Cubot, a phone maker.
bool says_bot(std::string_view agent) {
    constexpr std::string_view bot = "bot";
    for (std::size_t at = agent.find(bot); at != std::string_view::npos;
         at = agent.find(bot, at + 1)) {
        const std::string_view after = agent.substr(at + bot.size());
        const bool word_ends =
            after.empty() || (!ascii::is_letter_or_digit(after[0]) && after[0] != '_');
        if (word_ends && !agent.substr(0, at).ends_with("cu")) return true;
    }
    return false;
}

constexpr std::size_t agent_octets_max = 1024;

agent_kind kind_of(std::string_view agent) {
    for (const agent_pattern& pattern : agent_patterns)
        if (matches(pattern, agent)) return pattern.kind;
    return says_bot(agent) ? agent_kind::crawler : agent_kind::none;
}

browser_kind browser_of(std::string_view agent) {
    const auto matches_agent = [&](const agent_pattern& pattern) {
        return matches(pattern, agent);
    };
    if (std::ranges::any_of(feature_phones, matches_agent)) return browser_kind::feature_phone;
    if (!agent.starts_with("mozilla/5.0") || !holds_one_of(agent, engines))
        return browser_kind::none;
    if (holds_one_of(agent, mobile_platforms)) return browser_kind::mobile;
    return holds_one_of(agent, desktop_platforms) ? browser_kind::desktop : browser_kind::none;
}

}  // namespace

agent_description describe_agent(std::string_view user_agent) {
    std::array<char, agent_octets_max> lower;
    user_agent = user_agent.substr(0, lower.size());
    std::ranges::transform(user_agent, lower.begin(), ascii::to_lower);
    const std::string_view agent(lower.data(), user_agent.size());
    return {kind_of(agent), browser_of(agent)};
}

agent_description agent_memory::describe(std::string_view user_agent) {
    user_agent = user_agent.substr(0, agent_octets_max);
    auto& place = entries_[std::hash<std::string_view>{}(user_agent) % slots];
    if (!place.used || place.user_agent != user_agent) {
        place.user_agent = user_agent;
        place.description = describe_agent(user_agent);
        place.used = true;
    }
    return place.description;
}

}  // namespace hikyaku::gateway::links
