// What the admin listener answers about the clock and about whose store it is.
#include <limits>

#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_clock {
namespace {

using enum error_id;

constexpr std::string_view kind_words[] = {"system", "virtual"};
constexpr shape kind = word_shape(kind_words);
constexpr shape seconds = integer_shape(std::numeric_limits<std::int64_t>::min());
constexpr member clock_members[] = {
    {"clock", &kind, true, "`virtual`: that of a sandbox, which is moved by hand"},
    {"now", &time, true, "what it says"},
    {"system", &time, true, "what the machine's says, as far as it does not go back"},
    {"moved_by_seconds", &seconds, true, "how far it is ahead of the machine's"},
    {"stands", &flag_shape, true, "it goes on only when it is moved"},
    {"moves", &flag_shape, true, "a move is under way"},
};
constexpr shape clock = object_shape(clock_members, "Clock");
constexpr answer_line clock_lines[] = {{.meaning = "The clock", .body = &clock}};
constexpr answer_line moved_lines[] = {
    {.meaning = "It says so, and all that was due until then is done", .body = &clock},
};
constexpr shape length = text_shape(2, 20);
constexpr member move_members[] = {
    {"by", &length, false, "how far: `30s`, `90m`, `8h`, `14d`"},
    {"to", &time, false, "or until when"},
    {"stand", &flag_shape, false, "it stands there, instead of running on"},
};
constexpr problem_code move_codes[] = {no_such_resource, field_missing, field_invalid, server_busy};

constexpr std::string_view doubt_words[] = {"machine", "file", "clock", "unknown"};
constexpr shape doubt{
    .is = shape::kind::text,
    .words = doubt_words,
    .meaning =
        "`machine`: it was last open on another one; `file`: it was another one, of which "
        "this is a copy or backup; `clock`: it has jumped by more than an hour, or is behind "
        "what is stored; `unknown`: nobody has written down whose it is"};
constexpr shape doubts = list_shape(doubt);
constexpr std::string_view rule_words[] = {"store_unconfirmed", "clock_jumped"};
constexpr shape rule_or_null = or_null(word_shape(rule_words));
constexpr member confirmation_members[] = {
    {"at", &time, true},
    {"doubts", &doubts, true, "what was confirmed"},
    {"by", &text_or_null, true},
    {"why", &text_or_null, true},
};
constexpr shape confirmation_or_null = or_null(object_shape(confirmation_members));
constexpr member store_members[] = {
    {"confirmed", &flag_shape, true, "messages that ask the gate are sent"},
    {"doubts", &doubts, true, "why they are not"},
    {"rule", &rule_or_null, true, "in the decisions about them"},
    {"since", &time_or_null, true},
    {"last_confirmation", &confirmation_or_null, true},
};
constexpr shape store = object_shape(store_members, "StoreStatus");
constexpr answer_line store_lines[] = {{.meaning = "Whose store it is", .body = &store}};
constexpr shape words_of_operator = text_shape(1, 1000);
constexpr member confirm_members[] = {
    {"by", &words_of_operator, true, "who confirms"},
    {"why", &words_of_operator, true, "that nothing was sent from elsewhere, and how it is known"},
};
constexpr problem_code confirm_codes[] = {field_missing, field_invalid, store_busy,
                                          store_failing, shutting_down, no_such_resource};

}  // namespace
}  // namespace of_clock

constinit const shape clock_move_body = object_shape(of_clock::move_members, "ClockMove");
constinit const std::string_view clock_move_example = R"({"by":"8h"})";
constinit const answer_lines clock_answers = of_clock::clock_lines;
constinit const answer_lines clock_moved_answers = of_clock::moved_lines;
constinit const code_lines clock_move_refuses = of_clock::move_codes;
constinit const shape store_confirm_body =
    object_shape(of_clock::confirm_members, "StoreConfirmation");
constinit const std::string_view store_confirm_example =
    R"({"by":"Sato","why":"moved to the new machine; the old one is switched off"})";
constinit const answer_lines store_answers = of_clock::store_lines;
constinit const code_lines store_confirm_refuses = of_clock::confirm_codes;

}  // namespace hikyaku::gateway::api::documents
