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

}  // namespace
}  // namespace of_clock

constinit const shape clock_move_body = object_shape(of_clock::move_members, "ClockMove");
constinit const std::string_view clock_move_example = R"({"by":"8h"})";
constinit const answer_lines clock_answers = of_clock::clock_lines;
constinit const answer_lines clock_moved_answers = of_clock::moved_lines;
constinit const code_lines clock_move_refuses = of_clock::move_codes;

}  // namespace hikyaku::gateway::api::documents
