#include "gateway/engine/delivery/callback_settings.hpp"

namespace hikyaku::gateway {

std::optional<callback_settings> callback_settings_of(const config::account& account,
                                                      CallbackForm form) {
    switch (form) {
        case CallbackForm::kannel:
            if (!account.sendsms) return {};
            return callback_settings{account.sendsms->allow_private, account.sendsms->timeout,
                                     account.sendsms->give_up_after, account.sendsms->reply_url,
                                     CallbackMethod::get};
        case CallbackForm::jasmin:
            if (!account.jasmin) return {};
            return callback_settings{account.jasmin->allow_private, account.jasmin->timeout,
                                     account.jasmin->give_up_after, account.jasmin->reply_url,
                                     account.jasmin->reply_method == config::http_method::post
                                         ? CallbackMethod::post
                                         : CallbackMethod::get};
        case CallbackForm::twilio:
            if (!account.twilio) return {};
            return callback_settings{account.twilio->allow_private, account.twilio->timeout,
                                     account.twilio->give_up_after, account.twilio->sms_url,
                                     account.twilio->sms_method == config::http_method::get
                                         ? CallbackMethod::get
                                         : CallbackMethod::post};
    }
    return {};
}

bool has_callbacks(const config::account& account) {
    for (const auto form : model::record::EnumValuesCallbackForm())
        if (callback_settings_of(account, form)) return true;
    return false;
}

std::optional<CallbackForm> reply_callback_of(const config::account& account) {
    for (const auto form : model::record::EnumValuesCallbackForm()) {
        const auto settings = callback_settings_of(account, form);
        if (settings && !settings->reply_url.empty()) return form;
    }
    return {};
}

}  // namespace hikyaku::gateway
