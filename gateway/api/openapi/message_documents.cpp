#include <array>

#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/messages/message_reader.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_messages {
namespace {

constexpr member replacement_members[] = {
    {"position", &count, true, "octet of UTF-8 in the text, after links were replaced"},
    {"from", &text, true},
    {"to", &text, true, "may be empty"},
};
constexpr shape replacement = object_shape(replacement_members, "Replacement");

constexpr shape error_code = or_null(integer_shape(0, 4'294'967'295));
constexpr std::string_view refusers[] = {"carrier", "gateway"};
constexpr shape refused_by = word_shape(refusers);
constexpr member error_members[] = {
    {"code", &error_code, true, "null: the carrier wrote no number"},
    {"text", &text, true, "`err` of the receipt as it was written"},
    {"stat", &text_or_null, true, "the word after `stat:` in the receipt"},
    {"network_error_code", &text_or_null, true, "the octets of that TLV in hexadecimal"},
    {"command_status", &text_or_null, false, "only of a refusal: its name"},
    {"refused_by", &refused_by, false, "only of a refusal"},
    {"additional_status_info_text", &text, false, "only of a refusal"},
};

constexpr member segment_members[] = {
    {"status", &state, true},
    {"stat", &text, false, "the carrier's word, where it is another than SMPP's for the status"},
    {"carrier", &text_or_null, true},
    {"carrier_message_id", &text_or_null, true},
    {"attempts", &count, true},
    {"error", &told_error, false},
    {"submitted_at", &time_or_null, true},
    {"done_at", &time_or_null, true},
};
constexpr shape segment = object_shape(segment_members, "Segment");
constexpr shape segments = list_shape(segment);

constexpr member known_contact_members[] = {
    {"id", &text_or_null, true},
    {"zones", &texts, true},
    {"tags", &texts, true},
};
constexpr shape known_contact = or_null(object_shape(known_contact_members));

constexpr member class_members[] = {
    {hit_words[0], &count, true}, {hit_words[1], &count, true}, {hit_words[2], &count, true},
    {hit_words[3], &count, true}, {hit_words[4], &count, true}, {hit_words[5], &count, true},
};
constexpr shape classes = object_shape(class_members);
constexpr shape count_or_null = or_null(count);
constexpr member hits_members[] = {
    {"total", &count, true},
    {"unique", &count_or_null, true, "visits; null: not known of hits from before they were"},
    {"human_likely", &count, true},
    {"seen", &time_or_null, true, "when a link was seen; null: nobody has said so"},
    {"by_class", &classes, true},
};
constexpr shape hits = object_shape(hits_members, "Hits");

constexpr std::string_view outcome_words[] = {"allow", "delay", "require", "block"};
constexpr shape outcome = word_shape(outcome_words);
constexpr member reason_members[] = {{"rule", &text, true}, {"text", &text, true}};
constexpr shape reason = object_shape(reason_members);
constexpr shape reasons = list_shape(reason);
constexpr shape seen_values{.is = shape::kind::object, .open = true};
constexpr member decision_members[] = {
    {"decision", &outcome, true},
    {"at", &time, true},
    {"until", &time, false, "of a delay"},
    {"deliver_by", &time, false, "after it the message is not sent any more"},
    {"shadow", &flag_shape, false, "the reasons were only written down, and it went out"},
    {"reasons", &reasons, true},
    {"values", &seen_values, false, "what the rules saw"},
};
constexpr shape decision = object_shape(decision_members, "Decision");
constexpr answer_line decision_lines[] = {{.meaning = "The last decision", .body = &decision}};

constexpr member message_members[] = {
    {"id", &id, true},
    {"status", &state, true, "`queued`, `submitted` (a carrier has it), or final"},
    {"from", &text, true},
    {"to", &text, true},
    {"encoding", &encoding, true},
    {"data_coding", &octet, true},
    {"replaced", &replacements, true},
    {"reference", &text_or_null, true},
    {"tag", &text_or_null, true},
    {"purpose", &purpose, true},
    {"contact", &known_contact, true},
    {"debtor", &text_or_null, true},
    {"debt", &text_or_null, true},
    {"route", &text_or_null, true},
    {"accepted_at", &time_or_null, true},
    {"send_at", &time_or_null, true},
    {"expires_at", &time_or_null, true},
    {"done_at", &time_or_null, true},
    {"segments", &segments, true},
    {"links", &texts, true, "codes of the tracked links in the text"},
    {"hits", &hits, true, "requests for these links"},
    {"decision", &decision, false, "the gate's, the last one; only where one message is looked at"},
};
constexpr shape message = object_shape(message_members, "Message");
constexpr shape messages = list_shape(message);
constexpr member message_list_members[] = {
    {"messages", &messages, true},
    {"next", &id, false, "there if more may follow: ask again with it as `after`"},
};

constexpr std::string_view accepted_words[] = {"accepted"};
constexpr shape accepted_status = word_shape(accepted_words);
constexpr std::string_view refused_words[] = {"refused"};
constexpr shape refused_status = word_shape(refused_words);
constexpr member accepted_members[] = {
    {"id", &id, true},
    {"to", &text, true, "the number as the gateway has read it"},
    {"reference", &text, false},
    {"status", &accepted_status, true},
    {"segments", &count, true, "short messages on the air"},
    {"encoding", &encoding, true},
    {"replaced", &replacements, false, "what transliteration changed, if it did"},
};
constexpr shape accepted = object_shape(accepted_members, "Accepted");

constexpr member listed_accepted_members[] = {
    {"index", &count, true},
    {"id", &id, true},
    {"to", &text, true},
    {"reference", &text, false},
    {"status", &accepted_status, true},
    {"segments", &count, true},
    {"encoding", &encoding, true},
    {"replaced", &replacements, false},
};
constexpr shape listed_accepted = object_shape(listed_accepted_members, "ListedAccepted");
constexpr member listed_refused_members[] = {
    {"index", &count, true},     {"to", &text, false, "as it was written, if it could not be read"},
    {"reference", &text, false}, {"status", &refused_status, true},
    {"problem", &problem, true},
};
constexpr shape listed_refused = object_shape(listed_refused_members, "ListedRefused");
constexpr const shape* listed_forms[] = {&listed_accepted, &listed_refused};
constexpr shape listed = either_shape(listed_forms);
constexpr shape outcomes = list_shape(listed, 1);
constexpr member accepted_list_members[] = {
    {"accepted", &count, true, "how many of them"},
    {"refused", &count, true},
    {"messages", &outcomes, true, "one for each recipient, in their order"},
};
constexpr const shape* send_forms[] = {&accepted, &accepted_list};
constexpr shape sent = either_shape(send_forms);

constexpr shape new_messages = list_shape(message_shape, 1);
constexpr member batch_members[] = {{"messages", &new_messages, true}};
constexpr shape batch = object_shape(batch_members, "Batch");
constexpr const shape* body_forms[] = {&message_shape, &batch};

constexpr shape key_shape{.is = shape::kind::text, .min = 1, .max = 256, .pattern = "^[ -~]*$"};
constexpr query_member send_header_lines[] = {
    {"Idempotency-Key", &key_shape,
     "the same key with the same body is answered from the store for 24 hours, and sends nothing"},
};
constexpr std::string_view true_words[] = {"true"};
constexpr shape true_text = word_shape(true_words);
constexpr query_member replayed_header[] = {
    {"Idempotent-Replayed", &true_text, "the answer is a stored one"},
};

constexpr query_member path_lines[] = {{"id", &text, "the id of a message", true}};
constexpr shape some_text = text_shape(1);
constexpr shape page_limit = integer_shape(1, 1'000'000);
constexpr query_member find_lines[] = {
    {"reference", &label_shape, "those with this reference, the newest first; alone", false,
     "invoice-77"},
    {"after", &id, "behind the message with this id: the `next` of the page before"},
    {"from", &time, "accepted at this time or later"},
    {"to", &time, "accepted before this time"},
    {"status", &some_text, "in one of these states, with commas between them", false,
     "queued,submitted"},
    {"limit", &page_limit, "how many at most; default 100, of lines all", false, "100"},
};

constexpr std::string_view accepted_example =
    R"({"id":"1024819115206086656","to":"+819012345678","status":"accepted","segments":1,)"
    R"("encoding":"gsm7"})";
constexpr answer_line send_lines[] = {
    {.status = 202,
     .meaning = "The messages are on disk, at least one of them",
     .body = &sent,
     .example = accepted_example,
     .headers = replayed_header},
    {.meaning = "Of lines: an answer a line, in their order", .content_type = lines_type},
};
constexpr std::string_view get_example =
    R"({"id":"1024819115206086656","status":"delivered","from":"Example","to":"+819012345678",)"
    R"("encoding":"gsm7","data_coding":0,"replaced":[],"reference":null,"tag":null,)"
    R"("purpose":"transactional","contact":null,"debtor":null,"debt":null,"route":"default",)"
    R"("accepted_at":"2026-04-01T00:00:00.000Z","send_at":"2026-04-01T00:00:00.000Z",)"
    R"("expires_at":"2026-04-04T00:00:00.000Z","done_at":"2026-04-01T00:00:04.120Z",)"
    R"("segments":[{"status":"delivered","carrier":"example","carrier_message_id":"4f2a",)"
    R"("attempts":1,"submitted_at":"2026-04-01T00:00:00.050Z",)"
    R"("done_at":"2026-04-01T00:00:04.120Z"}],"links":[],"hits":{"total":0,"unique":0,)"
    R"("human_likely":0,"seen":null,"by_class":{"human_likely":0,"preview":0,"prefetch":0,)"
    R"("scanner":0,"unknown":0,"automation":0}}})";
constexpr answer_line get_lines[] = {
    {.meaning = "The message", .body = &message, .example = get_example},
};
constexpr answer_line find_answer_lines[] = {
    {.meaning = "The messages, the oldest first; by reference at most 100, the newest first",
     .body = &message_list},
    {.meaning = "If `Accept` asks for lines: a message a line", .content_type = lines_type},
};

constexpr std::string_view deleted_words[] = {"deleted"};
constexpr shape deleted_status = word_shape(deleted_words);
constexpr member cancelled_members[] = {{"id", &id, true}, {"status", &deleted_status, true}};
constexpr shape cancelled = object_shape(cancelled_members, "Cancelled");
constexpr answer_line cancel_lines[] = {
    {.meaning = "It will not be sent; the cancellation is on disk",
     .body = &cancelled,
     .example = R"({"id":"1024819115206086656","status":"deleted"})"},
};

using enum error_id;

/// What the engine refuses a message for, and `more`: errors.hpp has the refusals first.
template <class... More>
constexpr auto submission_codes(More... more) {
    constexpr std::size_t last = refusal_count - 1;
    std::array<problem_code, last - 2 + sizeof...(more)> codes{};
    std::size_t count = 0;
    for (std::size_t i = 1; i <= last; ++i) {
        const auto code = static_cast<problem_code>(i);
        if (code != not_found && code != not_cancellable) codes[count++] = code;
    }
    ((codes[count++] = more), ...);
    return codes;
}
constexpr auto estimate_codes = submission_codes(batch_too_large);
constexpr auto send_codes = submission_codes(batch_too_large, idempotency_key_invalid,
                                             idempotency_in_flight, idempotency_mismatch);
constexpr auto staff_send_codes = submission_codes(no_such_resource, idempotency_key_invalid,
                                                   idempotency_in_flight, idempotency_mismatch);
constexpr problem_code get_codes[] = {not_found};
constexpr problem_code cancel_codes[] = {not_found, not_cancellable, store_busy, store_failing,
                                         shutting_down};

}  // namespace
}  // namespace of_messages

constinit const shape replacements = list_shape(of_messages::replacement);
constinit const shape told_error = object_shape(of_messages::error_members, "CarrierError");
constinit const shape message_list = object_shape(of_messages::message_list_members, "MessageList");
constinit const shape accepted_list =
    object_shape(of_messages::accepted_list_members, "AcceptedList");
constinit const shape messages_body = either_shape(of_messages::body_forms);

constinit const std::string_view message_example =
    R"({"from":"Example","to":"+819012345678","text":"Your invoice is due tomorrow."})";
constinit const std::string_view estimate_example =
    R"({"from":"Example","to":"+819012345678","text":"お支払い期限は明日です。"})";
constinit const query_lines message_path = of_messages::path_lines;
constinit const query_lines send_headers = of_messages::send_header_lines;
constinit const query_lines find_query = of_messages::find_lines;
constinit const answer_lines send_answers = of_messages::send_lines;
constinit const answer_lines find_answers = of_messages::find_answer_lines;
constinit const answer_lines decision_answers = of_messages::decision_lines;
constinit const answer_lines get_answers = of_messages::get_lines;
constinit const answer_lines cancel_answers = of_messages::cancel_lines;
constinit const code_lines send_refuses = of_messages::send_codes;
constinit const code_lines staff_send_refuses = of_messages::staff_send_codes;
constinit const code_lines estimate_refuses = of_messages::estimate_codes;
constinit const code_lines get_refuses = of_messages::get_codes;
constinit const code_lines cancel_refuses = of_messages::cancel_codes;

}  // namespace hikyaku::gateway::api::documents
