// The lines of [account.jasmin].
#include "config/tables_doors.hpp"

namespace hikyaku::config {

const section& jasmin_section() {
    using object = account_jasmin;
    static const section made = joined(
        "jasmin of [[account]]",
        "Submission as applications made for Jasmin do it, with `/send`; it has to be switched on "
        "in [server.http].",
        defaults_of<object>(),
        {login_settings<object>(),
         {field<object, &object::reply_url>(
              make::text("reply_url", R"("")",
                         "URL that is requested for each reply, the `baseurl` of Jasmin's HTTP "
                         "connector; empty for none")),
          field<object, &object::reply_method>(
              make::choice("reply_method", R"("GET")", http_method_words,
                           "How `reply_url` is requested, the `method` of Jasmin's HTTP "
                           "connector"))},
         callback_settings<object>(
             "Allow `dlr-url` and `reply_url` in this machine or in a private network")});
    return made;
}

}  // namespace hikyaku::config
