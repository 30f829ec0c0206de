// The lines of [account.twilio]: how an application that was made for Twilio is known, its pools of
// senders, and where its replies go.
#include "config/tables_doors.hpp"

namespace hikyaku::config {
namespace {

const section& twilio_key_section() {
    using object = twilio_key;
    static const section made{
        "api_key of twilio of [[account]]",
        "A key as applications of Twilio use it instead of the account's sid and token.",
        defaults_of<object>(),
        {
            field<object, &object::sid>(
                make::required_text("sid", "`SK` and 32 hexadecimal digits, unique")),
            field<object, &object::secret>(make::required_secret("secret", "Password of the key")),
        }};
    return made;
}

const section& twilio_service_section() {
    using object = twilio_service;
    static const section made{
        "messaging_service of twilio of [[account]]",
        "A pool of senders that a request names by its sid instead of a sender. The sid is the "
        "message's tag, so that a route may ask for it.",
        defaults_of<object>(),
        {
            field<object, &object::sid>(
                make::required_text("sid", "`MG` and 32 hexadecimal digits, unique")),
            field<object, &object::senders>(
                {.key = "senders",
                 .list = true,
                 .default_text = "[]",
                 .sentence = "Senders of the pool, `*` at the end for any suffix; one without `*` "
                             "is chosen by the receiver's number; empty for the account's "
                             "`senders`"}),
        }};
    return made;
}

const section& twilio_section() {
    using object = account_twilio;
    static const section made = joined(
        "twilio of [[account]]",
        "Twilio's messages API for the account, with `/2010-04-01/Accounts/{sid}/Messages`; it has "
        "to be switched on in [server.http].",
        defaults_of<object>(),
        {{field<object, &object::sid>(
              make::required_text("sid", "`AC` and 32 hexadecimal digits, unique")),
          field<object, &object::auth_token>(make::required_secret(
              "auth_token", "Password of `sid`; requests to the application are signed with it")),
          field<object, &object::keys>(
              make::table("api_key", twilio_key_section, "Other ways in", true)),
          field<object, &object::services>(
              make::table("messaging_service", twilio_service_section, "Pools of senders", true)),
          field<object, &object::sms_url>(
              make::text("sms_url", R"("")",
                         "URL that is requested for each reply; it may answer with TwiML; empty "
                         "for none")),
          field<object, &object::sms_method>(make::choice(
              "sms_method", R"("POST")", http_method_words, "How `sms_url` is requested"))},
         callback_settings<object>(
             "Allow `StatusCallback` and `sms_url` in this machine or in a private network")});
    return made;
}

}  // namespace

std::vector<setting> account_twilio_settings() {
    return {field<account, &account::twilio>(
        make::table("twilio", twilio_section, "Submission the way of Twilio"))};
}

}  // namespace hikyaku::config
