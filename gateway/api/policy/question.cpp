#include "gateway/api/policy/question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <utility>

#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/gate/calendar.hpp"

namespace hikyaku::gateway::api {
namespace of_question {
namespace {

namespace json = boost::json;

using maybe_fault = std::optional<problem>;

constexpr std::string_view purpose_words[] = {"transactional", "service", "dunning", "marketing"};
constexpr std::string_view hold_words[] = {
    "promise", "dispute",   "representation",  "insolvency",
    "death",   "hardship",  "wrong_person",    "ownership_doubt",
    "opt_out", "cease",     "breathing_space", "disaster",
    "manual",  "complaint", "service_issue",   "vulnerability"};
constexpr std::string_view scope_words[] = {"contact", "debtor", "debt", "account"};
constexpr std::string_view consent_words[] = {"direct", "texted", "number_checked"};

constexpr shape purpose_shape = word_shape(purpose_words);
constexpr shape purposes_shape = list_shape(purpose_shape, 0, 4);
constexpr shape time_shape = text_shape(0, 64, "date-time");
constexpr shape optional_label_shape = or_null(label_shape);
constexpr shape optional_text_shape = or_null(text_shape(0, 256));
constexpr shape word_of_contact_shape = text_shape(1, 64);
constexpr shape zones_shape = list_shape(word_of_contact_shape, 0, 8);
constexpr shape tags_shape = list_shape(word_of_contact_shape, 0, 16);
constexpr shape number_shape = text_shape(1, 32);
constexpr shape pack_shape = or_null(text_shape(1, 64));
constexpr shape length_shape{
    .is = shape::kind::text, .nullable = true, .min = 2, .max = 16, .pattern = "^[0-9]+[smhd]$"};
constexpr shape optional_flag_shape = or_null(flag_shape);

constexpr member contact_members[] = {
    {"id", &word_of_contact_shape, false, "your name for it; a number when it begins with `+`"},
    {"zones", &zones_shape, false, "time zones in which the person may be, by their IANA names"},
    {"tags", &tags_shape, false, "`work`, `third_party`, and words of yours"},
};
constexpr shape contact_shape = object_shape(contact_members, "PolicyContact");

constexpr shape hold_shape_kind = word_shape(hold_words);
constexpr shape hold_shape_scope = word_shape(scope_words);
constexpr shape day_or_time_shape{.is = shape::kind::text, .nullable = true, .min = 0, .max = 64};
constexpr member hold_members[] = {
    {"kind", &hold_shape_kind, true},
    {"scope", &hold_shape_scope, false, "what it stands on; default: `contact`"},
    {"from", &day_or_time_shape, false, "a time, or the first day; default: ever since"},
    {"until", &day_or_time_shape, false, "a time, or the last day; default: for ever"},
    {"evidence", &optional_text_shape, false, "not looked at"},
};
constexpr shape hold_shape = object_shape(hold_members, "PolicyHold");
constexpr shape holds_shape = list_shape(hold_shape, 0, 1000);

constexpr member sent_members[] = {
    {"at", &time_shape, true},
    {"purpose", &purpose_shape, false, "default: `dunning`"},
    {"contact", &optional_label_shape, false, "default: the one that is asked about"},
    {"debtor", &optional_label_shape, false, "default: the one that is asked about"},
};
constexpr shape sent_shape = object_shape(sent_members, "PolicyContactMade");
constexpr shape history_shape = list_shape(sent_shape, 0, 10'000);

constexpr shape consent_kind_shape = word_shape(consent_words);
constexpr member consent_members[] = {
    {"kind", &consent_kind_shape, true},
    {"at", &time_shape, true},
    {"source", &word_of_contact_shape, true, "where it is written down"},
};
constexpr shape consent_shape = object_shape(consent_members, "PolicyConsent");
constexpr shape consents_shape = or_null(list_shape(consent_shape, 0, 1000));

constexpr member question_members[] = {
    {"pack", &pack_shape, false, "the policy pack; default: the account's"},
    {"purpose", &purpose_shape, true},
    {"contact", &contact_shape, true},
    {"to", &number_shape, false, "its number in E.164, where `contact.id` is none"},
    {"debtor", &optional_label_shape, false, "none: the contact point is taken for a debtor"},
    {"debt", &optional_label_shape},
    {"at", &time_shape, true, "when it would be handed to a carrier"},
    {"holds", &holds_shape, false, "those that concern it, over or not begun yet included"},
    {"history", &history_shape, false, "what was sent before"},
    {"suppressed", &purposes_shape, false, "purposes that the contact point is suppressed for"},
    {"consents", &consents_shape, false,
     "none: rules about consent are not looked at; an empty list: nobody has agreed"},
    {"carrier_retry", &length_shape, false,
     "how long the carrier tries again by itself, `72h`; none: it does not"},
    {"carrier_keeps_validity", &optional_flag_shape, false,
     "whether the carrier gives up at the end of the validity period; default: it does"},
    {"stopped", &optional_flag_shape, false, "whether an emergency stop covers it; default: no"},
};

// What the zone book knows.
constexpr std::int64_t first_ms = 0;
constexpr std::int64_t last_ms = 7'258'118'400'000;

problem invalid(std::string_view base, std::string_view field, std::string detail) {
    return field_fault(problem_code::field_invalid, base, field, std::move(detail));
}

/// Null when it is not there, or null.
const json::value* find(const json::object& in, std::string_view name) {
    const json::value* const found = in.if_contains(name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

maybe_fault read_time(const json::object& in, std::string_view base, std::string_view field,
                      std::int64_t& into) {
    const auto time = parse_time(text_of(in.at(field)));
    if (!time) return invalid(base, field, "must be a time such as \"2026-12-01T20:59:59+09:00\"");
    into = *time;
    return {};
}

maybe_fault read_day_or_time(const json::object& in, std::string_view base, std::string_view field,
                             std::optional<asked_time>& into) {
    const json::value* const given = find(in, field);
    if (given == nullptr) return {};
    const std::string_view text = text_of(*given);
    if (const auto day = gate::parse_day(text)) {
        into = asked_time{0, *day};
        return {};
    }
    const auto time = parse_time(text);
    if (!time)
        return invalid(base, field,
                       "must be a time such as \"2026-12-01T20:59:59+09:00\", or a day such as "
                       "\"2026-12-10\"");
    into = asked_time{*time, {}};
    return {};
}

/// Calls read(item, its pointer) for each object of a list, if there is the list.
template <class Read>
maybe_fault read_each(const json::object& in, std::string_view name, const shape& item,
                      const Read& read) {
    const json::value* const list = find(in, name);
    if (list == nullptr) return {};
    std::size_t index = 0;
    for (const json::value& each : list->get_array()) {
        const std::string base = fmt::format("/{}", name);
        const std::string here = fmt::format("{}/{}", base, index);
        if (auto why = misfit(item, each))
            return invalid(base, fmt::to_string(index), std::move(*why));
        if (item.is == shape::kind::object)
            if (auto wrong = object_fault(item, each.get_object(), here)) return wrong;
        if (auto wrong = read(each, here)) return wrong;
        ++index;
    }
    return {};
}

maybe_fault read_contact(const json::object& contact, policy_question& into) {
    const std::string base = "/contact";
    if (auto wrong = object_fault(contact_shape, contact, base)) return wrong;
    if (const auto* id = find(contact, "id"); id != nullptr && text_of(*id).starts_with('+'))
        into.number = text_of(*id);
    for (const auto& [name, list] : {std::pair{"zones", &into.zones}, {"tags", &into.tags}}) {
        const json::value* const given = find(contact, name);
        if (given == nullptr) continue;
        std::size_t index = 0;
        for (const json::value& each : given->get_array()) {
            if (auto why = misfit(word_of_contact_shape, each))
                return invalid(fmt::format("{}/{}", base, name), fmt::to_string(index),
                               std::move(*why));
            list->emplace_back(text_of(each));
            ++index;
        }
    }
    return {};
}

maybe_fault read_holds(const json::object& in, policy_question& into) {
    return read_each(
        in, "holds", hold_shape,
        [&](const json::value& each, std::string_view base) {
            const json::object& given = each.get_object();
            asked_hold hold;
            hold.kind = *gate::hold_kind_from(text_of(given.at("kind")));
            if (const auto* scope = find(given, "scope"))
                hold.scope = *gate::hold_scope_from(text_of(*scope));
            auto wrong = read_day_or_time(given, base, "from", hold.from);
            if (!wrong) wrong = read_day_or_time(given, base, "until", hold.until);
            into.holds.push_back(hold);
            return wrong;
        });
}

maybe_fault read_history(const json::object& in, policy_question& into) {
    const json::value* const contact = find(in.at("contact").get_object(), "id");
    const json::value* const debtor = find(in, "debtor");
    // A name that is not there says nothing: the message counts.
    const auto same = [](const json::value* one, const json::value* other) {
        return one == nullptr || other == nullptr || text_of(*one) == text_of(*other);
    };
    return read_each(in, "history", sent_shape,
                     [&](const json::value& each, std::string_view base) {
                         const json::object& given = each.get_object();
                         gate::contact_fact sent;
                         if (const auto* why = find(given, "purpose"))
                             sent.why = *gate::purpose_from(text_of(*why));
                         sent.to_contact = same(find(given, "contact"), contact);
                         sent.to_debtor = same(find(given, "debtor"), debtor);
                         auto wrong = read_time(given, base, "at", sent.at_ms);
                         into.history.push_back(sent);
                         return wrong;
                     });
}

maybe_fault read_consents(const json::object& in, policy_question& into) {
    into.facts.consents_known = find(in, "consents") != nullptr;
    auto wrong = read_each(in, "consents", consent_shape,
                           [&](const json::value& each, std::string_view base) {
                               const json::object& given = each.get_object();
                               gate::consent_fact consent;
                               consent.kind = *gate::consent_kind_from(text_of(given.at("kind")));
                               into.consent_sources.emplace_back(text_of(given.at("source")));
                               auto bad = read_time(given, base, "at", consent.at_ms);
                               into.consents.push_back(consent);
                               return bad;
                           });
    for (std::size_t i = 0; i < into.consents.size(); ++i)
        into.consents[i].source = into.consent_sources[i];
    return wrong;
}

maybe_fault read_carrier(const json::object& in, policy_question& into) {
    gate::facts& facts = into.facts;
    facts.carrier_retry_ms = 0;
    if (const auto* retry = find(in, "carrier_retry")) {
        const auto length = parse_duration(text_of(*retry));
        if (!length) return invalid("", "carrier_retry", "must be a length such as \"72h\"");
        facts.carrier_retry_ms = std::chrono::milliseconds{*length}.count();
    }
    if (const auto* keeps = find(in, "carrier_keeps_validity"))
        facts.carrier_keeps_validity = keeps->get_bool();
    if (const auto* stopped = find(in, "stopped")) facts.stopped = stopped->get_bool();
    return {};
}

boost::system::result<policy_question, problem> read(const json::value& given) {
    if (!given.is_object()) {
        problem wrong;
        wrong.code = problem_code::body_invalid;
        wrong.detail = "must be an object";
        return wrong;
    }
    const json::object& in = given.get_object();
    if (auto wrong = object_fault(policy_question_shape, in, "")) return std::move(*wrong);
    policy_question made;
    if (const auto* pack = find(in, "pack")) made.pack = text_of(*pack);
    made.facts.why = *gate::purpose_from(text_of(in.at("purpose")));
    if (const auto* debtor = find(in, "debtor")) made.debtor = text_of(*debtor);
    maybe_fault wrong = read_contact(in.at("contact").get_object(), made);
    if (const auto* number = find(in, "to")) made.number = text_of(*number);
    if (!wrong) wrong = read_time(in, "", "at", made.facts.now_ms);
    if (!wrong && (made.facts.now_ms < first_ms || made.facts.now_ms >= last_ms))
        wrong = invalid("", "at", "must be a time from 1970 to 2199");
    if (!wrong) wrong = read_holds(in, made);
    if (!wrong) wrong = read_history(in, made);
    if (!wrong) wrong = read_consents(in, made);
    if (!wrong) wrong = read_carrier(in, made);
    if (!wrong)
        wrong = read_each(in, "suppressed", purpose_shape,
                          [&](const json::value& each, std::string_view) -> maybe_fault {
                              const auto why = *gate::purpose_from(text_of(each));
                              made.facts.suppressed = static_cast<gate::purpose_set>(
                                  made.facts.suppressed | gate::set_of(why));
                              return {};
                          });
    if (wrong) return std::move(*wrong);
    return made;
}

}  // namespace
}  // namespace of_question

constinit const shape policy_question_shape{
    .is = shape::kind::object,
    .members = of_question::question_members,
    .name = "PolicyQuestion",
    .meaning = "A message that nobody sends, and what is known about it",
};

boost::system::result<policy_question, problem> read_policy_question(
    const boost::json::value& given) {
    return of_question::read(given);
}

}  // namespace hikyaku::gateway::api
