// The lines of [policy], of [[account]] about the gate, and of a policy pack.
#include "config/table.hpp"
#include "config/table_units.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view asked_purpose_words[] = {"transactional", "service", "dunning",
                                                    "marketing"};
constexpr std::string_view kind_words[] = {"hours",      "rest_days", "blackout",    "cap_day",
                                           "cap_period", "gap",       "debtor_day",  "tags",
                                           "consent",    "hold",      "suppression", "deliver_by"};
constexpr std::string_view standing_words[] = {"statutory", "practice"};
constexpr std::string_view number_zone_words[] = {"else", "also"};
constexpr std::string_view confirmation_words[] = {"hours", "immediate"};
constexpr std::string_view weekday_words[] = {"sunday",   "monday", "tuesday", "wednesday",
                                              "thursday", "friday", "saturday"};
constexpr std::string_view consent_words[] = {"direct", "texted", "number_checked"};
constexpr std::string_view hold_words[] = {
    "promise", "dispute",   "representation",  "insolvency",
    "death",   "hardship",  "wrong_person",    "ownership_doubt",
    "opt_out", "cease",     "breathing_space", "disaster",
    "manual",  "complaint", "service_issue",   "vulnerability"};
constexpr std::uint64_t contacts_max = 100;
constexpr std::uint64_t leap_year = 366 * day;

setting words_of(std::string_view key, std::span<const std::string_view> choices,
                 std::string_view sentence, std::string_view default_text = "[]") {
    return {.key = key,
            .form = kind::choice,
            .list = true,
            .default_text = default_text,
            .choices = choices,
            .sentence = sentence};
}

const section& rules_section() {
    using object = account_policy_rules;
    static const section made{
        "policy_rules of [[account]]",
        "Values of the account's own in place of those of its policy pack. A value that is looser "
        "than a statutory rule of the pack needs an [[account.approval]]. Empty and 0: as the pack "
        "has it.",
        defaults_of<object>(),
        {
            field<object, &object::open>(
                make::text("open", R"("")", "Begin of the contact hours, local time, `\"09:00\"`")),
            field<object, &object::close>(
                make::text("close", R"("")",
                           "End of the contact hours, `\"20:00\"`: the first moment outside")),
            field<object, &object::rest_weekdays>(
                words_of("rest_weekdays", weekday_words, "Days of the week without messages")),
            field<object, &object::rest_holidays>(
                make::flag("rest_holidays", "false", "No messages on national holidays")),
            field<object, &object::holiday_calendars>(make::texts(
                "holiday_calendars",
                "Countries whose holidays count, `\"JP\"`; empty for those of the contact")),
            field<object, &object::blackout_days>(make::texts(
                "blackout_days",
                "Dates without messages, `\"2026-12-31\"` or `\"2026-12-30..2027-01-03\"`")),
            field<object, &object::max_per_day>(
                make::count("max_per_day", "messages", "0", 0, contacts_max,
                            "Most messages to one contact point on a day")),
            field<object, &object::max_per_7d>(
                make::count("max_per_7d", "messages", "0", 0, contacts_max,
                            "Most messages to one contact point in seven days")),
            field<object, &object::min_gap>(
                make::duration("min_gap", R"("0s")", 0, 30 * day,
                               "Shortest time between two messages to one contact point")),
            field<object, &object::consent_within>(make::duration(
                "consent_within", R"("0s")", 0, 10 * leap_year, "Highest age of a consent")),
            field<object, &object::deliver_floor>(
                make::duration("deliver_floor", R"("0s")", 0, 12 * hour,
                               "What must be left of the contact hours for a carrier that tries "
                               "again by itself")),
            field<object, &object::number_zones>(
                make::flag("number_zones", "false",
                           "The time zones of the number count beside those of the contact")),
        }};
    return made;
}

const section& approval_section() {
    using object = policy_approval;
    static const section made{
        "approval of [[account]]",
        "Who has allowed that `policy_rules` are looser than a statutory rule of the pack.",
        defaults_of<object>(),
        {
            field<object, &object::rule>(
                make::required_text("rule", "The rule's id, `\"contact_hours\"`")),
            field<object, &object::name>(make::required_text("name", "Who has allowed it")),
            field<object, &object::reason>(make::required_text("reason", "Why it is lawful")),
            field<object, &object::date>(make::required_text("date", "When, `\"2026-11-30\"`")),
        }};
    return made;
}

std::vector<setting> parameter_settings() {
    using object = policy_rule;
    return {
        field<object, &object::open>(make::text("open", R"("")", "Begin of the hours")),
        field<object, &object::close>(make::text("close", R"("")", "End of the hours")),
        field<object, &object::weekdays>(words_of("weekdays", weekday_words, "Days of rest")),
        field<object, &object::holidays>(
            make::flag("holidays", "false", "National holidays are days of rest")),
        field<object, &object::calendars>(make::texts("calendars", "Countries of the holidays")),
        field<object, &object::days>(make::texts("days", "Blackout dates")),
        field<object, &object::max>(
            make::count("max", "messages", "0", 1, contacts_max, "Most messages")),
        field<object, &object::period>(
            make::duration("period", R"("0s")", minute, leap_year, "In it")),
        field<object, &object::gap>(
            make::duration("gap", R"("0s")", minute, 30 * day, "Between two messages")),
        field<object, &object::within>(
            make::duration("within", R"("0s")", hour, 10 * leap_year, "Highest age of a consent")),
        field<object, &object::floor>(
            make::duration("floor", R"("0s")", second, 12 * hour, "What is left at least")),
        field<object, &object::tags>(make::texts("tags", "Tags of contact points")),
        field<object, &object::consents>(
            words_of("consents", consent_words, "Consents, of which one is enough")),
        field<object, &object::holds>(words_of("holds", hold_words, "Kinds of holds")),
    };
}

const section& pack_rule_section() {
    using object = policy_rule;
    static const section made = [] {
        section s{
            "[[rule]]",
            "One rule.",
            defaults_of<object>(),
            {
                field<object, &object::id>(make::required_text("id", "Its name in reasons")),
                field<object, &object::kind>({.key = "kind",
                                              .form = kind::choice,
                                              .required = true,
                                              .default_text = R"("hours")",
                                              .choices = kind_words,
                                              .sentence = "What it is about"}),
                field<object, &object::source>(
                    make::required_text("source", "Law and article, or whose practice")),
                field<object, &object::date>(
                    make::required_text("date", "Of the version of the source")),
                field<object, &object::standing>({.key = "standing",
                                                  .form = kind::choice,
                                                  .required = true,
                                                  .default_text = R"("practice")",
                                                  .choices = standing_words,
                                                  .sentence = "Whether the law says so"}),
                field<object, &object::purposes>(words_of("purposes", asked_purpose_words,
                                                          "Messages that it is about",
                                                          R"(["dunning", "marketing"])")),
                field<object, &object::text>(make::text("text", R"("")", "Sentence of a reason")),
            }};
        for (setting& each : parameter_settings())
            s.settings.push_back(each);
        return s;
    }();
    return made;
}

}  // namespace

const section& policy_section() {
    using object = policy_settings;
    static const section made{
        "[policy]",
        "Where policy packs come from. The program has japan/lender, japan/servicer, japan/agent, "
        "japan/merchant, us/third-party, us/first-party, uk and eu; docs/protection.md tells what "
        "they hold and how to write one.",
        defaults_of<object>(),
        {
            field<object, &object::path>(
                make::text("path", R"("")",
                           "Folder with packs of one's own, `japan/lender.toml` and so on, which "
                           "take the place of the program's; empty for none")),
        }};
    return made;
}

const section& policy_pack_section() {
    using object = policy_pack;
    static const section made{
        "the pack",
        "A policy pack.",
        defaults_of<object>(),
        {
            field<object, &object::pack>(make::required_text("pack", "Its name")),
            field<object, &object::version>(make::required_text("version", "When it was written")),
            field<object, &object::title>(make::required_text("title", "For people")),
            field<object, &object::jurisdiction>(make::required_text("jurisdiction", "Whose law")),
            field<object, &object::capacity>(
                make::required_text("capacity", "What the account is by law")),
            field<object, &object::number_zones>({.key = "number_zones",
                                                  .form = kind::choice,
                                                  .default_text = R"("else")",
                                                  .choices = number_zone_words,
                                                  .sentence = "When the zones of a number count"}),
            field<object, &object::stop_confirmation>(
                {.key = "stop_confirmation",
                 .form = kind::choice,
                 .default_text = R"("hours")",
                 .choices = confirmation_words,
                 .sentence = "When the one confirmation of a stop goes out"}),
            field<object, &object::rules>(make::table("rule", pack_rule_section, "Rules", true)),
        }};
    return made;
}

std::vector<setting> account_policy_settings() {
    using object = account;
    return {
        field<object, &object::policy>(make::text(
            "policy", R"("")",
            "Policy pack that its messages of all purposes but `transactional` are under, "
            "`\"japan/lender\"`: the jurisdiction and what the account is by law; empty for none")),
        field<object, &object::policy_shadow>(make::flag(
            "policy_shadow", "false",
            "Decide by the pack and keep the decisions, but hold nothing back for it; holds, "
            "suppressions and stops count")),
        field<object, &object::zones>(make::texts(
            "zones",
            "Time zones of persons whose own and whose number's are not known, `\"Asia/Tokyo\"`")),
        field<object, &object::policy_rules>(
            make::table("policy_rules", rules_section, "Values in place of the pack's")),
        field<object, &object::approvals>(
            make::table("approval", approval_section, "Who has allowed looser values", true)),
    };
}

}  // namespace hikyaku::config
