#include "config/load.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "config/agent_file.hpp"
#include "config/checks.hpp"
#include "config/policy.hpp"
#include "config/reader.hpp"
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

constexpr std::size_t file_bytes_max = 4 << 20;

std::optional<std::string> read_small_file(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    if (!in) return std::nullopt;
    std::string content(file_bytes_max + 1, '\0');
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    if (in.bad()) return std::nullopt;  // a folder, or the disk
    const auto size = static_cast<std::size_t>(in.gcount());
    if (size > file_bytes_max) return std::nullopt;
    content.resize(size);
    return content;
}

std::optional<unsigned> mode_of(const std::string& path) {
    struct ::stat about {};
    if (::stat(path.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) return std::nullopt;
    return about.st_mode & 07777U;
}

/// The files with rules about replies that accounts name. Each fault has the file's line.
void read_reply_rules(settings& values, const sources& from, reader& r, faults& found) {
    for (std::size_t i = 0; i < values.accounts.size(); ++i) {
        auto& mine = values.accounts[i].replies;
        if (mine.rules.empty()) continue;
        const auto text = from.read_file ? from.read_file(mine.rules) : std::nullopt;
        if (!text) {
            r.fault_at(fmt::format("account[{}].replies.rules", i),
                       fmt::format("the file '{}' cannot be read", mine.rules));
            continue;
        }
        auto rules = parse_reply_rules(*text);
        std::optional<reply_rules_fault> wrong;
        if (!rules)
            wrong = rules.error();
        else if (from.check_reply_rules)
            wrong = from.check_reply_rules(*rules);
        if (wrong)
            found.push_back({mine.rules, {wrong->line, 1}, {}, wrong->sentence, {}});
        else
            mine.own_rules = {std::move(*rules)};
    }
}

/// Links are base_url + "/" + code, so a slash at the end would double.
void strip_slashes(std::string& url) {
    while (url.ends_with('/'))
        url.pop_back();
}

}  // namespace

sources system_sources(
    std::function<std::optional<std::uint32_t>(std::string_view)> status_of_name) {
    sources from;
    from.environment = [](std::string_view name) -> std::optional<std::string> {
        const char* found = std::getenv(std::string{name}.c_str());
        return found ? std::optional<std::string>{found} : std::nullopt;
    };
    from.read_file = read_small_file;
    from.file_mode = mode_of;
    from.status_of_name = std::move(status_of_name);
    return from;
}

namespace {

load_result load_document(std::string_view text, std::string file_name, const sources& from,
                          bool is_file) {
    auto document = parse_document(text);
    if (!document) {
        const syntax_fault& wrong = document.error();
        return faults{{std::move(file_name), wrong.at, {}, "not TOML: " + wrong.sentence, {}}};
    }
    reader r{std::move(file_name), from};
    loaded result;
    r.read_table(root_section(), *document, "", &result.values);
    std::vector<std::string> wanted;
    for (const account& each : result.values.accounts)
        wanted.push_back(each.policy);
    faults of_files;
    result.values.packs = packs_in(result.values.policy.path, wanted, from, of_files);
    result.values.agents = agent_rules_in(result.values.links.agents_file, from, of_files);
    read_reply_rules(result.values, from, r, of_files);
    check_all(result.values, r);
    if (is_file) r.check_own_file();
    check_secrets(result.values, is_file ? r.own_file_open() : std::nullopt, r);
    faults found = r.take_faults();
    found.insert(found.end(), of_files.begin(), of_files.end());
    if (!found.empty()) return found;
    strip_slashes(result.values.links.base_url);
    for (account& each : result.values.accounts)
        strip_slashes(each.links.base_url);
    result.warnings = r.take_warnings();
    return result;
}

}  // namespace

load_result load_text(std::string_view text, std::string file_name, const sources& from) {
    return load_document(text, std::move(file_name), from, false);
}

load_result load_file(const std::string& path, const sources& from) {
    const auto text = from.read_file ? from.read_file(path) : std::nullopt;
    if (!text) return faults{{path, {}, {}, "the file cannot be read", {}}};
    return load_document(*text, path, from, true);
}

std::string describe(const faults& list) {
    std::string out;
    for (const fault& each : list) {
        const std::string place =
            each.at.line == 0 ? each.file : fmt::format("{}:{}", each.file, each.at.line);
        const std::string hint =
            each.suggestion.empty() ? "" : fmt::format("; did you mean '{}'?", each.suggestion);
        out += fmt::format("{}: {}{}\n", place, each.sentence, hint);
    }
    return out;
}

}  // namespace hikyaku::config
