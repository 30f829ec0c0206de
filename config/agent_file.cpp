#include "config/agent_file.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <cassert>
#include <set>

#include "config/document.hpp"
#include "config/reader.hpp"
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

constexpr std::size_t patterns_max = 5000;
constexpr std::size_t pattern_octets_max = 512;
constexpr std::int64_t pattern_memory_octets = 1 << 20;
constexpr std::string_view name_of_crawlers = "crawlers";
/// What nearly every browser's name has. A pattern for programs that is found in it is a mistake.
constexpr std::string_view any_browser =
    "Mozilla/5.0 (K) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36";

bool says_program(agent_says what) {
    return what != agent_says::in_app && what != agent_says::feature_phone;
}

RE2::Options options_of(bool exact_case) {
    RE2::Options options;
    options.set_encoding(RE2::Options::EncodingLatin1);
    options.set_log_errors(false);
    options.set_case_sensitive(exact_case);
    options.set_max_mem(pattern_memory_octets);
    return options;
}

const std::set<std::string, std::less<>>& shipped_patterns() {
    static const std::set<std::string, std::less<>> made = [] {
        std::set<std::string, std::less<>> all;
        for (const agent_rules& list : shipped_agent_rules())
            for (const agent_entry& entry : list.agents)
                all.insert(entry.match.begin(), entry.match.end());
        return all;
    }();
    return made;
}

/// Checks of what read_table() has put into a list.
class list_checker {
public:
    list_checker(const agent_rules& rules, reader& r) : rules_(rules), r_(r) {}

    void run() {
        std::size_t count = rules_.exceptions.size();
        for (std::size_t i = 0; i < rules_.agents.size(); ++i) {
            const agent_entry& entry = rules_.agents[i];
            count += entry.match.size();
            for (std::size_t k = 0; k < entry.match.size(); ++k)
                check(fmt::format("agent[{}].match[{}]", i, k), entry.match[k], rules_.exact_case,
                      says_program(entry.says));
        }
        if (count > patterns_max)
            r_.fault_at("agent", fmt::format("the list has more than {} patterns", patterns_max));
        for (std::size_t i = 0; i < rules_.exceptions.size(); ++i)
            check_exception(fmt::format("exception[{}]", i), rules_.exceptions[i]);
    }

private:
    void check(const std::string& path, const std::string& pattern, bool exact_case,
               bool of_program) {
        if (const auto wrong = agent_pattern_fault(pattern, exact_case); !wrong.empty())
            r_.fault_at(path, fmt::format("the pattern '{}' {}", pattern, wrong));
        else if (of_program && RE2::PartialMatch(re2::StringPiece(any_browser),
                                                 RE2(pattern, options_of(exact_case))))
            r_.fault_at(path, fmt::format("the pattern '{}' is found in what every browser sends",
                                          pattern));
    }

    void check_exception(const std::string& path, const agent_exception& exception) {
        check(path + ".match", exception.match, false, false);
        if (exception.cancels.empty()) r_.fault_at(path, "an exception must say what it cancels");
        for (std::size_t k = 0; k < exception.cancels.size(); ++k)
            if (!is_known(exception.cancels[k]))
                r_.fault_at(fmt::format("{}.cancels[{}]", path, k),
                            fmt::format("no list has the pattern '{}'", exception.cancels[k]));
    }

    [[nodiscard]] bool is_known(const std::string& pattern) const {
        if (shipped_patterns().contains(pattern)) return true;
        for (const agent_entry& entry : rules_.agents)
            for (const std::string& own : entry.match)
                if (own == pattern) return true;
        return false;
    }

    const agent_rules& rules_;
    reader& r_;
};

}  // namespace

std::string agent_pattern_fault(const std::string& pattern, bool exact_case) {
    if (pattern.empty()) return "is empty";
    if (pattern.size() > pattern_octets_max)
        return fmt::format("is longer than {} octets", pattern_octets_max);
    const RE2 made(pattern, options_of(exact_case));
    if (!made.ok()) return fmt::format("is no regular expression: {}", made.error());
    if (RE2::PartialMatch(re2::StringPiece(), made)) return "is found in every text";
    return {};
}

boost::system::result<agent_rules, faults> parse_agent_rules(std::string_view text,
                                                             std::string file_name,
                                                             const sources& from, bool checked) {
    auto document = parse_document(text);
    if (!document) {
        const syntax_fault& wrong = document.error();
        return faults{{std::move(file_name), wrong.at, {}, "not TOML: " + wrong.sentence, {}}};
    }
    reader r{std::move(file_name), from};
    agent_rules rules;
    r.read_table(agent_list_section(), *document, "", &rules);
    if (checked) list_checker(rules, r).run();
    if (faults found = r.take_faults(); !found.empty()) return found;
    return rules;
}

const std::vector<agent_rules>& shipped_agent_rules() {
    static const std::vector<agent_rules> made = [] {
        std::vector<agent_rules> lists;
        for (const embedded_list& each : embedded_agent_lists()) {
            auto list = parse_agent_rules(each.text, fmt::format("{}.toml", each.name), {}, false);
            assert(list.has_value());  // a test reads them all
            if (!list) continue;
            const auto at = each.name == name_of_crawlers ? lists.begin() : lists.end();
            lists.insert(at, std::move(*list));
        }
        return lists;
    }();
    return made;
}

agent_rules agent_rules_in(const std::string& file, const sources& from, faults& found) {
    if (file.empty() || !from.read_file) return {};
    const auto text = from.read_file(file);
    if (!text) {
        found.push_back({file, {}, "server.links.agents_file", "the file cannot be read", {}});
        return {};
    }
    auto list = parse_agent_rules(*text, file, from, true);
    if (list) return std::move(*list);
    const faults wrong = list.error();
    found.insert(found.end(), wrong.begin(), wrong.end());
    return {};
}

}  // namespace hikyaku::config
