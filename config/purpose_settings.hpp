// The part of the configuration that is about why and to whom messages go, and under which rules: a
// part of settings.hpp, which includes it. Plain structs, read by load() and never changed.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace hikyaku::config {

using std::chrono::seconds;

/// Why a message is sent; the values are those that the store has.
enum class purpose : std::uint8_t { transactional, service, dunning, marketing };

/// How an application says over SMPP why and to whom it sends: by service_type, or in TLVs of these
/// tags (0 = none), which then are not passed on.
struct account_smpp_fields {
    std::map<std::string, config::purpose> service_types;
    std::uint16_t purpose_tlv = 0;  // the word
    std::uint16_t contact_tlv = 0;  // the contact's id
    std::uint16_t zones_tlv = 0;    // IANA names, with commas between them
    std::uint16_t tags_tlv = 0;     // words, with commas between them
    std::uint16_t debtor_tlv = 0;
    std::uint16_t debt_tlv = 0;
    bool operator==(const account_smpp_fields&) const = default;
};

enum class policy_rule_kind : std::uint8_t {
    hours,
    rest_days,
    blackout,
    cap_day,
    cap_period,
    gap,
    debtor_day,
    tags,
    consent,
    hold,
    suppression,
    deliver_by,
};
enum class policy_standing : std::uint8_t { statutory, practice };
/// Whether the zones of a number count where the contact's own are known.
enum class number_zones : std::uint8_t { otherwise, also };
/// When the one confirmation of a stop goes out: in the contact hours, or at once.
enum class confirmation_time : std::uint8_t { in_hours, at_once };

/// One [[rule]] of a policy pack. Which of the parameters it has comes from its kind.
struct policy_rule {
    std::string id;
    policy_rule_kind kind = policy_rule_kind::hours;
    std::string source;  // law and article, or whose practice
    std::string date;    // of the version of it: "2010-06-18"
    policy_standing standing = policy_standing::practice;
    std::vector<config::purpose> purposes{purpose::dunning, purpose::marketing};
    std::string text;                    // instead of the program's sentence
    std::string open, close;             // hours: "08:00"
    std::vector<std::string> weekdays;   // rest_days
    bool holidays = false;               // rest_days
    std::vector<std::string> calendars;  // rest_days: "JP"; empty = of the contact's countries
    std::vector<std::string> days;       // blackout
    std::uint32_t max = 0;               // cap_day, cap_period
    seconds period{0};                   // cap_period
    seconds gap{0};
    seconds within{0};                  // consent: age at most; 0 = any
    seconds floor{0};                   // deliver_by
    std::vector<std::string> tags;      // tags
    std::vector<std::string> consents;  // consent
    std::vector<std::string> holds;     // hold; empty = all kinds that no other rule names
    bool operator==(const policy_rule&) const = default;
};

struct policy_pack {
    std::string pack;     // its name: "japan/lender"
    std::string version;  // the day it was written: "2026-11-30"
    std::string title;
    std::string jurisdiction;
    std::string capacity;
    config::number_zones number_zones = config::number_zones::otherwise;
    confirmation_time stop_confirmation = confirmation_time::in_hours;
    std::vector<policy_rule> rules;
    bool operator==(const policy_pack&) const = default;
};

/// What an account has of its own in place of its pack's values; zero and empty = the pack's.
struct account_policy_rules {
    std::string open, close;
    std::vector<std::string> rest_weekdays;
    bool rest_holidays = false;
    std::vector<std::string> holiday_calendars;
    std::vector<std::string> blackout_days;
    std::uint32_t max_per_day = 0;
    std::uint32_t max_per_7d = 0;
    seconds min_gap{0};
    seconds consent_within{0};
    seconds deliver_floor{0};
    bool number_zones = false;  // the number's count beside the contact's
    bool operator==(const account_policy_rules&) const = default;
};

/// Who has allowed a value that is looser than a statutory rule.
struct policy_approval {
    std::string rule;
    std::string name;
    std::string reason;
    std::string date;
    bool operator==(const policy_approval&) const = default;
};

struct policy_settings {
    std::string path;  // a folder with packs of one's own; empty = only those of the program
    bool operator==(const policy_settings&) const = default;
};

}  // namespace hikyaku::config
