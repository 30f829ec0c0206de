// The warning about secrets in the file itself. A list of many is no help: it names the first ones.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "config/checks.hpp"

namespace hikyaku::config {
namespace {

constexpr std::size_t named_max = 3;

/// "webhook.secret of account 'a'", of the path "account[0].webhook.secret".
std::string title_of(const std::string& path, const settings& s) {
    const auto bracket = path.find('[');
    const auto dot = path.find("].");
    if (bracket == std::string::npos || dot == std::string::npos) return path;
    std::size_t index = 0;
    std::from_chars(path.data() + bracket + 1, path.data() + dot, index);
    const std::string heading = path.substr(0, bracket);
    const std::string key = path.substr(dot + 2);
    if (heading == "account" && index < s.accounts.size())
        return fmt::format("{} of account '{}'", key, s.accounts[index].name);
    if (heading == "carrier" && index < s.carriers.size())
        return fmt::format("{} of carrier '{}'", key, s.carriers[index].name);
    return path;
}

}  // namespace

void check_secrets(const settings& s, std::optional<unsigned> open_to_all, reader& r) {
    auto paths = r.in_the_open();
    const std::string readable =
        open_to_all
            ? fmt::format(", which everybody on this machine can read (mode {:04o})", *open_to_all)
            : "";
    // A hash is made to stand here; it is only not for everybody.
    const auto removed = std::erase_if(
        paths, [](const std::string& path) { return path.ends_with(".password_hash"); });
    if (paths.empty()) {
        if (removed > 0 && open_to_all)
            r.warn_at({}, fmt::format("a hash of a password stands in this file{}", readable));
        return;
    }
    std::string names;
    for (std::size_t i = 0; i < std::min(paths.size(), named_max); ++i)
        names += fmt::format("{}{}", i == 0 ? "" : ", ", title_of(paths[i], s));
    if (paths.size() > named_max) names += fmt::format(" and {} more", paths.size() - named_max);
    const bool one = paths.size() == 1;
    r.warn_at(paths.front(),
              fmt::format("{} in the file itself{}: {}; 'KEY_file' or \"${{NAME}}\" keeps {} out",
                          one ? "a secret stands" : fmt::format("{} secrets stand", paths.size()),
                          readable, names, one ? "it" : "them"));
}

}  // namespace hikyaku::config
