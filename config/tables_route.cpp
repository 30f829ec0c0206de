// The lines of [[route]] and its targets.
#include "config/reader.hpp"
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

const section& target_section() {
    using object = route_target;
    static const section made{
        "targets of [[route]]",
        "The carriers of a route.",
        defaults_of<object>(),
        {
            field<object, &object::carrier>(
                make::required_text("carrier", "Name of a [[carrier]]")),
            field<object, &object::weight>(make::count("weight", "shares", "1", 1, 1000000,
                                                       "Share among targets of the same "
                                                       "priority")),
            field<object, &object::priority>(
                make::count("priority", "rank", "0", 0, 1000,
                            "The lowest is tried first, a higher one when those are down")),
        }};
    return made;
}

/// carrier = "a" is short for targets = [{ carrier = "a" }].
setting carrier_shorthand() {
    setting s{.key = "carrier", .sentence = "Short for `targets` with this one carrier"};
    s.read = [](reader& r, const value& v, void* object) {
        auto& targets = static_cast<route*>(object)->targets;
        if (auto name = r.text_of(v)) targets.insert(targets.begin(), {.carrier = *name});
    };
    s.print = [](const setting&, const void*) { return std::string{}; };
    return s;
}

}  // namespace

const section& route_section() {
    using object = route;
    static const section made{
        "[[route]]",
        "Picks carriers for a message. All conditions that are given must hold. Routes with the "
        "same `order` form a set in which the longest matching prefix wins; sets are tried from "
        "the lowest order on.",
        defaults_of<object>(),
        {
            field<object, &object::name>(
                make::required_text("name", "Unique; used in logs and by `route test`")),
            field<object, &object::order>(
                make::count("order", "rank", "0", 0, 1000000, "Number of the set it belongs to")),
            field<object, &object::accounts>(make::texts("accounts", "Names of accounts")),
            field<object, &object::prefixes>(make::texts(
                "prefixes", "First digits of the destination, international, without `+`")),
            field<object, &object::senders>(
                make::texts("senders",
                            "Sender addresses, `*` at the end for any rest; digits, with or "
                            "without `+`, mean numbers only")),
            field<object, &object::tags>(make::texts("tags", "Tags, one of which the message has")),
            carrier_shorthand(),
            field<object, &object::targets>({.key = "targets",
                                             .form = kind::table,
                                             .list = true,
                                             .sentence = "Carriers with weight and priority",
                                             .nested = target_section}),
        }};
    return made;
}

}  // namespace hikyaku::config
