#include "gateway/api/callbacks/callback.hpp"

#include "gateway/api/callbacks/kannel.hpp"

namespace hikyaku::gateway::api {

rendered_callback render_callback(const callback_request& what, const config::account& account) {
    switch (what.form) {
        case CallbackForm::kannel:
            return render_kannel_callback(what, account);
        case CallbackForm::jasmin:
        case CallbackForm::twilio:
            break;  // no door writes these yet
    }
    return {};
}

bool is_acknowledged(CallbackForm form, std::uint32_t status, std::string_view /*body*/) {
    switch (form) {
        case CallbackForm::kannel:
        case CallbackForm::jasmin:
        case CallbackForm::twilio:
            break;
    }
    return status >= 200 && status < 300;
}

}  // namespace hikyaku::gateway::api
