// Requests of people.
#include "tests/unit/gateway/links/corpus.hpp"

namespace hikyaku::gateway::links::corpus {
namespace of_people {
namespace {

using enum hit_class;

constexpr std::string_view safari_accept =
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
constexpr std::string_view chrome_accept =
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
    "q=0.8,application/signed-exchange;v=b3;q=0.7";

constexpr header old_safari[] = {{"Accept", safari_accept},
                                 {"Accept-Language", "ja-jp"},
                                 {"Accept-Encoding", "gzip, deflate, br"},
                                 {"Connection", "keep-alive"},
                                 {"Upgrade-Insecure-Requests", "1"}};
constexpr header safari_https[] = {{"Sec-Fetch-Dest", "document"},
                                   {"Sec-Fetch-Mode", "navigate"},
                                   {"Sec-Fetch-Site", "none"},
                                   {"Accept", safari_accept},
                                   {"Accept-Language", "ja"},
                                   {"Priority", "u=0, i"},
                                   {"Accept-Encoding", "gzip, deflate, br"}};
constexpr header chrome_http[] = {{"Upgrade-Insecure-Requests", "1"},
                                  {"Accept", chrome_accept},
                                  {"Accept-Encoding", "gzip, deflate"},
                                  {"Accept-Language", "ja,en-US;q=0.9,en;q=0.8"}};
constexpr header chrome_android[] = {
    {"sec-ch-ua", R"("Chromium";v="136", "Google Chrome";v="136", "Not.A/Brand";v="99")"},
    {"sec-ch-ua-mobile", "?1"},
    {"sec-ch-ua-platform", R"("Android")"},
    {"Upgrade-Insecure-Requests", "1"},
    {"Accept", chrome_accept},
    {"Sec-Fetch-Site", "none"},
    {"Sec-Fetch-Mode", "navigate"},
    {"Sec-Fetch-User", "?1"},
    {"Sec-Fetch-Dest", "document"},
    {"Accept-Language", "ja-JP,ja;q=0.9"}};
constexpr header chrome_windows[] = {
    {"sec-ch-ua", R"("Chromium";v="136", "Microsoft Edge";v="136", "Not.A/Brand";v="99")"},
    {"sec-ch-ua-mobile", "?0"},
    {"sec-ch-ua-platform", R"("Windows")"},
    {"Accept", chrome_accept},
    {"Sec-Fetch-Site", "cross-site"},
    {"Sec-Fetch-Mode", "navigate"},
    {"Sec-Fetch-User", "?1"},
    {"Sec-Fetch-Dest", "document"},
    {"Accept-Language", "ja"}};
constexpr header chrome_mac[] = {
    {"sec-ch-ua", R"("Chromium";v="136", "Google Chrome";v="136", "Not.A/Brand";v="99")"},
    {"sec-ch-ua-platform", R"("macOS")"},
    {"Accept", chrome_accept},
    {"Sec-Fetch-Mode", "navigate"},
    {"Sec-Fetch-Dest", "document"},
    {"Accept-Language", "en-US,en;q=0.9"}};
constexpr header web_view_line[] = {
    {"sec-ch-ua", R"("Chromium";v="124", "Android WebView";v="124", "Not-A.Brand";v="99")"},
    {"sec-ch-ua-mobile", "?1"},
    {"sec-ch-ua-platform", R"("Android")"},
    {"Accept", chrome_accept},
    {"X-Requested-With", "jp.naver.line.android"},
    {"Sec-Fetch-Site", "none"},
    {"Sec-Fetch-Mode", "navigate"},
    {"Sec-Fetch-Dest", "document"},
    {"Accept-Language", "ja-JP,ja;q=0.9,en-US;q=0.8"}};
constexpr header web_view_http[] = {{"Accept", chrome_accept},
                                    {"X-Requested-With", "com.facebook.katana"},
                                    {"Accept-Encoding", "gzip, deflate"},
                                    {"Accept-Language", "ja-JP,ja;q=0.9"}};
constexpr header firefox_https[] = {
    {"Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"},
    {"Accept-Language", "ja,en-US;q=0.7,en;q=0.3"},
    {"DNT", "1"},
    {"Sec-GPC", "1"},
    {"Upgrade-Insecure-Requests", "1"},
    {"Sec-Fetch-Dest", "document"},
    {"Sec-Fetch-Mode", "navigate"},
    {"Sec-Fetch-Site", "none"},
    {"Sec-Fetch-User", "?1"}};
constexpr header tor[] = {{"Accept", safari_accept},
                          {"Accept-Language", "en-US,en;q=0.5"},
                          {"Upgrade-Insecure-Requests", "1"}};
constexpr header old_android[] = {
    {"Accept",
     "application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5"},
    {"Accept-Language", "ja-JP, en-US"},
    {"Accept-Charset", "utf-8, iso-8859-1, utf-16, *;q=0.7"},
    {"Accept-Encoding", "gzip"}};
constexpr header trident[] = {{"Accept", "text/html, application/xhtml+xml, */*"},
                              {"Accept-Language", "ja-JP"},
                              {"DNT", "1"}};
constexpr header docomo[] = {{"Connection", "close"}};
constexpr header au[] = {{"Accept", "text/html, application/xhtml+xml, image/gif, */*"},
                         {"Accept-Charset", "Shift_JIS,UTF-8"},
                         {"x-up-devcap-multimedia", "1"}};
constexpr header any_accept[] = {{"Accept", "*/*"}};
constexpr header opera_mini[] = {
    {"Accept", "text/html, application/xml;q=0.9, application/xhtml+xml, */*;q=0.1"},
    {"Accept-Language", "ja"},
    {"X-OperaMini-Phone", "Android #"},
    {"X-OperaMini-Features", "advanced, file_system"}};

constexpr request all[] = {
    {"iPhone, Safari 17, TLS", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
     safari_https},
    {"iPhone, Safari 18, TLS", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
     safari_https},
    {"iPhone, Safari 17, plain", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
     old_safari},
    {"iPhone, Safari 12", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
     old_safari},
    {"iPhone, Chrome", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) CriOS/126.0.6478.35 Mobile/15E148 Safari/604.1",
     safari_https},
    {"iPhone, Firefox", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) FxiOS/127.0 Mobile/15E148 Safari/605.1.15",
     safari_https},
    {"iPhone, Edge", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/17.0 EdgiOS/125.0.2535.60 Mobile/15E148 Safari/604.1",
     safari_https},
    {"iPhone, Google app", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) GSA/319.0.639 Mobile/15E148 Safari/604.1",
     old_safari},
    {"iPhone, DuckDuckGo", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/17.5 Mobile/15E148 DuckDuckGo/7 Safari/605.1.15",
     safari_https},
    {"iPhone, Brave", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/17.4 Brave/1 Mobile/15E148 Safari/604.1",
     safari_https},
    {"iPhone, Firefox Focus", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Focus/127.0 Mobile/15E148",
     old_safari},
    {"iPhone, LINE", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 Safari Line/14.9.0",
     old_safari},
    {"iPhone, Facebook", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 "
     "[FBAN/FBIOS;FBAV/468.0.0.38.108;FBDV/iPhone14,5;FBSN/iOS;FBLC/ja_JP;FBOP/5]",
     safari_https},
    {"iPhone, MetaIAB Facebook", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 MetaIAB Facebook",
     safari_https},
    {"iPhone, MetaIAB Instagram", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 MetaIAB Instagram",
     safari_https},
    {"iPhone, Messenger", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 [FBAN/MessengerForiOS;FBAV/460.0.0.29.105;FBLC/ja_JP]",
     old_safari},
    {"iPhone, Instagram", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/21E219 Instagram 330.0.3.29.109 (iPhone15,3; iOS 17_4; ja_JP; ja; scale=3.00)",
     safari_https},
    {"iPhone, Threads", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 Barcelona 331.0.0.28.109 (iPhone15,2; iOS 17_5; ja_JP)",
     safari_https},
    {"iPhone, X", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 Twitter for iPhone/10.44",
     old_safari},
    {"iPhone, WeChat", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 MicroMessenger/8.0.49(0x1800312d) NetType/WIFI Language/ja",
     old_safari},
    {"iPhone, Yahoo! Japan app", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 YJApp-IOS jp.co.yahoo.ipn.appli/4.118.1",
     safari_https},
    {"iPhone, Snapchat", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Version/17.0 Mobile/15E148 Snapchat/12.90.0.46 (like Safari/8617.1.17.10.9, panda)",
     safari_https},
    {"iPhone, TikTok", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 musical_ly_34.5.0 JsSdk/2.0 NetType/WIFI Channel/App Store Region/JP "
     "BytedanceWebview/d8a21c6",
     old_safari},
    {"iPhone, Pinterest", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 [Pinterest/iOS]",
     safari_https},
    {"iPhone, LinkedIn", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 [LinkedInApp]/9.29.7543",
     safari_https},
    {"iPhone, Outlook", human_likely,
     "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
     "Gecko) Mobile/15E148 Outlook-iOS/4.2421.0",
     old_safari},
    {"iPad as a desktop", human_likely,
     "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/17.5 Safari/605.1.15",
     safari_https},
    {"iPad, old", human_likely,
     "Mozilla/5.0 (iPad; CPU OS 9_3_5 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) "
     "Version/9.0 Mobile/13G36 Safari/601.1",
     old_safari},
    {"Android, Chrome, TLS", human_likely,
     "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 "
     "Mobile Safari/537.36",
     chrome_android},
    {"Android, Chrome, plain", human_likely,
     "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 "
     "Mobile Safari/537.36",
     chrome_http},
    {"Android, Samsung Internet", human_likely,
     "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) "
     "SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
     chrome_android},
    {"Android, Firefox", human_likely,
     "Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", firefox_https},
    {"Android, DuckDuckGo", human_likely,
     "Mozilla/5.0 (Linux; Android 13; K) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
     "Chrome/124.0.0.0 Mobile DuckDuckGo/5 Safari/537.36",
     chrome_http},
    {"Android, Opera", human_likely,
     "Mozilla/5.0 (Linux; Android 13; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/124.0.0.0 Mobile Safari/537.36 OPR/82.0.0.0",
     chrome_android},
    {"Android, Edge", human_likely,
     "Mozilla/5.0 (Linux; Android 10; HLK-AL00) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/124.0.0.0 Mobile Safari/537.36 EdgA/124.0.2478.64",
     chrome_android},
    {"Android, UC", human_likely,
     "Mozilla/5.0 (Linux; U; Android 13; ja-JP; CPH2333 Build/TP1A) AppleWebKit/537.36 (KHTML, "
     "like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.6.8.1317 Mobile Safari/537.36",
     chrome_http},
    {"Android tablet", human_likely,
     "Mozilla/5.0 (Linux; Android 12; SM-T870) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/124.0.0.0 Safari/537.36",
     chrome_http},
    {"Kindle, Silk", human_likely,
     "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/124.3.2 "
     "like Chrome/124.0.6367.179 Safari/537.36",
     chrome_http},
    {"Android, Cubot, a maker", human_likely,
     "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/120.0.0.0 Mobile Safari/537.36",
     chrome_http},
    {"Android, LINE", human_likely,
     "Mozilla/5.0 (Linux; Android 13; SO-51D Build/67.1.A.2.282; wv) AppleWebKit/537.36 (KHTML, "
     "like Gecko) Version/4.0 Chrome/124.0.6367.123 Mobile Safari/537.36 Line/14.8.0/IAB",
     web_view_line},
    {"Android, Facebook", human_likely,
     "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A; wv) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Version/4.0 Chrome/125.0.6422.113 Mobile Safari/537.36 "
     "[FB_IAB/FB4A;FBAV/466.0.0.55.72;IABMV/1;]",
     web_view_http},
    {"Android, MetaIAB", human_likely,
     "Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/AP4A; wv) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Version/4.0 Chrome/136.0.0.0 Mobile Safari/537.36 MetaIAB Facebook",
     web_view_http},
    {"Android, Instagram", human_likely,
     "Mozilla/5.0 (Linux; Android 13; SC-53C Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Version/4.0 Chrome/124.0.0.0 Mobile Safari/537.36 Instagram 331.0.0.37.90 Android "
     "(33/13; 420dpi; 1080x2177; samsung; SC-53C; a53x; s5e8825; ja_JP; 602)",
     web_view_http},
    {"Android, X", human_likely,
     "Mozilla/5.0 (Linux; Android 13; 22101316G Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Version/4.0 Chrome/124.0.0.0 Mobile Safari/537.36 TwitterAndroid",
     web_view_http},
    {"Android, WeChat", human_likely,
     "Mozilla/5.0 (Linux; Android 12; M2102J20SG Build/SKQ1; wv) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 "
     "MicroMessenger/8.0.49.2600(0x28003137) WeChat/arm64 Weixin NetType/WIFI Language/ja",
     web_view_http},
    {"Android, Yahoo! Japan app", human_likely,
     "Mozilla/5.0 (Linux; Android 12; SOG03 Build/61.1.D.2.14; wv) AppleWebKit/537.36 (KHTML, "
     "like Gecko) Version/4.0 Chrome/123.0.6312.118 Mobile Safari/537.36 YJApp-ANDROID "
     "jp.co.yahoo.android.yjtop/3.160.0",
     web_view_http},
    {"Android, Telegram", human_likely,
     "Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A; wv) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36 Telegram-Android/10.14.5",
     web_view_http},
    {"Android, Viber", human_likely,
     "Mozilla/5.0 (Linux; Android 13; Pixel 7 Build/TQ3A; wv) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36 Viber/22.8",
     web_view_http},
    {"Android, KakaoTalk", human_likely,
     "Mozilla/5.0 (Linux; Android 14; SM-S926N Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36;KAKAOTALK 2410800",
     web_view_http},
    {"Android, Naver", human_likely,
     "Mozilla/5.0 (Linux; Android 14; SM-S926N Build/UP1A; wv) AppleWebKit/537.36 (KHTML, like "
     "Gecko) Version/4.0 Chrome/125.0.0.0 Mobile Safari/537.36 NAVER(inapp; search; 1190; 12.6.3)",
     web_view_http},
    {"Android 8, a Japanese phone", human_likely,
     "Mozilla/5.0 (Linux; Android 8.1.0; 902KC) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Version/4.0 Chrome/69.0.3497.100 Mobile Safari/537.36",
     chrome_http},
    {"Android 5", human_likely,
     "Mozilla/5.0 (Linux; Android 5.0.2; SO-03G Build/28.0.B.1.214) AppleWebKit/537.36 (KHTML, "
     "like Gecko) Chrome/43.0.2357.93 Mobile Safari/537.36",
     chrome_http},
    {"Android 4, stock browser", human_likely,
     "Mozilla/5.0 (Linux; U; Android 4.0.4; ja-jp; SonySO-04D Build/6.1.F.0.99) "
     "AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
     old_android},
    {"Android 2, stock browser", human_likely,
     "Mozilla/5.0 (Linux; U; Android 2.3.6; ja-jp; SC-02C Build/GINGERBREAD) AppleWebKit/533.1 "
     "(KHTML, like Gecko) Version/4.0 Mobile Safari/533.1",
     old_android},
    {"Windows Phone", human_likely,
     "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 "
     "(KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15254",
     chrome_http},
    {"Windows, Chrome, TLS", human_likely,
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/136.0.0.0 Safari/537.36",
     chrome_windows},
    {"Windows, Edge", human_likely,
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/136.0.0.0 Safari/537.36 Edg/136.0.0.0",
     chrome_windows},
    {"Windows 7, the last Chrome", human_likely,
     "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/109.0.0.0 Safari/537.36",
     chrome_http},
    {"Windows, Internet Explorer 11", human_likely,
     "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko", trident},
    {"Windows, Firefox", human_likely,
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
     firefox_https},
    {"Windows, Tor", human_likely,
     "Mozilla/5.0 (Windows NT 10.0; rv:115.0) Gecko/20100101 Firefox/115.0", tor},
    {"Windows, LINE", human_likely,
     "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/120.0.0.0 Safari/537.36 Line/9.1.0",
     chrome_http},
    {"Mac, Chrome", human_likely,
     "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/136.0.0.0 Safari/537.36",
     chrome_mac},
    {"Linux, Firefox", human_likely,
     "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", firefox_https},
    {"Chromebook", human_likely,
     "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
     "Chrome/125.0.0.0 Safari/537.36",
     chrome_http},
    {"PlayStation", human_likely,
     "Mozilla/5.0 (PlayStation; PlayStation 5/8.20) AppleWebKit/605.1.15 (KHTML, like Gecko) "
     "Version/15.4 Safari/605.1.15",
     old_safari},
    {"docomo", human_likely, "DoCoMo/2.0 F905i(c100;TB;W24H17)", docomo},
    {"au", human_likely, "KDDI-CA39 UP.Browser/6.2.0.13.1.5 (GUI) MMP/2.0", au},
    {"au, browser for pages of PCs", human_likely,
     "Mozilla/4.0 (compatible; MSIE 6.0; KDDI-SA31) Opera 8.60 [ja]", any_accept},
    {"SoftBank", human_likely,
     "SoftBank/1.0/930SH/SHJ001/SN123456789012345 Browser/NetFront/3.4 Profile/MIDP-2.0",
     any_accept},
    {"Willcom", human_likely,
     "Mozilla/3.0(WILLCOM;KYOCERA/WX310K/2;1.2.2.16.000000/0.1/C100) Opera 7.0", any_accept},
    {"KaiOS", human_likely,
     "Mozilla/5.0 (Mobile; Nokia_8110_4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5.1", tor},
    {"Opera Mini", human_likely,
     "Opera/9.80 (Android; Opera Mini/36.2.2254/191.310; U; ja) Presto/2.12.423 Version/12.16",
     opera_mini},
};

}  // namespace
}  // namespace of_people

std::span<const request> people() {
    return of_people::all;
}

}  // namespace hikyaku::gateway::links::corpus
