// The lines of a list of user agents, which is a file of its own, and of [[server.links.network]].
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view says_words[] = {"preview", "scanner", "crawler",      "automation",
                                           "app",     "in_app",  "feature_phone"};
constexpr std::string_view network_class_words[] = {"preview", "scanner", "automation"};

const section& agent_entry_section() {
    using object = agent_entry;
    static const section made{
        "agent of a list",
        "User agents, and what they say.",
        defaults_of<object>(),
        {
            field<object, &object::says>({.key = "says",
                                          .form = kind::choice,
                                          .required = true,
                                          .choices = says_words,
                                          .sentence = "What a user agent says that matches"}),
            field<object, &object::match>(make::texts("match", "Regular expressions")),
        }};
    return made;
}

const section& agent_exception_section() {
    using object = agent_exception;
    static const section made{
        "exception of a list",
        "User agents that a pattern takes for something that they are not.",
        defaults_of<object>(),
        {
            field<object, &object::match>(make::required_text("match", "A regular expression")),
            field<object, &object::cancels>(
                make::texts("cancels", "Patterns that count as not found then")),
        }};
    return made;
}

}  // namespace

const section& agent_list_section() {
    using object = agent_rules;
    static const section made{
        "the list",
        "A list of user agents.",
        defaults_of<object>(),
        {
            field<object, &object::source>(make::text("source", R"("")", "Where it is from")),
            field<object, &object::licence>(make::text("licence", R"("")", "Its licence")),
            field<object, &object::exact_case>(
                make::flag("exact_case", "false", "Small and capital letters are not alike")),
            field<object, &object::agents>(
                make::table("agent", agent_entry_section, "User agents", true)),
            field<object, &object::exceptions>(
                make::table("exception", agent_exception_section, "Exceptions", true)),
        }};
    return made;
}

const section& link_network_section() {
    using object = link_network;
    static const section made{
        "network of [server.links]",
        "Networks whose requests are known not to be a person's, such as those of a mail gateway "
        "that opens links.",
        defaults_of<object>(),
        {
            field<object, &object::ranges>({.key = "ranges",
                                            .form = kind::network,
                                            .list = true,
                                            .default_text = "[]",
                                            .sentence = "Networks in CIDR form, at least one"}),
            field<object, &object::says>({.key = "class",
                                          .form = kind::choice,
                                          .default_text = R"("scanner")",
                                          .choices = network_class_words,
                                          .sentence = "What a request from there is"}),
            field<object, &object::note>(
                make::text("note", R"("")", "Whose they are, for the reader of this file")),
        }};
    return made;
}

}  // namespace hikyaku::config
