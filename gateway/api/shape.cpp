#include "gateway/api/shape.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>

#include "gateway/api/json_text.hpp"

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

std::string text_sentence(const shape& wanted) {
    if (!wanted.words.empty()) return "must be " + listed(wanted.words);
    if (wanted.max != shape::no_max)
        return fmt::format("must be a string of {} to {} octets", wanted.min, wanted.max);
    return wanted.min > 0 ? "must be a string that is not empty" : "must be a string";
}

bool fits_text(const shape& wanted, const value& given) {
    if (!given.is_string()) return false;
    const auto text = text_of(given);
    const auto size = static_cast<std::int64_t>(text.size());
    if (size < wanted.min || size > wanted.max) return false;
    return wanted.words.empty() || index_of(wanted.words, text) < wanted.words.size();
}

bool fits_integer(const shape& wanted, const value& given) {
    return given.is_int64() && given.get_int64() >= wanted.min && given.get_int64() <= wanted.max;
}

std::string integer_sentence(const shape& wanted) {
    if (wanted.max == shape::no_max)
        return fmt::format("must be an integer from {} on", wanted.min);
    return fmt::format("must be an integer from {} to {}", wanted.min, wanted.max);
}

bool fits_list(const shape& wanted, const value& given) {
    if (!given.is_array()) return false;
    const auto size = static_cast<std::int64_t>(given.get_array().size());
    return size >= wanted.min && size <= wanted.max;
}

std::string list_sentence(const shape& wanted) {
    if (wanted.max != shape::no_max)
        return fmt::format("must be a list of {} to {}", wanted.min, wanted.max);
    return wanted.min > 0 ? fmt::format("must be a list of at least {}", wanted.min)
                          : "must be a list";
}

std::optional<std::string> unless(bool fits, std::string sentence) {
    return fits ? std::nullopt : std::optional(std::move(sentence));
}

}  // namespace

std::size_t index_of(std::span<const std::string_view> words, std::string_view text) {
    return static_cast<std::size_t>(std::ranges::find(words, text) - words.begin());
}

std::optional<std::string> misfit(const shape& wanted, const value& given) {
    if (wanted.nullable && given.is_null()) return {};
    switch (wanted.is) {
        case shape::kind::any:
            return {};
        case shape::kind::text:
            if (fits_text(wanted, given)) return {};
            return text_sentence(wanted);
        case shape::kind::integer:
            if (fits_integer(wanted, given)) return {};
            return integer_sentence(wanted);
        case shape::kind::number:
            return unless(given.is_number(), "must be a number");
        case shape::kind::flag:
            return unless(given.is_bool(), "must be true or false");
        case shape::kind::object:
            return unless(given.is_object(), "must be an object");
        case shape::kind::list:
            if (fits_list(wanted, given)) return {};
            return list_sentence(wanted);
        case shape::kind::either:
            break;
    }
    const auto fits = [&](const shape* form) { return !misfit(*form, given); };
    return unless(std::ranges::any_of(wanted.forms, fits),
                  "has none of the forms that are allowed");
}

}  // namespace hikyaku::gateway::api
