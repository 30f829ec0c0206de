#include "config/document.hpp"

#include <toml++/toml.h>

#include <algorithm>

namespace hikyaku::config {
namespace {

position position_of(const toml::source_region& region) {
    return {region.begin.line, region.begin.column};
}

node convert(const toml::node& from);

void convert_table(const toml::table& from, node& to) {
    to.members.reserve(from.size());
    for (const auto& [key, value] : from)
        to.members.push_back({std::string{key.str()}, position_of(key.source()), convert(value)});
    // The library sorts by key; people read faults from top to bottom.
    std::ranges::stable_sort(to.members, {}, &member::at);
}

node convert(const toml::node& from) {
    node to;
    to.at = position_of(from.source());
    if (const auto* text = from.as_string()) {
        to.type = node::kind::text;
        to.text = text->get();
    } else if (const auto* integer = from.as_integer()) {
        to.type = node::kind::integer;
        to.integer = integer->get();
    } else if (const auto* flag = from.as_boolean()) {
        to.type = node::kind::flag;
        to.flag = flag->get();
    } else if (const auto* list = from.as_array()) {
        to.type = node::kind::list;
        to.items.reserve(list->size());
        for (const toml::node& item : *list)
            to.items.push_back(convert(item));
    } else if (const auto* table = from.as_table()) {
        to.type = node::kind::table;
        convert_table(*table, to);
    }
    return to;
}

}  // namespace

boost::system::result<node, syntax_fault> parse_document(std::string_view text) {
    try {
        return convert(toml::parse(text));
    } catch (const toml::parse_error& error) {
        return syntax_fault{position_of(error.source()), std::string{error.description()}};
    }
}

}  // namespace hikyaku::config
