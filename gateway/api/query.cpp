#include "gateway/api/query.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <charconv>
#include <utility>

#include "gateway/api/target.hpp"

namespace hikyaku::gateway::api {
namespace {

problem query_fault(problem_code code, std::string_view name, std::string_view why) {
    problem fault;
    fault.code = code;
    fault.detail = fmt::format("{} {}", name, why);
    return fault;
}

/// A number as JSON has it, or null for what is none.
boost::json::value number_in(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || at != end) return nullptr;
    return number;
}

std::optional<problem> read_one(const query_member& wanted, std::string&& text,
                                query_values& into) {
    const bool is_number = wanted.is->is == shape::kind::integer;
    const boost::json::value value =
        is_number ? number_in(text) : boost::json::value(std::string_view(text));
    if (auto why = misfit(*wanted.is, value))
        return query_fault(problem_code::field_invalid, wanted.name, *why);
    into.add({wanted.name, std::move(text), is_number ? value.get_int64() : 0});
    return {};
}

}  // namespace

const query_values::given* query_values::find(std::string_view name) const {
    const auto at = std::ranges::find(given_, name, &given::name);
    return at == given_.end() ? nullptr : &*at;
}

std::optional<std::string_view> query_values::text(std::string_view name) const {
    const given* const found = find(name);
    return found == nullptr ? std::nullopt : std::optional<std::string_view>(found->text);
}

std::optional<std::int64_t> query_values::number(std::string_view name) const {
    const given* const found = find(name);
    return found == nullptr ? std::nullopt : std::optional(found->number);
}

boost::system::result<query_values, problem> read_query(const route_line& line,
                                                        std::string_view query) {
    query_values values;
    if (line.any_query) return values;
    while (const auto each = take_parameter(query)) {
        if (each->name.empty() || each->name.starts_with('_')) continue;
        const auto name = decode_query(each->name);
        auto text = decode_query(each->value);
        if (!name || !text)
            return query_fault(problem_code::field_invalid, each->name, "has a broken escape");
        const auto wanted = std::ranges::find(line.query, *name, &query_member::name);
        if (wanted == line.query.end())
            return query_fault(problem_code::field_unknown, *name, "is no parameter of this");
        if (values.text(*name))
            return query_fault(problem_code::field_invalid, *name, "must not come twice");
        if (auto fault = read_one(*wanted, std::move(*text), values)) return std::move(*fault);
    }
    for (const query_member& each : line.query)
        if (each.required && !values.text(each.name))
            return query_fault(problem_code::field_missing, each.name, "must be in the query");
    return values;
}

}  // namespace hikyaku::gateway::api
