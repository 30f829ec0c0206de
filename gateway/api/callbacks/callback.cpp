#include "gateway/api/callbacks/callback.hpp"

#include "gateway/api/callbacks/jasmin.hpp"
#include "gateway/api/callbacks/kannel.hpp"

namespace hikyaku::gateway::api {

rendered_callback render_callback(const callback_request& what, const config::account& account) {
    switch (what.form) {
        case CallbackForm::kannel:
            return render_kannel_callback(what, account);
        case CallbackForm::jasmin:
            return render_jasmin_callback(what);
        case CallbackForm::twilio:
            break;  // no door writes these yet
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
