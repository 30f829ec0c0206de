#include "gateway/api/messages/recipient_reader.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/messages/contact_reader.hpp"

namespace hikyaku::gateway::api {
namespace {

struct recipient_line : member {
    std::string_view recipient_fields::*label = nullptr;  // for those that are a label
};

constexpr shape number_shape{
    .is = shape::kind::text,
    .says = "must be a number as a string",
};
constexpr recipient_line recipient_lines[] = {
    {{"number", &number_shape, true, "the number"}},
    {{"reference", &label_shape, false, "your own name for this message"},
     &recipient_fields::reference},
    {{"contact", &contact_shape, false, "takes the place of the whole `contact` beside `to`"}},
    {{"debtor", &label_shape, false, "your own name for who owes"}, &recipient_fields::debtor},
    {{"debt", &label_shape, false, "your own name for what is owed"}, &recipient_fields::debt},
};
constexpr auto recipient_members = members_of(recipient_lines);

constexpr shape recipient_object{
    .is = shape::kind::object,
    .members = recipient_members,
    .name = "Recipient",
    .meaning = "A number, and what this recipient has of its own",
};
constexpr const shape* recipient_forms[] = {&number_shape, &recipient_object};
constexpr shape recipient_list = list_shape(recipient_shape, 1);
constexpr const shape* to_forms[] = {&number_shape, &recipient_object, &recipient_list};

}  // namespace

constinit const shape recipient_shape{
    .is = shape::kind::either,
    .forms = recipient_forms,
    .says = "must be a number as a string, or an object with \"number\"",
};

constinit const shape to_shape{
    .is = shape::kind::either,
    .forms = to_forms,
    .says = "must be a number as a string, an object with \"number\", or a list of these",
};

std::optional<problem> recipient_fields::read(std::string_view at, const boost::json::object& given,
                                              const zone_names& zones) {
    for (const auto& [key, value] : given) {
        const std::string_view name = key;
        const auto* const line = std::ranges::find(recipient_lines, name, &recipient_line::name);
        if (line == std::end(recipient_lines))
            return field_fault(problem_code::field_unknown, at, name, {});
        if (auto why = misfit(*line->is, value))
            return field_fault(problem_code::field_invalid, at, name, std::move(*why));
        std::optional<problem> fault;
        if (line->label != nullptr) {
            fault = label_fault(value, at, name);
            if (!fault) this->*line->label = text_of(value);
        } else if (name == "contact") {
            fault = read_contact(value, at, zones, contact.emplace());
        }
        if (fault) return fault;
    }
    if (!given.contains("number"))
        return field_fault(problem_code::field_missing, at, "number", {});
    return {};
}

void recipient_fields::write_to(submission& message) {
    if (!reference.empty()) message.reference = reference;
    if (!debtor.empty()) message.debtor = debtor;
    if (!debt.empty()) message.debt = debt;
    if (contact) message.contact = std::move(*contact);
}

}  // namespace hikyaku::gateway::api
