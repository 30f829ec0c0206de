#include "gateway/api/desk/documents.hpp"
#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_consents {
namespace {

constexpr shape source = text_shape(1, 1000);
constexpr member consent_body_members[] = {
    {"contact", &label_shape, true, "a number or another contact point"},
    {"kind", &consent_kind, true,
     "`direct`: given to the account itself; `texted`: the person has written from this number; "
     "`number_checked`: against a database of reassigned numbers"},
    {"at", &time, false, "default now"},
    {"source", &source, true, "where it is written down"},
    {"recorded_by", &remark, false},
};
constexpr shape consent_kinds = list_shape(consent_kind, 1, 3);
constexpr member withdrawal_members[] = {
    {"contact", &label_shape, true, "a number or another contact point"},
    {"kinds", &consent_kinds, false, "only these; default: all three"},
    {"at", &time, false, "default now"},
    {"source", &remark, false, "where it is written down"},
    {"recorded_by", &remark, false},
};
constexpr member search_members[] = {
    {"contact", &label_shape, true, "a number or another contact point"},
};
constexpr std::string_view status_words[] = {"given", "withdrawn"};
constexpr shape status = word_shape(status_words);
constexpr member consent_members[] = {
    {"contact", &text, true},
    {"kind", &consent_kind, true},
    {"status", &status, true},
    {"at", &time, true},
    {"source", &text_or_null, true},
    {"recorded_by", &text_or_null, true},
    {"recorded_at", &time, true},
    {"counts", &flag_shape, true, "it is given, and the latest of its kind"},
};
constexpr shape consent = object_shape(consent_members, "Consent");
constexpr shape consents = list_shape(consent);
constexpr member consent_list_members[] = {
    {"consents", &consents, true, "by kind, the latest first"},
};
constexpr shape consent_list = object_shape(consent_list_members, "ConsentList");
constexpr answer_line consent_lines[] = {
    {.status = 201, .meaning = "It counts, and is on disk", .body = &consent},
};
constexpr answer_line consent_list_lines[] = {
    {.meaning = "All of the contact point, at most 1000", .body = &consent_list},
};
constexpr answer_line exported_lines[] = {
    {.meaning = "All: contact, kind, status, at, source, recorded_by, recorded_at",
     .content_type = "text/csv"},
};
constexpr answer_line withdrawn_lines[] = {
    {.meaning = "They count no more, and that is on disk", .body = &consent_list},
};

}  // namespace
}  // namespace of_consents

constinit const shape consent_body = object_shape(of_consents::consent_body_members, "NewConsent");
constinit const shape consent_search = object_shape(of_consents::search_members, "ConsentSearch");
constinit const shape consent_withdrawal =
    object_shape(of_consents::withdrawal_members, "ConsentWithdrawal");
constinit const std::string_view consent_example =
    R"({"contact":"+819012345678","kind":"direct","at":"2026-04-01T00:00:00Z",)"
    R"("source":"contract 17, page 2","recorded_by":"Sato"})";
constinit const std::string_view consent_search_example = R"({"contact":"+819012345678"})";
constinit const std::string_view consent_withdrawal_example =
    R"({"contact":"+819012345678","kinds":["direct"],"source":"call of 2 May"})";
constinit const std::string_view consent_import_example =
    "contact,kind,at,source\r\n+819012345678,direct,2026-04-01T00:00:00Z,contract 17\r\n";
constinit const answer_lines consent_answers = of_consents::consent_lines;
constinit const answer_lines consent_list_answers = of_consents::consent_list_lines;
constinit const answer_lines consents_exported_answers = of_consents::exported_lines;
constinit const answer_lines consent_withdrawn_answers = of_consents::withdrawn_lines;

}  // namespace hikyaku::gateway::api::documents
