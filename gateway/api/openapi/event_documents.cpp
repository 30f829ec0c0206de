#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_events {
namespace {

constexpr member receipt_members[] = {
    {"message_id", &id, true},
    {"reference", &text_or_null, true},
    {"from", &text, true},
    {"to", &text, true},
    {"segment", &count, false, "its number from 1, where each segment has a receipt of its own"},
    {"status", &state, true},
    {"stat", &text, false, "the carrier's word, where it is another than SMPP's for the status"},
    {"final", &flag_shape, true, "false: an intermediate receipt"},
    {"submitted_at", &time_or_null, true},
    {"done_at", &time_or_null, true},
    {"segments", &count, true},
    {"segments_delivered", &count, true},
    {"error", &told_error, false},
};
constexpr shape receipt = object_shape(receipt_members, "Receipt");

constexpr member reply_members[] = {
    {"from", &text, true},
    {"to", &text, true},
    {"text", &text_or_null, true, "null when the alphabet is not known"},
    {"data_coding", &octet, true},
    {"data", &hexadecimal, true, "the octets as they came"},
    {"parts", &count, false, "of a long reply"},
    {"parts_received", &count, false},
    {"incomplete", &flag_shape, false},
    {"part", &count, false, "its number, where the account wants the parts"},
};
constexpr shape reply = object_shape(reply_members, "Reply");

constexpr member hit_members[] = {
    {"message_id", &id, true},
    {"reference", &text_or_null, true},
    {"to", &text_or_null, true},
    {"link", &text_or_null, true, "its code"},
    {"target", &text_or_null, true},
    {"class", &hit_class, true},
    {"reasons", &texts, true, "why it is of this class"},
    {"user_agent", &text_or_null, true, "at most 256 octets of the header"},
    {"first_of_visit", &flag_shape, true, "no hit of the same visit came before"},
};
constexpr shape hit = object_shape(hit_members, "Hit");

constexpr std::string_view read_decision_words[] = {"act", "person"};
constexpr shape read_decision = word_shape(read_decision_words);
constexpr shape reply_event_name{.is = shape::kind::text, .pattern = "^evt_[0-9]+$"};
constexpr member reply_read_members[] = {
    {"reply", &reply_event_name, true, "the `id` of the reply's own event"},
    {"from", &text, true},
    {"to", &text, true},
    {"text", &text_or_null, true},
    {"intents", &read_intents, true, "the surest first"},
    {"decision", &read_decision, true, "`person`: somebody has to look"},
    {"language", &text, true, "that it was read in"},
    {"contact", &text, true, "the contact point as holds and suppressions have it"},
    {"conversation", &text, true, "its name in /v1/conversations"},
    {"debtor", &text, false, "of the last message to that phone within 30 days"},
    {"debt", &text, false, "likewise"},
    {"followed", &texts, true,
     "what it has brought about: `stopped`, `started`, `suppressed`, `hold_dispute` and the like, "
     "`task`, `confirmation`, `answer`"},
};
constexpr shape reply_read = object_shape(reply_read_members, "ReplyRead");
constexpr member link_seen_members[] = {
    {"message_id", &id, true},       {"reference", &text_or_null, true},
    {"to", &text_or_null, true},     {"link", &text_or_null, true, "its code"},
    {"target", &text_or_null, true}, {"seen", &time, true, "when a person saw what it leads to"},
};
constexpr shape link_seen = object_shape(link_seen_members, "SeenLink");

constexpr shape event_id{.is = shape::kind::text, .pattern = "^evt_[0-9]+$"};
constexpr std::string_view receipt_words[] = {"receipt"};
constexpr std::string_view reply_words[] = {"reply"};
constexpr std::string_view hit_type_words[] = {"hit"};
constexpr std::string_view reply_read_words[] = {"reply_read"};
constexpr shape reply_read_type = word_shape(reply_read_words);
constexpr std::string_view link_seen_words[] = {"link_seen"};
constexpr shape receipt_type = word_shape(receipt_words);
constexpr shape reply_type = word_shape(reply_words);
constexpr shape hit_type = word_shape(hit_type_words);
constexpr shape link_seen_type = word_shape(link_seen_words);
constexpr std::string_view id_meaning = "unique in the account; the same when it comes twice";
constexpr member receipt_event_members[] = {
    {"id", &event_id, true, id_meaning},
    {"type", &receipt_type, true},
    {"timestamp", &time, true},
    {"data", &receipt, true},
};
constexpr member reply_event_members[] = {
    {"id", &event_id, true, id_meaning},
    {"type", &reply_type, true},
    {"timestamp", &time, true},
    {"data", &reply, true},
};
constexpr member hit_event_members[] = {
    {"id", &event_id, true, id_meaning},
    {"type", &hit_type, true},
    {"timestamp", &time, true},
    {"data", &hit, true},
};
constexpr member reply_read_event_members[] = {
    {"id", &event_id, true, id_meaning},
    {"type", &reply_read_type, true},
    {"timestamp", &time, true, "of the reply"},
    {"data", &reply_read, true},
};
constexpr member link_seen_event_members[] = {
    {"id", &event_id, true, id_meaning},
    {"type", &link_seen_type, true},
    {"timestamp", &time, true},
    {"data", &link_seen, true},
};
constexpr shape receipt_event = object_shape(receipt_event_members, "ReceiptEvent");
constexpr shape reply_event = object_shape(reply_event_members, "ReplyEvent");
constexpr shape hit_event = object_shape(hit_event_members, "HitEvent");
constexpr shape reply_read_event = object_shape(reply_read_event_members, "ReplyReadEvent");
constexpr shape link_seen_event = object_shape(link_seen_event_members, "LinkSeenEvent");
constexpr const shape* event_forms[] = {&receipt_event, &reply_event, &hit_event, &reply_read_event,
                                        &link_seen_event};
constexpr shape event{.is = shape::kind::either, .forms = event_forms, .name = "Event"};
constexpr shape event_list = list_shape(event, 1);
constexpr member data_members[] = {{"events", &event_list, true}};
constexpr shape data = object_shape(data_members);
constexpr std::string_view events_words[] = {"events"};
constexpr shape events_type = word_shape(events_words);
constexpr member events_members[] = {
    {"type", &events_type, true},
    {"timestamp", &time, true, "of the newest event"},
    {"data", &data, true},
};

}  // namespace
}  // namespace of_events

constinit const shape events = object_shape(of_events::events_members, "Events");

}  // namespace hikyaku::gateway::api::documents
