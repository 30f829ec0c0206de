// Requests of machines.
#include "tests/unit/gateway/links/corpus.hpp"

namespace hikyaku::gateway::links::corpus {
namespace of_machines {
namespace {

using enum hit_class;

constexpr std::string_view page_accept =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

constexpr header none[] = {{"Host", "pay.example"}};
constexpr header any_accept[] = {{"Accept", "*/*"}, {"Accept-Encoding", "gzip, deflate"}};
constexpr header page[] = {{"Accept", page_accept}, {"Accept-Encoding", "gzip"}};
constexpr header browser[] = {{"Accept", page_accept},
                              {"Accept-Language", "ja-JP,ja;q=0.9"},
                              {"Upgrade-Insecure-Requests", "1"}};
constexpr header english_browser[] = {{"Accept", page_accept},
                                      {"Accept-Language", "en-US,en;q=0.9"},
                                      {"Sec-Fetch-Mode", "navigate"},
                                      {"Sec-Fetch-Dest", "document"},
                                      {"Sec-Fetch-User", "?1"}};
constexpr header sec_purpose[] = {{"Accept", page_accept},
                                  {"Accept-Language", "ja"},
                                  {"Sec-Purpose", "prefetch"},
                                  {"Sec-Fetch-Dest", "empty"},
                                  {"Sec-Fetch-Mode", "no-cors"}};
constexpr header prerender[] = {
    {"Accept", page_accept}, {"Accept-Language", "ja"},      {"Sec-Purpose", "prefetch;prerender"},
    {"Purpose", "prefetch"}, {"Sec-Fetch-Dest", "document"}, {"Sec-Fetch-Mode", "navigate"}};
constexpr header anonymous_prefetch[] = {{"Accept", page_accept},
                                         {"Accept-Language", "ja"},
                                         {"Sec-Purpose", "prefetch;anonymous-client-ip"}};
constexpr header old_purpose[] = {
    {"Accept", page_accept}, {"Accept-Language", "ja"}, {"Purpose", "prefetch"}};
constexpr header x_moz[] = {
    {"Accept", page_accept}, {"Accept-Language", "ja"}, {"X-Moz", "prefetch"}};
constexpr header x_purpose[] = {
    {"Accept", page_accept}, {"Accept-Language", "ja"}, {"X-Purpose", "preview"}};
constexpr header headless_hint[] = {
    {"sec-ch-ua", R"("HeadlessChrome";v="136", "Chromium";v="136", "Not.A/Brand";v="99")"},
    {"sec-ch-ua-platform", R"("Windows")"},
    {"Accept", page_accept},
    {"Accept-Language", "en-US"},
    {"Sec-Fetch-Mode", "navigate"},
    {"Sec-Fetch-Dest", "document"}};
constexpr header linux_hint[] = {
    {"sec-ch-ua", R"("Chromium";v="136", "Google Chrome";v="136", "Not.A/Brand";v="99")"},
    {"sec-ch-ua-platform", R"("Linux")"},
    {"Accept", page_accept},
    {"Accept-Language", "en-US"},
    {"Sec-Fetch-Mode", "navigate"},
    {"Sec-Fetch-Dest", "document"}};
constexpr header script[] = {{"Accept", "*/*"},
                             {"Accept-Language", "en-US"},
                             {"Sec-Fetch-Mode", "cors"},
                             {"Sec-Fetch-Dest", "empty"}};
constexpr header xhr[] = {
    {"Accept", page_accept}, {"Accept-Language", "en-US"}, {"X-Requested-With", "XMLHttpRequest"}};
constexpr header tool[] = {{"Accept", "*/*"}, {"Accept-Language", "*"}, {"Sec-Fetch-Mode", "cors"}};

constexpr std::string_view iphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1";
constexpr std::string_view android =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 "
    "Mobile Safari/537.36";
constexpr std::string_view windows =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/136.0.0.0 Safari/537.36";

constexpr request all[] = {
    // Fetched ahead.
    {"Chrome, link prefetch", prefetch, android, sec_purpose},
    {"Chrome, prerender", prefetch, android, prerender},
    {"Chrome, through its proxy", prefetch, android, anonymous_prefetch},
    {"Chrome, traffic advice", scanner, "Chrome Privacy Preserving Prefetch Proxy", any_accept},
    {"Safari, old header", prefetch, iphone, old_purpose},
    {"Firefox", prefetch,
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0", x_moz},
    {"Safari, top sites", preview, iphone, x_purpose},

    // Cards.
    {"iMessage", preview,
     "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) "
     "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
     browser},
    {"Google Messages", preview, "GoogleMessages/1.0", any_accept},
    {"Google Messages, as a browser", preview,
     "Mozilla/5.0 (compatible; GoogleMessages; +https://support.google.com/messages)", browser},
    {"Facebook", preview,
     "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", any_accept},
    {"Facebook, bare", preview, "facebookexternalhit/1.1", none},
    {"Meta", preview, "meta-externalfetcher/1.1", any_accept},
    {"LINE", preview, "facebookexternalhit/1.1;line-poker/1.0", any_accept},
    {"KakaoTalk", preview,
     "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/", none},
    {"WhatsApp", preview, "WhatsApp/2.23.20.0 A", any_accept},
    {"WhatsApp, iPhone", preview, "WhatsApp/2.24.10.80 i", any_accept},
    {"Signal", preview, "WhatsApp/2", none},
    {"Viber", preview, "Viber/13.3.0.8 CFNetwork/1410 Darwin/22.6.0", any_accept},
    {"X", preview, "Twitterbot/1.0", any_accept},
    {"Telegram", preview, "TelegramBot (like TwitterBot)", any_accept},
    {"Slack", preview, "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", any_accept},
    {"Slack, pictures", preview, "Slack-ImgProxy (+https://api.slack.com/robots)", any_accept},
    {"Discord", preview, "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
     any_accept},
    {"LinkedIn", preview,
     "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
     any_accept},
    {"Teams", preview, "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", page},
    {"Bing", preview,
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko; "
     "MicrosoftPreview/2.0; +https://aka.ms/MicrosoftPreview) Chrome/112.0.0.0 Safari/537.36",
     browser},
    {"Bing, older", preview,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 7_0 like Mac OS X) AppleWebKit/537.51.1 (KHTML, like "
     "Gecko) Version/7.0 Mobile/11A465 Safari/9537.53 BingPreview/1.0b",
     browser},
    {"Google, read aloud", preview,
     "Mozilla/5.0 (Linux; Android 7.0; SM-G930V Build/NRD90M) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Chrome/59.0.3071.125 Mobile Safari/537.36 (compatible; Google-Read-Aloud; "
     "+https://support.google.com/webmasters/answer/1061943)",
     browser},
    {"Google, snippets", preview,
     "Mozilla/5.0 (Windows NT 6.1; rv:6.0) Gecko/20110814 Firefox/6.0 Google "
     "(+https://developers.google.com/+/web/snippet/)",
     page},
    {"Gmail, pictures", preview,
     "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
     none},
    {"Apple", preview,
     "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/13.1.1 Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
     browser},
    {"Chatwork", preview, "ChatWork LinkPreview v1", any_accept},
    {"Chatwork, now", preview, "Mozilla/5.0 (compatible; Chatwork LinkPreview v1)", any_accept},
    {"Snapchat", preview,
     "Mozilla/5.0 (compatible; Snap URL Preview Service; bot; snapchat; "
     "https://developers.snap.com/robots)",
     page},
    {"Mastodon", preview, "Mastodon/4.2.9 (http.rb/5.2.0; +https://mstdn.example/) Bot", page},
    {"Mattermost", preview, "Mattermost-Bot/1.1", any_accept},
    {"Rocket.Chat", preview, "Rocket.Chat/6.8.0", any_accept},
    {"Matrix", preview, "Synapse (bot; +https://github.com/matrix-org/synapse)", any_accept},
    {"Bluesky", preview, "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
     page},
    {"Office", preview,
     "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; .NET4.0E; "
     "ms-office; MSOffice 16)",
     browser},
    {"Embedly", preview, "Mozilla/5.0 (compatible; Embedly/0.2; +http://support.embed.ly/)", page},

    // Mail gateways and security.
    {"Safe Links", scanner,
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/120.0.0.0 Safari/537.36 SafeLinks/1.0",
     english_browser},
    {"Safe Links, by name", scanner, "Microsoft Office 365 Safe Links", page},
    {"Safe Links, a browser that speaks no language", unknown, windows, page},
    {"A gateway with a browser of years ago", unknown,
     "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/41.0.2272.96 Safari/537.36",
     english_browser},
    {"Proofpoint", scanner, "Mozilla/5.0 (Proofpoint URL Defense)", english_browser},
    {"Mimecast", scanner, "Mimecast-URL-Protect/1.0", any_accept},
    {"Barracuda", scanner, "BarracudaCentral/1.0", any_accept},
    {"Cloudmark", scanner, "Cloudmark-URL-Inspector/2.1", any_accept},
    {"Trend Micro", scanner, "Mozilla/5.0 (compatible; TrendMicro WRS)", browser},
    {"Google Safe Browsing", scanner, "Google-Safety", any_accept},
    {"VirusTotal", scanner,
     "AppEngine-Google; (+http://code.google.com/appengine; appid: s~virustotalcloud)", any_accept},
    {"Netcraft", scanner, "Mozilla/5.0 (compatible; NetcraftSurveyAgent/1.0; +info@netcraft.com)",
     any_accept},
    {"Palo Alto", scanner,
     "Expanse, a Palo Alto Networks company, searches across the global IPv4 space", any_accept},
    {"Censys", scanner, "Mozilla/5.0 (compatible; CensysInspect/1.1; +https://about.censys.io/)",
     any_accept},
    {"zgrab", scanner, "Mozilla/5.0 zgrab/0.x", any_accept},
    {"Nuclei", scanner, "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)",
     any_accept},
    {"Nmap", scanner,
     "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)", none},
    {"sqlmap", scanner, "sqlmap/1.7.11#stable (https://sqlmap.org)", any_accept},
    {"masscan", scanner, "masscan/1.3 (https://github.com/robertdavidgraham/masscan)", any_accept},
    {"HEAD of a phone", scanner, iphone, browser, "HEAD"},
    {"HEAD of a desktop, as X sends three", scanner, windows, english_browser, "HEAD"},
    {"OPTIONS", scanner, windows, english_browser, "OPTIONS"},
    {"POST", scanner, iphone, browser, "POST"},
    {"no user agent", scanner, "", page},
    {"a dash", scanner, "-", browser},

    // Search engines and the like.
    {"Google", scanner, "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
     browser},
    {"Google, as a phone", scanner,
     "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Chrome/126.0 Mobile Safari/537.36 (compatible; Googlebot/2.1)",
     browser},
    {"Google, as a feature phone", scanner,
     "DoCoMo/2.0 N905i(c100;TB;W24H16) (compatible; Googlebot-Mobile/2.1)", browser},
    {"Yahoo! Japan", scanner, "Mozilla/5.0 (compatible; Y!J-BRW/1.0; https://www.yahoo-help.jp)",
     browser},
    {"Baidu", scanner,
     "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
     any_accept},
    {"Ahrefs", scanner, "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
     any_accept},
    {"GPTBot", scanner,
     "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.1; "
     "+https://openai.com/gptbot)",
     page},
    {"ByteDance", scanner,
     "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile "
     "Safari/537.36 (compatible; Bytespider; https://zhanzhang.toutiao.com/)",
     browser},
    {"Lighthouse", scanner,
     "Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/109.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse",
     browser},
    {"UptimeRobot", scanner,
     "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", any_accept},

    // Tools and libraries.
    {"curl", automation, "curl/8.5.0", any_accept},
    {"curl, HEAD", automation, "curl/8.5.0", any_accept, "HEAD"},
    {"wget", automation, "Wget/1.21.3", any_accept},
    {"HTTPie", automation, "HTTPie/3.2.2", any_accept},
    {"requests", automation, "python-requests/2.31.0", any_accept},
    {"urllib", automation, "Python-urllib/3.11", none},
    {"aiohttp", automation, "Python/3.11 aiohttp/3.9.1", any_accept},
    {"httpx", automation, "python-httpx/0.27.0", any_accept},
    {"Go", automation, "Go-http-client/1.1", none},
    {"Go, HTTP/2", automation, "Go-http-client/2.0", none},
    {"Java", automation, "Java/17.0.2", any_accept},
    {"Java, its client", automation, "Java-http-client/21.0.1", none},
    {"Apache, Java", automation, "Apache-HttpClient/4.5.14 (Java/17.0.9)", none},
    {"Spring", automation, "ReactorNetty/1.1.15", any_accept},
    {"OkHttp", automation, "okhttp/4.12.0", none},
    {"axios", automation, "axios/1.6.2", any_accept},
    {"node", automation, "node", tool},
    {"undici", automation, "undici", tool},
    {"got", automation, "got (https://github.com/sindresorhus/got)", none},
    {"Deno", automation, "Deno/1.41.0", tool},
    {"Ruby", automation, "Ruby", any_accept},
    {"Faraday", automation, "Faraday v2.9.0", none},
    {"Perl", automation, "libwww-perl/6.72", none},
    {"PHP", automation, "GuzzleHttp/7", none},
    {"Dart", automation, "Dart/3.3 (dart:io)", none},
    {"Rust", automation, "reqwest/0.11.24", any_accept},
    {"PowerShell", automation,
     "Mozilla/5.0 (Windows NT; Windows NT 10.0; ja-JP) WindowsPowerShell/5.1.19041.4291", none},
    {"Postman", automation, "PostmanRuntime/7.37.0", any_accept},
    {"Scrapy", automation, "Scrapy/2.11.1 (+https://scrapy.org)", page},
    {"ab", automation, "ApacheBench/2.3", any_accept},
    {"k6", automation, "k6/0.49.0 (https://k6.io/)", none},
    {"Headless Chrome", automation,
     "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "HeadlessChrome/126.0.0.0 Safari/537.36",
     english_browser},
    {"Headless Chrome under another name", automation, windows, headless_hint},
    {"PhantomJS", automation,
     "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 "
     "Safari/538.1",
     page},
    {"Selenium", automation, "selenium/4.18.1 (python linux)", any_accept},
    {"Android's own library", automation, "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TQ3A)",
     none},
    {"an app on an iPhone", unknown, "MobileSMS/1.0 CFNetwork/1496.0.7 Darwin/23.5.0", browser},

    // Browsers in name only.
    {"an iPhone that sends nothing", scanner, iphone, none},
    {"an iPhone that takes anything", scanner, iphone, any_accept},
    {"Chrome on another platform than it says", unknown, windows, linux_hint},
    {"a script on a page", scanner, windows, script},
    {"a script on a page, older", unknown, windows, xhr},
    {"a desktop without a language", unknown, windows, page},
    {"Mozilla alone", unknown, "Mozilla/5.0", page},
    {"Mozilla alone, bare", scanner, "Mozilla/5.0", none},
    {"something new", scanner, "SomethingNew/1.0", none},
    {"something new with good headers", unknown, "SomethingNew/1.0", english_browser},
    {"Internet Explorer 8", unknown, "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)", page},
};

}  // namespace
}  // namespace of_machines

std::span<const request> machines() {
    return of_machines::all;
}

}  // namespace hikyaku::gateway::links::corpus
