// The lines of [account.jasmin].
#include "config/table.hpp"
#include "config/table_units.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view method_words[] = {"GET", "POST"};

}  // namespace

const section& jasmin_section() {
    using object = account_jasmin;
    static const section made{
        "jasmin of [[account]]",
        "Submission as applications made for Jasmin do it, with `/send`; it has to be switched on "
        "in [server.http].",
        defaults_of<object>(),
        {
            field<object, &object::username>(
                make::required_text("username", "Name in the request, unique")),
            field<object, &object::password>({.key = "password",
                                              .required = true,
                                              .secret = true,
                                              .default_text = R"("")",
                                              .sentence = "Password in the request"}),
            field<object, &object::reply_url>(
                make::text("reply_url", R"("")",
                           "URL that is requested for each reply, the `baseurl` of Jasmin's HTTP "
                           "connector; empty for none")),
            field<object, &object::reply_method>(
                make::choice("reply_method", R"("GET")", method_words,
                             "How `reply_url` is requested, the `method` of Jasmin's HTTP "
                             "connector")),
            field<object, &object::allow_private>(
                make::flag("allow_private", "false",
                           "Allow `dlr-url` and `reply_url` in this machine or in a private "
                           "network")),
            field<object, &object::timeout>(
                make::duration("timeout", R"("15s")", second, 300 * second,
                               "A request without an answer after this time has failed")),
            field<object, &object::give_up_after>(
                make::duration("give_up_after", R"("1d")", hour, 30 * day,
                               "A request that fails for this time becomes a dead letter")),
        }};
    return made;
}

}  // namespace hikyaku::config
