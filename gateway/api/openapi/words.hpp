// Words and small shapes that several documents of the API have in common. Constants.
#pragma once

#include <string_view>

#include "gateway/api/json/shape.hpp"

namespace hikyaku::gateway::api::documents {

inline constexpr shape text = text_shape();
inline constexpr shape text_or_null = or_null(text_shape());
inline constexpr shape count = integer_shape();
inline constexpr shape octet = integer_shape(0, 255);
inline constexpr shape time = text_shape(0, shape::no_max, "date-time");
inline constexpr shape time_or_null = or_null(time);
inline constexpr shape texts = list_shape(text);
inline constexpr shape hexadecimal{.is = shape::kind::text, .pattern = "^([0-9a-f]{2})*$"};

/// Of a message: decimal text.
inline constexpr shape id{.is = shape::kind::text, .pattern = "^[1-9][0-9]{0,18}$"};

// Those of the store's enums (gateway/model/records.fbs).
inline constexpr std::string_view state_words[] = {"queued",        "submitted", "delivered",
                                                   "undeliverable", "expired",   "rejected",
                                                   "deleted",       "unknown"};
inline constexpr shape state = word_shape(state_words);
inline constexpr std::string_view purpose_words[] = {"transactional", "service", "dunning",
                                                     "marketing"};
inline constexpr shape purpose = word_shape(purpose_words);
inline constexpr std::string_view why_words[] = {"not_recorded", "unknown_id", "contradicts",
                                                 "ambiguous",    "unreadable", "no_owner",
                                                 "no_delivery",  "no_carrier"};
inline constexpr shape why = word_shape(why_words);
/// No closed list: carriers have alphabets of their own.
inline constexpr shape encoding{
    .is = shape::kind::text,
    .meaning = "`gsm7`, `ucs2`, `latin1`, `ascii`, `binary`, or the name of a carrier's alphabet",
};
/// links::hit_class.
inline constexpr std::string_view hit_words[] = {"human_likely", "preview", "prefetch",
                                                 "scanner",      "unknown", "automation"};
inline constexpr shape hit_class = word_shape(hit_words);

/// What was read in a reply (gateway/replies/intents.hpp).
inline constexpr std::string_view intent_words[] = {
    "stop",     "start",        "help",           "paid",       "promise", "plan_request",
    "dispute",  "wrong_person", "representation", "insolvency", "death",   "hardship",
    "callback", "question",     "complaint",      "abuse",      "unclear"};
inline constexpr shape intent = word_shape(intent_words);
inline constexpr shape confidence{.is = shape::kind::number, .min = 0, .max = 1};
inline constexpr shape reply_date = text_shape(10, 10, "date");
inline constexpr shape reply_dates = list_shape(reply_date);
inline constexpr member read_intent_members[] = {
    {"intent", &intent, true},
    {"confidence", &confidence, true, "from 0.8 on it counts as sure"},
    {"dates", &reply_dates, false, "the days that are named; several are alternatives"},
    {"words", &texts, false, "by which it was decided"},
};
inline constexpr shape read_intent = object_shape(read_intent_members, "ReadIntent");
inline constexpr shape read_intents = list_shape(read_intent, 1);

}  // namespace hikyaku::gateway::api::documents
