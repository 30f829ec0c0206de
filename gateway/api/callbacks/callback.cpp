#include "gateway/api/callbacks/callback.hpp"

#include "gateway/api/callbacks/jasmin.hpp"
#include "gateway/api/callbacks/kannel.hpp"
#include "gateway/api/callbacks/twilio.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {

std::string phone_of(const address_view& address) {
    constexpr std::uint8_t ton_international = 1;
    const bool plus = address.ton == ton_international && !address.digits.starts_with('+');
    std::string phone(plus ? "+" : "");
    smpp::text::append_mended_utf8(phone, address.digits);
    return phone;
}

rendered_callback render_callback(const callback_request& what, const config::account& account) {
    switch (what.form) {
        case CallbackForm::kannel:
            return render_kannel_callback(what, account);
        case CallbackForm::jasmin:
            return render_jasmin_callback(what);
        case CallbackForm::twilio:
            return render_twilio_callback(what, account);
    }
    return {};
}

bool is_acknowledged(CallbackForm form, std::uint32_t status, std::string_view body) {
    switch (form) {
        case CallbackForm::jasmin:
            return is_jasmin_acknowledgement(status, body);
        case CallbackForm::kannel:
        case CallbackForm::twilio:
            break;
    }
    return status >= 200 && status < 300;
}

}  // namespace hikyaku::gateway::api
