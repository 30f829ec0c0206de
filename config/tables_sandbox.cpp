// The lines of [sandbox].
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view clock_words[] = {"system", "virtual"};

}  // namespace

const section& sandbox_section() {
    using object = sandbox;
    static const section made{
        "[sandbox]",
        "A gateway to try things with, in front of simulated carriers on the same machine "
        "([sandbox](sandbox.md)).",
        defaults_of<object>(),
        {
            field<object, &object::clock>(make::choice(
                "clock", R"("system")", clock_words,
                "`\"virtual\"`: the clock runs on from where it was moved to by "
                "`hikyaku clock advance`, so that weeks take seconds. Every carrier must then be "
                "on this machine: an address in 127.0.0.0/8, `::1` or `localhost`")),
        }};
    static const section marked = with_effect(made, takes_effect::restart, {"clock"});
    return marked;
}

}  // namespace hikyaku::config
