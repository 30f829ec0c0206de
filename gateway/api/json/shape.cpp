#include "gateway/api/json/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>

#include "gateway/api/json/text.hpp"

namespace hikyaku::gateway::api {
namespace {

using boost::json::value;

/// `"a", "b" or "c"`.
std::string listed(std::span<const std::string_view> words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool last = i + 1 == words.size();
        text += fmt::format("{}\"{}\"", i == 0 ? "" : last ? " or " : ", ", words[i]);
    }
    return text;
}

bool is_within(const shape& wanted, std::size_t size) {
    const auto number = static_cast<std::int64_t>(size);
    return number >= wanted.min && number <= wanted.max;
}

bool fits_text(const shape& wanted, const value& given) {
    if (!given.is_string()) return false;
    const auto text = text_of(given);
    if (!is_within(wanted, text.size())) return false;
    return wanted.words.empty() || index_of(wanted.words, text) < wanted.words.size();
}

std::string text_sentence(const shape& wanted) {
    if (!wanted.words.empty()) return "must be " + listed(wanted.words);
    if (wanted.max != shape::no_max)
        return fmt::format("must be a string of {} to {} octets", wanted.min, wanted.max);
    return wanted.min > 0 ? "must be a string that is not empty" : "must be a string";
}

std::string integer_sentence(const shape& wanted) {
    if (wanted.max == shape::no_max)
        return fmt::format("must be an integer from {} on", wanted.min);
    return fmt::format("must be an integer from {} to {}", wanted.min, wanted.max);
}

std::string list_sentence(const shape& wanted) {
    if (wanted.max == shape::no_max)
        return wanted.min > 0 ? fmt::format("must be a list of at least {}", wanted.min)
                              : "must be a list";
    return wanted.min > 0 ? fmt::format("must be a list of {} to {}", wanted.min, wanted.max)
                          : fmt::format("must be a list of at most {}", wanted.max);
}

}  // namespace

std::size_t index_of(std::span<const std::string_view> words, std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find(words, text) - words.begin());
}

bool fits(const shape& wanted, const value& given) {
    if (wanted.nullable && given.is_null()) return true;
    switch (wanted.is) {
        case shape::kind::any:
            return true;
        case shape::kind::text:
            return fits_text(wanted, given);
        case shape::kind::integer:
            return given.is_int64() && given.get_int64() >= wanted.min &&
                   given.get_int64() <= wanted.max;
        case shape::kind::number:
            return given.is_number();
        case shape::kind::flag:
            return given.is_bool();
        case shape::kind::object:
            return given.is_object() && is_within(wanted, given.get_object().size());
        case shape::kind::list:
            return given.is_array() && is_within(wanted, given.get_array().size());
        case shape::kind::either:
            break;
    }
    const auto fits_form = [&](const shape* form) { return fits(*form, given); };
    return std::ranges::any_of(wanted.forms, fits_form);
}

std::string sentence_of(const shape& wanted) {
    if (!wanted.says.empty()) return std::string(wanted.says);
    switch (wanted.is) {
        case shape::kind::any:
            return "may be anything";
        case shape::kind::text:
            return text_sentence(wanted);
        case shape::kind::integer:
            return integer_sentence(wanted);
        case shape::kind::number:
            return "must be a number";
        case shape::kind::flag:
            return "must be true or false";
        case shape::kind::object:
            return wanted.min > 0 ? fmt::format("must be an object of at least {}", wanted.min)
                                  : "must be an object";
        case shape::kind::list:
            return list_sentence(wanted);
        case shape::kind::either:
            break;
    }
    return "has none of the forms that are allowed";
}

std::optional<std::string> misfit(const shape& wanted, const value& given) {
    if (fits(wanted, given)) return {};
    return sentence_of(wanted);
}

}  // namespace hikyaku::gateway::api
