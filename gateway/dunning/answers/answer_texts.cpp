#include "gateway/dunning/answers/answer_texts.hpp"

namespace hikyaku::gateway::dunning {
namespace {

constexpr std::string_view place_of_reference = "{reference}";

const std::string& text_in(const config::reply_texts& from, wanted_answer which) {
    switch (which) {
        case wanted_answer::stop_one:
            return from.stop_one;
        case wanted_answer::help:
            return from.help;
        case wanted_answer::closed:
            return from.closed;
        case wanted_answer::none:
        case wanted_answer::stop:
            break;
    }
    return from.stop;
}

config::reply_language language_of(std::string_view language) {
    if (language == "ja") return config::reply_language::japanese;
    if (language == "en") return config::reply_language::english;
    return config::reply_language::automatic;
}

/// It confirms what was asked for, and nothing else: no advertising, no second thoughts.
std::string_view shipped_text(wanted_answer which, std::string_view language) {
    const bool is_japanese = language == "ja";
    if (which == wanted_answer::stop)
        return is_japanese ? "配信を停止しました。今後、お知らせのSMSはお送りしません。"
                           : "You have opted out and will receive no more reminders by text "
                             "message.";
    if (which == wanted_answer::stop_one)
        return is_japanese ? "{reference}についての配信を停止しました。"
                           : "You have opted out of text messages about {reference}.";
    return {};
}

}  // namespace

std::string answer_text(const config::account_replies& from, wanted_answer which,
                        std::string_view language, std::string_view reference) {
    if (which == wanted_answer::none) return {};
    std::string made;
    for (const auto& each : from.texts)
        if (made.empty() && each.language == language_of(language)) made = text_in(each, which);
    for (const auto& each : from.texts)
        if (made.empty() && each.language == config::reply_language::automatic)
            made = text_in(each, which);
    if (made.empty()) made = text_in(from, which);
    if (made.empty()) made = shipped_text(which, language);
    if (which != wanted_answer::stop_one) return made;
    for (auto at = made.find(place_of_reference); at != std::string::npos;
         at = made.find(place_of_reference, at + reference.size()))
        made.replace(at, place_of_reference.size(), reference);
    return made;
}

}  // namespace hikyaku::gateway::dunning
