// The lines of [dns].
#include "config/table.hpp"

namespace hikyaku::config {

const section& dns_section() {
    using object = dns;
    static const section made{
        "[dns]",
        "How names of carriers, of webhooks and of callbacks are looked up: in `/etc/hosts`, then "
        "by name servers. Search domains and `ndots` are those of `/etc/resolv.conf`, which is "
        "read anew for each look-up.",
        defaults_of<object>(),
        {
            field<object, &object::servers>(
                {.key = "servers",
                 .form = kind::address,
                 .list = true,
                 .default_text = "[]",
                 .sentence = "Name servers to ask, as IP addresses with a port; `[]` for those "
                             "of `/etc/resolv.conf`"}),
            field<object, &object::timeout>(make::duration(
                "timeout", R"("2s")", 50, 30000,
                "How long one server may take for its answer; doubled in each further round. The "
                "time that a webhook or a bind may take ends a look-up earlier")),
            field<object, &object::tries>(make::count("tries", "rounds", "2", 1, 10,
                                                      "How often all servers are asked, one "
                                                      "after the other")),
        }};
    static const section marked =
        with_effect(made, takes_effect::restart, {"servers", "timeout", "tries"});
    return marked;
}

}  // namespace hikyaku::config
