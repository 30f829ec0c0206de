#include "gateway/api/openapi/documents.hpp"
#include "gateway/api/openapi/words.hpp"

namespace hikyaku::gateway::api::documents {
namespace of_estimates {
namespace {

constexpr member bounds_members[] = {{"least", &count, true}, {"most", &count, true}};
constexpr shape bounds = object_shape(bounds_members, "Bounds");
constexpr member range_members[] = {
    {"units", &bounds, true},
    {"segments", &bounds, true},
    {"billed_units", &bounds, true},
};
constexpr shape range = object_shape(range_members);

constexpr member planned_members[] = {
    {"carrier", &text, true},   {"encoding", &encoding, true},  {"units", &count, true},
    {"segments", &count, true}, {"billed_units", &count, true},
};
constexpr shape planned = object_shape(planned_members, "CarrierPlan");
constexpr member unplanned_members[] = {{"carrier", &text, true}, {"problem", &problem, true}};
constexpr shape unplanned = object_shape(unplanned_members, "CarrierRefusal");
constexpr const shape* plan_forms[] = {&planned, &unplanned};
constexpr shape plan = either_shape(plan_forms);
constexpr shape plans = list_shape(plan, 1);

constexpr shape sizes = list_shape(count);

// An entry of a list has an index besides.
constexpr member listed_estimate_members[] = {
    {"index", &count, true},
    {"to", &text, true},
    {"encoding", &encoding, true},
    {"data_coding", &octet, true},
    {"units", &count, true, "septets (GSM), UTF-16 units or octets"},
    {"segments", &count, true, "short messages on the air"},
    {"billed_units", &count, true, "the carrier's bill"},
    {"segment_octets", &sizes, true, "the size of each PDU's text"},
    {"text", &text, true, "with links replaced; their codes are placeholders"},
    {"forcing_ucs2", &texts, true, "some characters that are not in the GSM alphabet"},
    {"replaced", &replacements, true},
    {"route", &text_or_null, true},
    {"carriers", &texts, true, "in the order in which they would be tried now"},
    {"by_carrier", &plans, false, "if the carriers of the route cut or bill texts differently"},
    {"range", &range, false, "over the carriers that can take the text"},
};
constexpr shape listed_estimate = object_shape(listed_estimate_members, "ListedEstimate");
constexpr shape estimate = object_shape(std::span(listed_estimate_members).subspan(1), "Estimate");
constexpr member refused_members[] = {
    {"index", &count, true},
    {"to", &text, false},
    {"problem", &problem, true},
};
constexpr shape refused = object_shape(refused_members, "EstimateRefused");
constexpr const shape* entry_forms[] = {&listed_estimate, &refused};
constexpr shape entry = either_shape(entry_forms);
constexpr shape entries = list_shape(entry, 1);
constexpr member list_members[] = {{"messages", &entries, true}};
constexpr shape estimate_list = object_shape(list_members, "EstimateList");
constexpr const shape* body_forms_of_estimate[] = {&estimate, &estimate_list};
constexpr shape estimated = either_shape(body_forms_of_estimate);

constexpr answer_line estimate_lines[] = {
    {.meaning = "What the messages would take",
     .body = &estimated,
     .example =
         R"({"to":"+819012345678","encoding":"ucs2","data_coding":8,"units":12,"segments":1,)"
         R"("billed_units":1,"segment_octets":[24],"text":"お支払い期限は明日です。",)"
         R"("forcing_ucs2":["お","支","払"],"replaced":[],"route":"default",)"
         R"("carriers":["example"]})"},
};

}  // namespace
}  // namespace of_estimates

constinit const answer_lines estimate_answers = of_estimates::estimate_lines;

}  // namespace hikyaku::gateway::api::documents
