// The lines of [[account]] about tracked links and about the page by which people check a message.
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

const section& account_links_section() {
    using object = account_links;
    static const section made{
        "links of [[account]]",
        "Tracked links in the texts of the account.",
        defaults_of<object>(),
        {
            field<object, &object::track>(
                make::flag("track", "false",
                           "Replace the URLs of every message; a message may say otherwise")),
            field<object, &object::base_url>(
                make::text("base_url", R"("")",
                           "The account's own start of links; empty takes the first of `domains`, "
                           "or else the one of [server.links]")),
            field<object, &object::domains>(
                make::texts("domains",
                            "Hosts that answer the account's links, and no other's; the first is "
                            "the one of new links, unless there is a `base_url`, whose host "
                            "belongs to them")),
            field<object, &object::targets>(
                make::texts("targets",
                            "Where URLs in the account's messages may lead: hosts, "
                            "`*.example.jp` for all below one, perhaps with the beginning of a "
                            "path, `shop.example/pay`; a message with another URL is refused. "
                            "Empty: anywhere")),
        }};
    return made;
}

const section& account_announce_section() {
    using object = account_announce;
    static const section made{
        "announce of [[account]]",
        "The page `/about` on the account's link domains, by which people check whether a message "
        "is really from the business. Senders and domains are added by what is really used.",
        defaults_of<object>(),
        {
            field<object, &object::name>(
                make::required_text("name", "The business, as people know it")),
            field<object, &object::samples>(
                make::texts("samples", "Texts that it sends, without the data of anybody")),
            field<object, &object::how_to_check>(
                make::text("how_to_check", R"("")",
                           "What to do about a message that may not be from it, such as whom to "
                           "call")),
            field<object, &object::contact>(
                make::text("contact", R"("")",
                           "A phone number or an address that people can find elsewhere too")),
        }};
    return made;
}

}  // namespace

std::vector<setting> account_link_settings() {
    using object = account;
    return {field<object, &object::links>({.key = "links",
                                           .form = kind::table,
                                           .sentence = "Tracked links",
                                           .nested = account_links_section}),
            field<object, &object::announce>(
                make::table("announce", account_announce_section,
                            "What people are told by which they check a message"))};
}

}  // namespace hikyaku::config
