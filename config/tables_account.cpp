// The lines of [[account]] and of the tables inside it.
#include "config/table.hpp"
#include "config/table_units.hpp"
#include "config/tables_doors.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view excess_words[] = {"pace", "reject"};
constexpr std::string_view deliver_words[] = {"auto", "smpp", "webhook", "none"};
constexpr std::string_view receipt_pdu_words[] = {"deliver_sm", "data_sm"};
constexpr std::string_view date_words[] = {"YYMMDDhhmm", "YYMMDDhhmmss", "YYYYMMDDhhmmss"};
constexpr std::string_view receipt_parts_words[] = {"one", "each"};
constexpr std::string_view reply_form_words[] = {"auto", "whole", "parts"};
constexpr std::string_view smsc_id_words[] = {"dec", "hex"};
constexpr std::string_view transliteration_words[] = {"off", "punctuation", "full"};
constexpr std::string_view event_words[] = {"receipt", "reply", "hit", "reply_read", "link_seen"};

const section& rate_section() {
    using object = account_rate;
    static const section made{
        "rate of [[account]]",
        "How fast the account may submit over all its sessions and requests, counted in segments.",
        defaults_of<object>(),
        {
            field<object, &object::per_second>(
                make::rate("per_second", "segments", R"("unlimited")",
                           "The long-term rate; other periods than a second are allowed too")),
            field<object, &object::burst>(
                make::count("burst", "segments", "0", 0, 1000000,
                            "What may come at once, at least `parts_max`; 0 takes what one "
                            "second allows, at least 10")),
            field<object, &object::excess>(
                make::choice("on_excess", R"("reject")", excess_words,
                             "`reject` answers ESME_RTHROTTLED or 429, `pace` answers later")),
        }};
    return made;
}

const section& receipts_section() {
    using object = account_receipts;
    static const section made{
        "receipts of [[account]]",
        "How receipts and replies come back to the account.",
        defaults_of<object>(),
        {
            field<object, &object::receipts>(
                make::choice("receipts", R"("auto")", deliver_words,
                             "Way for receipts; `auto` takes the way the message came in")),
            field<object, &object::replies>(
                make::choice("replies", R"("auto")", deliver_words,
                             "Way for replies; `auto` takes the webhook if there is one, else "
                             "SMPP")),
            field<object, &object::tlvs>(
                make::flag("tlvs", "true",
                           "Add receipted_message_id and message_state for clients of SMPP 3.4 "
                           "and later")),
            field<object, &object::pdu>(make::choice("pdu", R"("deliver_sm")", receipt_pdu_words,
                                                     "PDU that carries receipts over SMPP")),
            field<object, &object::dates>(
                make::choice("dates", R"("YYMMDDhhmm")", date_words,
                             "How submit date and done date are written in the text of receipts")),
            field<object, &object::parts>(
                make::choice("parts", R"("one")", receipt_parts_words,
                             "One receipt for a message, or one for each of its segments")),
            field<object, &object::reply_form>(make::choice(
                "reply_form", R"("auto")", reply_form_words,
                "Long replies put together, or each part as it comes; `auto` puts them together "
                "over HTTP and delivers parts over SMPP")),
        }};
    return made;
}

const section& webhook_section() {
    using object = account_webhook;
    static const section made{
        "webhook of [[account]]",
        "Where events are posted, signed as Standard Webhooks describes.",
        defaults_of<object>(),
        {
            field<object, &object::url>(make::required_text("url", "Target, http or https")),
            field<object, &object::secret>(make::required_secret(
                "secret", "Key of the signature: `whsec_` and base64, or the plain bytes")),
            field<object, &object::secret_previous>(
                make::secret("secret_previous",
                             "The old key, which still signs too while the receiver changes over")),
            field<object, &object::events>(
                {.key = "events",
                 .form = kind::choice,
                 .list = true,
                 .default_text = R"(["receipt", "reply", "hit", "reply_read", "link_seen"])",
                 .choices = event_words,
                 .sentence = "What is posted"}),
            field<object, &object::allow_private>(
                make::flag("allow_private", "false",
                           "Allow a target in this machine or in a private network")),
            field<object, &object::batch_max>(
                make::count("batch_max", "events", "100", 1, 1000, "Events in one request")),
            field<object, &object::timeout>(
                make::duration("timeout", R"("15s")", second, 300 * second,
                               "A request without an answer after this time has failed")),
            field<object, &object::give_up_after>(
                make::duration("give_up_after", R"("1d")", hour, 30 * day,
                               "An event that fails for this time becomes a dead letter")),
        }};
    return made;
}

const section& sendsms_section() {
    using object = account_sendsms;
    static const section made = joined(
        "sendsms of [[account]]",
        "Submission as applications made for Kannel do it, with `/cgi-bin/sendsms`; it has to be "
        "switched on in [server.http].",
        defaults_of<object>(),
        {login_settings<object>(),
         {field<object, &object::reply_url>(
             make::text("reply_url", R"("")",
                        "URL that is requested for each reply, with Kannel's escapes such as `%p` "
                        "and `%a`; empty for none"))},
         callback_settings<object>(
             "Allow `dlr-url` and `reply_url` in this machine or in a private network")});
    return made;
}

const section& outbind_section() {
    using object = account_outbind;
    static const section made{
        "outbind of [[account]]",
        "Asks the application to bind when receipts or replies wait for it and no receiver is "
        "bound.",
        defaults_of<object>(),
        {
            field<object, &object::host>({.key = "host",
                                          .form = kind::address,
                                          .required = true,
                                          .default_text = R"(":0")",
                                          .sentence = "Where the application listens"}),
            field<object, &object::tls>(make::flag("tls", "false", "Connect over TLS")),
            field<object, &object::password>(
                make::secret("password",
                             "Password shown in outbind, beside the `system_id` of "
                             "[server.smpp]")),
            field<object, &object::interval>(
                make::duration("interval", R"("1m")", second, day, "Pause between two tries")),
        }};
    return made;
}

std::vector<setting> access_settings() {
    using object = account;
    const auto binds = [](std::string_view key, std::string_view sentence) {
        return setting{.key = key,
                       .form = kind::count,
                       .unit = "sessions",
                       .default_text = "4",
                       .max = 1000,
                       .sentence = sentence};
    };
    return {
        field<object, &object::name>(
            make::required_text("name", "Unique; used in routes, logs and metrics")),
        field<object, &object::system_id>(make::text(
            "system_id", R"("")", "Name to bind with over SMPP, unique; empty for no SMPP access")),
        field<object, &object::password_hash>(
            make::secret("password_hash",
                         "SMPP password as an argon2id hash, `$argon2id$...`; better than "
                         "`password`")),
        field<object, &object::password>(
            make::secret("password", "SMPP password when there is no hash")),
        field<object, &object::api_tokens>(
            {.key = "api_tokens",
             .list = true,
             .secret = true,
             .default_text = "[]",
             .sentence = "Bearer tokens for the HTTP API; in a file one a line"}),
        field<object, &object::networks>(
            {.key = "networks",
             .form = kind::network,
             .list = true,
             .default_text = "[]",
             .sentence = "Networks the account may connect from; empty for any"}),
        field<object, &object::transmitters_max>(
            binds("transmitters_max", "Sessions bound as transmitter")),
        field<object, &object::receivers_max>(binds("receivers_max", "Sessions bound as receiver")),
        field<object, &object::transceivers_max>(
            binds("transceivers_max", "Sessions bound as transceiver")),
        field<object, &object::sessions_max>(make::count("sessions_max", "sessions", "8", 1, 1000,
                                                         "Sessions of all types together")),
        field<object, &object::certificate_names>(
            make::texts("certificate_names",
                        "Only sessions with a client certificate that has one of these names may "
                        "bind; empty for any session")),
    };
}

std::vector<setting> number_settings() {
    using object = account;
    return {
        field<object, &object::home_country>(
            make::text("home_country", R"("")",
                       "Country code of the national numbers that the application submits, "
                       "`\"81\"`. With it, or with `international_prefix`, a destination becomes "
                       "international where that is certain, and is refused where it is not; "
                       "empty with the other two: numbers stay as they are")),
        field<object, &object::trunk_prefix>(
            make::text("trunk_prefix", R"("")",
                       "Digits in front of its national numbers, `\"0\"`; empty where the "
                       "country has none")),
        field<object, &object::international_prefix>(
            make::text("international_prefix", R"("")",
                       "Digits that it writes in front of a country code, `\"00\"`")),
    };
}

std::vector<setting> traffic_settings() {
    using object = account;
    return {
        field<object, &object::rate>({.key = "rate",
                                      .form = kind::table,
                                      .sentence = "Limit of submissions",
                                      .nested = rate_section}),
        field<object, &object::window>(
            make::count("window", "requests", "100", 1, 10000,
                        "Submissions of one session that may wait for their answer")),
        field<object, &object::receipt_window>(
            make::count("receipt_window", "requests", "10", 1, 1000,
                        "Receipts and replies sent on one session before it answers")),
        field<object, &object::weight>(
            make::count("weight", "shares", "1", 1, 1000,
                        "Share of a carrier that several accounts want at the same time")),
        field<object, &object::priority_max>(make::count("priority_max", "level", "3", 0, 3,
                                                         "Highest priority the account may ask "
                                                         "for; more is lowered to it")),
        field<object, &object::senders>(
            make::texts("senders",
                        "Sender addresses it may use, `*` at the end for any rest; empty for "
                        "all. Digits, with or without `+`, mean numbers only, never names that "
                        "begin with them")),
        field<object, &object::numbers>(
            make::texts("numbers",
                        "Replies to these numbers are its own. Several accounts may share one: "
                        "then that account gets a reply which wrote to the phone last within "
                        "30 days, or else the first in the file")),
        field<object, &object::keywords>(
            make::texts("keywords",
                        "Replies that begin with one of these words are its own, to whichever "
                        "number they come")),
        field<object, &object::parts_max>(
            make::count("parts_max", "segments", "10", 1, 255,
                        "A message that needs more segments is refused, never cut")),
        field<object, &object::queued_max>(
            make::count("queued_max", "messages", "10000000", 1, 1000000000000,
                        "Messages of the account that are not final yet; more are refused")),
        field<object, &object::validity_default>(
            make::duration("validity_default", R"("3d")", hour, 30 * day,
                           "A message that names no validity period expires after this time")),
        field<object, &object::id_form>(
            make::choice("id_form", R"("dec")", smsc_id_words,
                         "How message ids are written over SMPP, in responses and receipts")),
        field<object, &object::at_most_once>(
            make::flag("at_most_once", "false",
                       "Never send a segment again whose outcome is unknown, whatever the "
                       "carrier's `on_unknown` says")),
        field<object, &object::strict_pdus>(make::flag(
            "strict_pdus", "false",
            "Refuse a PDU with octets behind its last field that are no TLVs; else up to "
            "64 of them are ignored, unless they may hold the text")),
        field<object, &object::transliteration>(
            make::choice("transliteration", R"("off")", transliteration_words,
                         "Replace characters when that saves the text from UCS-2: none, "
                         "typographic punctuation, or all that have a likeness; what was replaced "
                         "is reported")),
        field<object, &object::delivery>({.key = "receipts",
                                          .form = kind::table,
                                          .sentence = "Ways back for receipts and replies",
                                          .nested = receipts_section}),
        field<object, &object::webhook>({.key = "webhook",
                                         .form = kind::table,
                                         .sentence = "Events over HTTP",
                                         .nested = webhook_section}),
        field<object, &object::sendsms>(
            make::table("sendsms", sendsms_section, "Submission the way of Kannel")),
        field<object, &object::jasmin>(
            make::table("jasmin", jasmin_section, "Submission the way of Jasmin")),
        field<object, &object::outbind>(
            make::table("outbind", outbind_section, "Asking the application to bind")),
    };
}

}  // namespace

const section& account_section() {
    static const section made = [] {
        section s{"[[account]]",
                  "An application that submits messages. It needs a `system_id` with a password, "
                  "an API token, `sendsms`, `jasmin` or `twilio`; several of them are fine too.",
                  defaults_of<account>(), access_settings()};
        for (setting& each : account_token_settings())
            s.settings.push_back(each);
        for (setting& each : number_settings())
            s.settings.push_back(each);
        for (setting& each : traffic_settings())
            s.settings.push_back(each);
        for (setting& each : account_link_settings())
            s.settings.push_back(each);
        for (setting& each : account_twilio_settings())
            s.settings.push_back(each);
        for (setting& each : account_purpose_settings())
            s.settings.push_back(each);
        for (setting& each : account_policy_settings())
            s.settings.push_back(each);
        for (setting& each : account_reply_settings())
            s.settings.push_back(each);
        return s;
    }();
    return made;
}

}  // namespace hikyaku::config
