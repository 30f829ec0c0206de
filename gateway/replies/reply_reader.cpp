#include "gateway/replies/reply_reader.hpp"

#include <fmt/format.h>
#include <unicode/regex.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "gateway/replies/dates.hpp"
#include "gateway/replies/normal_text.hpp"

namespace hikyaku::gateway::replies {
namespace {

using pattern = std::unique_ptr<icu::RegexPattern>;

constexpr double sure = 0.8;            // from here on rules may act
constexpr double heard = 0.5;           // less counts for nothing
constexpr double undated = 0.75;        // share of what a rule that wants a date says without one
constexpr std::int32_t steps_max = 20;  // of ICU's time limit, some milliseconds

struct compiled_rule {
    intent what = intent::unclear;
    double confidence = 0;
    bool needs_date = false;
    std::vector<pattern> match, unless, unless_text;
};

std::string utf8_of(const icu::UnicodeString& text) {
    std::string made;
    text.toUTF8String(made);
    return made;
}

struct place {
    std::int32_t begin, end;
};

/// All that the pattern finds; nothing if it takes too long.
std::vector<place> find_all(const pattern& wanted, const icu::UnicodeString& text) {
    std::vector<place> found;
    UErrorCode fault = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexMatcher> matcher(wanted->matcher(text, fault));
    if (U_FAILURE(fault)) return found;
    matcher->setTimeLimit(steps_max, fault);
    while (matcher->find(fault) && U_SUCCESS(fault))
        found.push_back({matcher->start(fault), matcher->end(fault)});
    return found;
}

bool any_in(const std::vector<pattern>& wanted, const icu::UnicodeString& text) {
    return std::ranges::any_of(
        wanted, [&](const auto& each) { return !find_all(each, text).empty(); });
}

/// What a rule finds in a sentence that its exceptions leave. Those of *stop* take away only what
/// they overlap: who was never written to by anybody else wants to be left alone all the same.
std::optional<icu::UnicodeString> heard_in(const compiled_rule& rule,
                                           const icu::UnicodeString& sentence) {
    std::vector<place> except;
    for (const auto& each : rule.unless)
        for (const auto& at : find_all(each, sentence))
            except.push_back(at);
    if (rule.what != intent::stop && !except.empty()) return std::nullopt;
    for (const auto& each : rule.match)
        for (const auto& at : find_all(each, sentence))
            if (std::ranges::none_of(except, [&at](const place& other) {
                    return other.begin < at.end && at.begin < other.end;
                }))
                return sentence.tempSubStringBetween(at.begin, at.end);
    return std::nullopt;
}

boost::system::result<std::vector<pattern>, std::string> compile(
    const std::vector<std::string>& texts) {
    std::vector<pattern> made;
    for (const auto& text : texts) {
        UErrorCode fault = U_ZERO_ERROR;
        UParseError where;
        made.emplace_back(
            icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(text), where, fault));
        if (U_FAILURE(fault))
            return fmt::format("'{}' is no pattern: {} at {}", text, u_errorName(fault),
                               where.offset);
    }
    return made;
}

pattern but_of(bool is_japanese) {
    UErrorCode fault = U_ZERO_ERROR;
    UParseError where;
    const char16_t* const text = is_japanese ? u"(?<=ません|です|ます|ない|った|した|いた|だ|る)(?:"
                                               u"が|けど|けれども?|けども)(?![あい])、?"
                                             : u",? (?:but|however|though|although) ";
    return pattern(icu::RegexPattern::compile(icu::UnicodeString(text), where, fault));
}

/// Sentences with their signs.
std::vector<icu::UnicodeString> sentences_of(const icu::UnicodeString& text, bool is_japanese) {
    const icu::UnicodeString ends(is_japanese ? u"。!?\n" : u".!?;\n");
    std::vector<icu::UnicodeString> made;
    std::int32_t begin = 0;
    for (std::int32_t i = 0; i < text.length(); ++i) {
        if (ends.indexOf(text[i]) < 0) continue;
        const bool is_number = text[i] == u'.' && i + 1 < text.length() && text[i + 1] != u' ';
        if (is_number) continue;
        while (i + 1 < text.length() && ends.indexOf(text[i + 1]) >= 0)
            ++i;
        made.push_back(text.tempSubStringBetween(begin, i + 1).trim());
        begin = i + 1;
    }
    if (begin < text.length()) made.push_back(text.tempSubStringBetween(begin).trim());
    std::erase_if(made, [](const auto& each) { return each.isEmpty(); });
    return made;
}

/// What stands on both sides of a "but": one side may deny what the other says.
std::vector<icu::UnicodeString> sides_of(const icu::UnicodeString& sentence, bool is_japanese) {
    static const pattern buts[] = {but_of(true), but_of(false)};
    UErrorCode fault = U_ZERO_ERROR;
    icu::UnicodeString sides[4];
    const auto count = buts[is_japanese ? 0 : 1]->split(sentence, sides, 4, fault);
    std::vector<icu::UnicodeString> made;
    for (std::int32_t i = 0; U_SUCCESS(fault) && count > 1 && i < count; ++i)
        if (!sides[i].trim().isEmpty()) made.push_back(sides[i]);
    return made;
}

read_intent& entry_of(intent what, std::vector<read_intent>& into) {
    const auto at = std::ranges::find(into, what, &read_intent::what);
    return at != into.end() ? *at : into.emplace_back(read_intent{.what = what});
}

bool speaks_of_what_was(intent what) {
    return what == intent::paid || what == intent::dispute || what == intent::complaint;
}

bool wants_dates(intent what) {
    return what == intent::promise || what == intent::plan_request || what == intent::paid ||
           what == intent::callback || what == intent::hardship;
}

void add_dates(const std::vector<named_day>& days, read_intent& into) {
    if (!wants_dates(into.what)) return;
    for (const auto& each : days) {
        const bool is_past = speaks_of_what_was(into.what);
        if (each.is_behind && !is_past) continue;
        const auto day = is_past ? each.behind : each.ahead;
        if (std::ranges::find(into.dates, day) == into.dates.end()) into.dates.push_back(day);
    }
}

std::vector<config::reply_rules> shipped_rules() {
    std::vector<config::reply_rules> files;
    for (const auto& each : config::embedded_reply_rules()) {
        auto file = config::parse_reply_rules(each.text);
        if (!file) std::abort();  // a file of ours; the tests read it
        files.push_back(std::move(*file));
    }
    return files;
}

bool leaves_to_a_person(intent what) {
    return what == intent::question || what == intent::unclear || what == intent::complaint ||
           what == intent::abuse;
}

}  // namespace

struct reply_reader::language_rules {
    std::string language;
    int salary_day = 0;
    std::vector<compiled_rule> rules;

    /// `only_stops`: the text is of another language, in which people say "stop" too.
    void hear_all(const icu::UnicodeString& text, date today, std::vector<read_intent>& into,
                  bool only_stops = false) const {
        const bool is_japanese = language == "ja";
        for (const auto& sentence : sentences_of(text, is_japanese)) {
            hear(sentence, text, today, into, only_stops);
            for (const auto& side : sides_of(sentence, is_japanese))
                hear(side, text, today, into, only_stops, &sentence);
        }
    }

    void hear(const icu::UnicodeString& sentence, const icu::UnicodeString& text, date today,
              std::vector<read_intent>& into, bool only_stops,
              const icu::UnicodeString* side_of = nullptr) const {
        const auto days = days_in(sentence, language == "ja", today, salary_day);
        const bool has_date =
            std::ranges::any_of(days, [](const auto& each) { return !each.is_behind; });
        for (const auto& rule : rules) {
            if (only_stops && rule.what != intent::stop) continue;
            const auto found = heard_in(rule, sentence);
            if (!found || any_in(rule.unless_text, text)) continue;
            // "I paid, but it bounced": what was is denied by the other side, what will be is not.
            if (side_of != nullptr && rule.what == intent::paid && any_in(rule.unless, *side_of))
                continue;
            auto& heard_as = entry_of(rule.what, into);
            const double says =
                rule.needs_date && !has_date ? rule.confidence * undated : rule.confidence;
            heard_as.confidence = std::max(heard_as.confidence, says);
            const auto word = utf8_of(*found);
            if (std::ranges::find(heard_as.words, word) == heard_as.words.end())
                heard_as.words.push_back(word);
            add_dates(days, heard_as);
        }
    }
};

reply_reader::reply_reader() = default;
reply_reader::reply_reader(reply_reader&&) noexcept = default;
reply_reader& reply_reader::operator=(reply_reader&&) noexcept = default;
reply_reader::~reply_reader() = default;

boost::system::result<reply_reader, config::reply_rules_fault> reply_reader::make(
    std::span<const config::reply_rules> rules) {
    reply_reader made;
    for (const auto& file : rules) {
        auto at = std::ranges::find(made.languages_, file.language,
                                    [](const auto& each) { return each->language; });
        if (at == made.languages_.end()) {
            made.languages_.push_back(std::make_unique<language_rules>());
            at = std::prev(made.languages_.end());
            (*at)->language = file.language;
        }
        if (file.salary_day != 0) (*at)->salary_day = file.salary_day;
        for (const auto& rule : file.rules) {
            const auto what = intent_from(rule.intent);
            if (!what)
                return config::reply_rules_fault{rule.line,
                                                 fmt::format("'{}' is no intent", rule.intent)};
            compiled_rule one{
                .what = *what, .confidence = rule.confidence, .needs_date = rule.needs_date};
            for (const auto& [texts, into] : {std::pair{&rule.match, &one.match},
                                              {&rule.unless, &one.unless},
                                              {&rule.unless_text, &one.unless_text}}) {
                auto patterns = compile(*texts);
                if (!patterns) return config::reply_rules_fault{rule.line, patterns.error()};
                *into = std::move(*patterns);
            }
            (*at)->rules.push_back(std::move(one));
        }
    }
    return made;
}

const reply_reader& reply_reader::shipped() {
    static const reply_reader made = [] {
        auto reader = make(shipped_rules());
        if (!reader) std::abort();
        return std::move(*reader);
    }();
    return made;
}

boost::system::result<reply_reader, config::reply_rules_fault> reply_reader::extended(
    std::span<const config::reply_rules> by) {
    // Alone first: a fault is then of these, and its line one of their file.
    if (auto alone = make(by); !alone) return alone.error();
    auto all = shipped_rules();
    all.insert(all.end(), by.begin(), by.end());
    return make(all);
}

reading reply_reader::read(std::string_view text, std::string_view language, date today) const {
    reading made;
    made.language = !language.empty() ? language : looks_japanese(text) ? "ja" : "en";
    const auto at = std::ranges::find(languages_, made.language,
                                      [](const auto& each) { return each->language; });
    if (at != languages_.end()) {
        const bool is_japanese = made.language == "ja";
        const auto whole = normal_text(text, is_japanese);
        (*at)->hear_all(whole, today, made.intents);
        if (is_japanese) (*at)->hear_all(as_hiragana(whole), today, made.intents);
        for (const auto& other : languages_)
            if (is_japanese && other->language != made.language)
                other->hear_all(normal_text(text, false), today, made.intents, true);
    }
    const bool is_cut = is_too_long(text);
    std::erase_if(made.intents, [](const auto& each) { return each.confidence < heard; });
    // "OK." beside what says something says nothing.
    if (made.intents.size() > 1)
        std::erase_if(made.intents, [](const auto& each) { return each.what == intent::unclear; });
    if (made.intents.empty()) made.intents.push_back({.what = intent::unclear, .confidence = 1.0});
    std::ranges::stable_sort(made.intents, std::greater<>{}, &read_intent::confidence);
    for (auto& each : made.intents)
        each.confidence = std::round(each.confidence * 100) / 100;
    const auto& first = made.intents.front();
    const bool is_mixed = std::ranges::any_of(made.intents, [](const auto& each) {
        return each.confidence < sure || leaves_to_a_person(each.what);
    });
    const bool stops = first.what == intent::stop && first.confidence >= sure;
    made.says = !is_cut && (stops || (first.confidence >= sure && !is_mixed)) ? decision::act
                                                                              : decision::person;
    return made;
}

}  // namespace hikyaku::gateway::replies
