#include "gateway/links/browsers.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include "gateway/links/ascii.hpp"

namespace hikyaku::gateway::links {
namespace {

constexpr std::string_view mobile_platforms[] = {"(iphone", "(ipad",  "(ipod",  "android",
                                                 "mobile",  "tablet", "harmony"};
constexpr std::string_view desktop_platforms[] = {"windows nt", "macintosh",   "x11;",
                                                  "cros ",      "playstation", "nintendo "};
constexpr std::string_view engines[] = {"applewebkit/", "gecko/", "trident/7", "presto/"};

/// Desktop browsers below these versions are years without updates: few people have one, many
/// programs say that they are one.
struct oldest {
    std::string_view name;
    int version;
};
constexpr oldest supported[] = {{"chrome/", 70}, {"firefox/", 52}, {"msie ", 11}};

struct platform_name {
    std::string_view in_agent, told;
};
constexpr platform_name platforms[] = {
    {"windows nt", "windows"}, {"macintosh", "macos"}, {"android", "android"}};
constexpr std::string_view without_hints[] = {"(iphone", "(ipad", "(ipod"};

/// The text in small letters, in a buffer of its own.
class lower_text {
public:
    explicit lower_text(std::string_view text) : size_(std::min(text.size(), agent_octets_max)) {
        std::ranges::transform(text.substr(0, size_), octets_, ascii::to_lower);
    }
    [[nodiscard]] std::string_view view() const { return {octets_, size_}; }
    [[nodiscard]] bool has(std::string_view part) const {
        return view().find(part) != std::string_view::npos;
    }
    template <std::size_t Count>
    [[nodiscard]] bool has_one_of(const std::string_view (&parts)[Count]) const {
        return std::ranges::any_of(
            parts, [this](std::string_view part) { return has(part); });
    }

private:
    std::size_t size_;
    char octets_[agent_octets_max];
};

bool is_outdated(std::string_view agent) {
    for (const oldest& each : supported) {
        const auto at = agent.find(each.name);
        if (at == std::string_view::npos) continue;
        int version = 0;
        const char* const begin = agent.data() + at + each.name.size();
        const auto [end, fault] = std::from_chars(begin, agent.data() + agent.size(), version);
        return fault == std::errc{} && version < each.version;
    }
    return false;
}

}  // namespace

named_browser browser_in(std::string_view user_agent) {
    const lower_text agent(user_agent);
    const bool mozilla = agent.view().starts_with("mozilla/5.0");
    const bool opera = agent.view().starts_with("opera/9.80");
    if ((!mozilla && !opera) || !agent.has_one_of(engines)) return {};
    if (agent.has_one_of(mobile_platforms)) return {browser_kind::mobile, false};
    if (!opera && !agent.has_one_of(desktop_platforms)) return {};
    return {browser_kind::desktop, is_outdated(agent.view())};
}

bool contradicts_platform(std::string_view user_agent, std::string_view platform) {
    if (platform.starts_with('"')) platform.remove_prefix(1);
    if (platform.ends_with('"')) platform.remove_suffix(1);
    if (platform.empty()) return false;
    const lower_text agent(user_agent);
    if (agent.has_one_of(without_hints)) return true;
    for (const platform_name& each : platforms)
        if (agent.has(each.in_agent))
            return !ascii::equal(platform, each.told) && !ascii::equal(platform, "unknown");
    return false;
}

}  // namespace hikyaku::gateway::links
