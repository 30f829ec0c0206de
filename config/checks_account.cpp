// The checks of [[account]].
#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "config/checks.hpp"
#include "config/own_tags.hpp"
#include "config/special_networks.hpp"
#include "config/token_hash.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

constexpr std::size_t password_chars_max = 8;  // SMPP 3.4, 5.2.2: 9 octets with the NUL
constexpr std::size_t token_chars_min = 20;    // shorter ones are guessed sooner or later

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string account_path(std::size_t index) {
    return fmt::format("account[{}]", index);
}

/// "account 'demo'", or its number while it has no name.
std::string title(const account& a, std::size_t index) {
    return a.name.empty() ? fmt::format("account number {}", index + 1)
                          : fmt::format("account '{}'", a.name);
}

bool is_twilio_sid(std::string_view text, std::string_view letters) {
    constexpr std::size_t digits = 32;
    return text.size() == letters.size() + digits && text.starts_with(letters) &&
           std::ranges::all_of(text.substr(letters.size()), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

class account_checker {
public:
    account_checker(const settings& s, reader& r) : s_(s), r_(r) {}

    void run() {
        for (std::size_t i = 0; i < s_.accounts.size(); ++i) {
            const account& a = s_.accounts[i];
            path_ = account_path(i);
            title_ = title(a, i);
            check_identity(a);
            check_access(a);
            check_tokens(a);
            check_home(a);
            check_rate(a);
            check_certificates(a);
            check_webhook(a);
            check_doors(a);
            check_outbind(a);
            check_delivery(a);
            check_links(a);
            check_smpp_fields(a);
            warn_short_tokens(a);
        }
        if (s_.accounts.empty()) r_.warn_at("", "there is no [[account]]: nobody can submit");
    }

private:
    void fault(std::string_view key, std::string sentence) {
        r_.fault_at(fmt::format("{}.{}", path_, key), fmt::format("{} {}", title_, sentence));
    }
    void warn(std::string_view key, std::string sentence) {
        r_.warn_at(fmt::format("{}.{}", path_, key), fmt::format("{} {}", title_, sentence));
    }
    /// A fault when another account has the same text already.
    void unique(std::map<std::string, std::string>& owners, const std::string& text,
                std::string_view key, std::string_view what) {
        if (text.empty()) return;
        const auto [found, added] = owners.emplace(text, title_);
        if (added) return;
        fault(key, found->second == title_
                       ? fmt::format("has the same {} twice", what)
                       : fmt::format("has the same {} as {}", what, found->second));
    }

    void check_identity(const account& a) {
        if (!a.name.empty() && !names_.insert(a.name).second)
            r_.fault_at(path_ + ".name", fmt::format("two accounts are named '{}'", a.name));
        unique(system_ids_, a.system_id, "system_id", "system_id");
        if (a.sendsms)
            unique(usernames_, a.sendsms->username, "sendsms.username", "username for sendsms");
        if (a.jasmin)
            unique(jasmin_usernames_, a.jasmin->username, "jasmin.username", "username for jasmin");
        if (a.twilio) {
            unique(twilio_sids_, lower(a.twilio->sid), "twilio.sid", "sid for Twilio");
            for (const twilio_key& key : a.twilio->keys)
                unique(twilio_sids_, lower(key.sid), "twilio.api_key", "API key for Twilio");
            for (const twilio_service& service : a.twilio->services)
                unique(twilio_sids_, lower(service.sid), "twilio.messaging_service",
                       "messaging service");
        }
        for (const std::string& token : a.api_tokens)
            if (!token.empty()) unique(tokens_, token_hash(token), "api_tokens", "token");
        for (const account_token& token : a.tokens)
            unique(tokens_, token.hash, "token", "token");
        std::set<std::string_view> numbers;  // with other accounts it may share them
        for (const std::string& number : a.numbers)
            if (!numbers.insert(number).second)
                fault("numbers", fmt::format("has the number '{}' twice", number));
        for (const std::string& word : a.keywords)
            unique(keywords_, lower(word), "keywords", "keyword");
    }

    void check_tokens(const account& a) {
        std::set<std::string> names;
        for (std::size_t i = 0; i < a.tokens.size(); ++i) {
            const account_token& token = a.tokens[i];
            const std::string at = fmt::format("token[{}]", i);
            if (!token.name.empty() && !names.insert(token.name).second)
                fault(at + ".name", fmt::format("has two tokens named '{}'", token.name));
            if (!token.hash.empty() && !is_token_hash(token.hash))
                fault(at + ".hash",
                      "needs a token's hash as \"sha256:\" and 64 digits, 0-9 and a-f; "
                      "`hikyaku hash-token` prints it");
            if (token.roles.empty()) fault(at + ".roles", "has a token without roles");
        }
    }

    /// True if the key has a value, or was meant to have one and a fault was reported for it.
    [[nodiscard]] bool given(std::string_view key, bool has_value) const {
        return has_value || !was_read(key);
    }

    void check_access(const account& a) {
        const bool smpp = given("system_id", !a.system_id.empty());
        const bool hash = given("password_hash", !a.password_hash.empty());
        const bool password = given("password", !a.password.empty());
        if (!smpp && !given("api_tokens", !a.api_tokens.empty()) && a.tokens.empty() &&
            !given("sendsms", a.sendsms.has_value()) && !given("jasmin", a.jasmin.has_value()) &&
            !given("twilio", a.twilio.has_value()))
            fault("name",
                  "has no way in: give it a system_id with a password, api_tokens, a token, "
                  "sendsms, jasmin or twilio");
        if (hash && password) fault("password", "has a 'password' and a 'password_hash'");
        if (smpp && !hash && !password)
            fault("system_id", "has a system_id but neither 'password_hash' nor 'password'");
        if (!smpp && (hash || password))
            fault(hash ? "password_hash" : "password", "has a password but no system_id");
        if (!a.password_hash.empty() && !a.password_hash.starts_with("$argon2id$"))
            fault("password_hash", "needs an argon2id hash, which begins with \"$argon2id$\"");
        if (std::ranges::any_of(a.api_tokens, &std::string::empty) && was_read("api_tokens"))
            fault("api_tokens", "has an empty token");
        if (a.system_id.size() > system_id_chars_max)
            warn("system_id",
                 "has a system_id of more than 15 characters, which many SMPP "
                 "clients cannot send");
        if (a.password.size() > password_chars_max)
            warn("password",
                 "has a password of more than 8 characters, which some SMPP clients "
                 "cannot send");
    }

    /// False when a fault was found in the value itself: one fault about it is enough.
    [[nodiscard]] bool was_read(std::string_view key) const {
        return !r_.has_fault_at(fmt::format("{}.{}", path_, key)) &&
               !r_.has_fault_at(fmt::format("{}.{}{}", path_, key, file_suffix));
    }

    /// A prefix of numbers: digits without a plus, few of them.
    void check_prefix(std::string_view key, const std::string& digits, std::string_view example) {
        constexpr std::size_t digits_max = 5;
        const bool sound = digits.size() <= digits_max &&
                           std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
        if (!sound)
            fault(key, fmt::format("has {} \"{}\": write at most {} digits, such as \"{}\"", key,
                                   digits, digits_max, example));
    }

    void check_home(const account& a) {
        const std::string& home = a.home_country;
        constexpr std::size_t country_digits_max = 3;  // ITU-T E.164
        const bool country = std::ranges::all_of(home, [](char c) { return c >= '0' && c <= '9'; });
        if (!home.empty() && (!country || home.size() > country_digits_max || home.front() == '0'))
            fault("home_country",
                  fmt::format("has home_country \"{}\": write a country code of 1 to 3 digits "
                              "without \"+\" or \"00\", such as \"81\"",
                              home));
        check_prefix("trunk_prefix", a.trunk_prefix, "0");
        check_prefix("international_prefix", a.international_prefix, "00");
        if (!a.trunk_prefix.empty() && !given("home_country", !home.empty()))
            fault("trunk_prefix",
                  "has a trunk_prefix but no home_country that its national numbers belong to");
        const std::string& abroad = a.international_prefix;
        if (abroad.empty()) return;
        if (a.trunk_prefix.starts_with(abroad))
            fault("trunk_prefix",
                  "has a trunk_prefix that begins with its international_prefix: national numbers "
                  "would be taken for international ones");
        if (home.starts_with(abroad))
            fault("international_prefix",
                  "has an international_prefix that its home_country begins with: the country "
                  "code would be taken away");
    }

    void check_rate(const account& a) {
        if (!a.rate.per_second) return;
        constexpr std::uint64_t burst_min = 10;  // as settings.hpp says of burst = 0
        const bool written = a.rate.burst != 0;
        const auto period = static_cast<std::uint64_t>(a.rate.per_second->period.count());
        const std::uint64_t in_a_second = a.rate.per_second->count * std::uint64_t{1000} / period;
        const std::uint64_t burst = written ? a.rate.burst : std::max(in_a_second, burst_min);
        if (burst < a.parts_max)
            fault(written ? "rate.burst" : "rate.per_second",
                  fmt::format("could never send a message of {} segments (parts_max) with a burst "
                              "of {}: write a rate with burst = {} or more",
                              a.parts_max, burst, a.parts_max));
    }

    void check_certificates(const account& a) {
        if (a.certificate_names.empty()) return;
        if (std::ranges::any_of(a.certificate_names, &std::string::empty) &&
            was_read("certificate_names"))
            fault("certificate_names", "has an empty certificate name");
        if (!given("system_id", !a.system_id.empty()))
            fault("certificate_names", "has certificate_names but no system_id");
        else if ((!s_.smpp.tls || s_.smpp.tls->client_ca.empty()) &&
                 !r_.has_fault_at("server.smpp.tls"))
            fault("certificate_names",
                  "has certificate_names, but tls of [server.smpp] has no 'client_ca': it could "
                  "never bind");
    }

    /// `named` is "a webhook" in the sentences, `instead` the advice for credentials in it.
    void check_target(std::string_view key, std::string_view named, std::string_view word,
                      const std::string& url, bool allow_private, std::string_view instead) {
        if (url.empty()) return;
        const url_parts parts = split_url(url);
        if (!parts.http || parts.host.empty())
            fault(key, fmt::format("has a {} that does not begin with \"https://\" or "
                                   "\"http://\" and a host",
                                   word));
        else if (parts.credentials)
            fault(key, fmt::format("has a {} with a user or password in it; {}", word, instead));
        else if (is_private_host(parts.host) && !allow_private)
            fault(key, fmt::format("has {} in this machine or a private network: write "
                                   "allow_private = true if that is meant",
                                   named));
        else if (!parts.https && !is_private_host(parts.host))
            warn(key, fmt::format("has {} without TLS", named));
    }

    /// A door of another gateway's protocol: `url` is where replies go, `open` that of
    /// [server.http].
    struct door_facts {
        std::string_view name, url_key;
        const std::string& url;
        bool allow_private = false;
        bool open = false;
        std::string_view instead = "put a token into its path or query instead";
    };
    void check_door(const door_facts& door) {
        const auto word = fmt::format("'{}' of {}", door.url_key, door.name);
        const auto named = (door.url_key.starts_with('s') ? "an " : "a ") + word;
        check_target(fmt::format("{}.{}", door.name, door.url_key), named, word, door.url,
                     door.allow_private, door.instead);
        if (!door.open && !r_.has_fault_at(fmt::format("server.http.{}", door.name)))
            warn(door.name,
                 fmt::format("has '{0}', but it is switched off: write {0} = true in [server.http]",
                             door.name));
    }

    void check_doors(const account& a) {
        if (a.sendsms)
            check_door({"sendsms", "reply_url", a.sendsms->reply_url, a.sendsms->allow_private,
                        s_.http.sendsms});
        if (a.jasmin)
            check_door({"jasmin", "reply_url", a.jasmin->reply_url, a.jasmin->allow_private,
                        s_.http.jasmin});
        if (!a.twilio) return;
        check_twilio_sids(*a.twilio);
        check_door({"twilio", "sms_url", a.twilio->sms_url, a.twilio->allow_private, s_.http.twilio,
                    "requests are signed with 'auth_token' instead"});
    }

    void check_sid(std::string_view key, const std::string& sid, std::string_view letters) {
        if (!sid.empty() && !is_twilio_sid(sid, letters))
            fault(key, fmt::format("needs a sid of \"{}\" and 32 digits, 0-9 and a-f, as Twilio "
                                   "gives them; any will do",
                                   letters));
    }

    void check_twilio_sids(const account_twilio& twilio) {
        check_sid("twilio.sid", twilio.sid, "AC");
        for (std::size_t i = 0; i < twilio.keys.size(); ++i)
            check_sid(fmt::format("twilio.api_key[{}].sid", i), twilio.keys[i].sid, "SK");
        for (std::size_t i = 0; i < twilio.services.size(); ++i)
            check_sid(fmt::format("twilio.messaging_service[{}].sid", i), twilio.services[i].sid,
                      "MG");
    }

    void check_outbind(const account& a) {
        if (!a.outbind) return;
        if (!given("system_id", !a.system_id.empty()))
            fault("outbind", "has 'outbind' but no system_id to bind with");
        else if (a.receivers_max == 0 && a.transceivers_max == 0)
            fault("outbind", "has 'outbind' but may bind neither as receiver nor as transceiver");
    }

    void check_webhook(const account& a) {
        if (!a.webhook) return;
        const std::string& secret = a.webhook->secret;
        check_target("webhook.url", "a webhook", "webhook url", a.webhook->url,
                     a.webhook->allow_private, "requests are signed with 'secret' instead");
        check_key("webhook.secret", secret);
        check_key("webhook.secret_previous", a.webhook->secret_previous);
        if (a.webhook->events.empty())
            fault("webhook.events", "has a webhook that asks for no event");
    }

    void check_key(std::string_view key, const std::string& secret) {
        constexpr std::string_view prefix = "whsec_";
        if (!secret.starts_with(prefix)) return;
        std::vector<unsigned char> bytes(secret.size());
        std::size_t size = 0;
        const char* text = secret.c_str() + prefix.size();
        if (sodium_base642bin(bytes.data(), bytes.size(), text, secret.size() - prefix.size(),
                              nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0 ||
            size == 0)
            fault(key, "has a webhook secret whose part behind \"whsec_\" is not base64");
    }

    void check_delivery(const account& a) {
        const auto check = [&](deliver_by way, std::string_view key) {
            const std::string path = fmt::format("receipts.{}", key);
            if (way == deliver_by::webhook && !given("webhook", a.webhook.has_value()))
                fault(path, fmt::format("wants {} by webhook but has none", key));
            if (way == deliver_by::smpp && !given("system_id", !a.system_id.empty()))
                fault(path, fmt::format("wants {} over SMPP but has no system_id", key));
        };
        check(a.delivery.receipts, "receipts");
        check(a.delivery.replies, "replies");
    }

    void check_links(const account& a) {
        if (!a.links.base_url.empty()) {
            if (const auto wrong = base_url_fault(a.links.base_url); !wrong.empty())
                fault("links.base_url", fmt::format("has a 'base_url' of links that {}", wrong));
        } else if (a.links.track && a.links.domains.empty() && s_.links.base_url.empty() &&
                   !r_.seen("server.links.base_url")) {
            fault("links.track", "tracks links but neither it nor [server.links] has a 'base_url'");
        }
        if (a.links.track && !s_.links.listen && !r_.seen("server.links.listen"))
            warn("links.track",
                 "tracks links but [server.links] has no 'listen': this gateway "
                 "will not answer them");
    }

    void check_smpp_fields(const account& a) {
        const account_smpp_fields& fields = a.smpp_fields;
        const std::pair<std::string_view, std::uint16_t> named[] = {
            {"purpose_tlv", fields.purpose_tlv}, {"contact_tlv", fields.contact_tlv},
            {"zones_tlv", fields.zones_tlv},     {"tags_tlv", fields.tags_tlv},
            {"debtor_tlv", fields.debtor_tlv},   {"debt_tlv", fields.debt_tlv}};
        std::map<std::uint16_t, std::string_view> owners;
        for (const auto& [key, tag] : named) {
            if (tag == 0) continue;
            const auto [first, added] = owners.emplace(tag, key);
            if (!added)
                fault(fmt::format("smpp_fields.{}", key),
                      fmt::format("has the tag 0x{:04X} for '{}' and for '{}'", tag, first->second,
                                  key));
            if (tag == tag_at_most_once)
                fault(fmt::format("smpp_fields.{}", key),
                      fmt::format("has the tag 0x{:04X} for '{}', which the gateway uses itself: "
                                  "\"at most once\"",
                                  tag, key));
        }
        if (r_.seen(fmt::format("{}.smpp_fields", path_)) &&
            !given("system_id", !a.system_id.empty()))
            fault("smpp_fields", "has 'smpp_fields' but no system_id");
        const bool says_purpose = fields.purpose_tlv != 0 || !fields.service_types.empty();
        if (says_purpose && !r_.seen(fmt::format("{}.purpose_default", path_)))
            warn(
                "smpp_fields",
                "says purposes over SMPP and has no 'purpose_default': a message that says none is "
                "transactional, and nothing is asked about it");
    }

    void warn_short_tokens(const account& a) {
        if (std::ranges::any_of(a.api_tokens, [](const std::string& token) {
                return !token.empty() && token.size() < token_chars_min;
            }))
            warn("api_tokens", "has a token of less than 20 characters, which can be guessed");
    }

    const settings& s_;
    reader& r_;
    std::string path_;
    std::string title_;
    std::set<std::string> names_;
    std::map<std::string, std::string> system_ids_, usernames_, jasmin_usernames_, twilio_sids_,
        tokens_, keywords_;
};

}  // namespace

void check_accounts(const settings& s, reader& r) {
    account_checker{s, r}.run();
}

}  // namespace hikyaku::config
