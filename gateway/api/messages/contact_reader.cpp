#include "gateway/api/messages/contact_reader.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>

#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/engine/submission/contact_fields.hpp"

namespace hikyaku::gateway::api {
namespace {

using boost::json::value;

constexpr shape zone_shape = text_shape(1, 64);
constexpr shape zones_shape = list_shape(zone_shape, 1, contact_point::zones_max);
constexpr shape tags_shape = list_shape(label_shape, 1, contact_point::tags_max);

constexpr member contact_members[] = {
    {"id", &label_shape, false, "your name for the number"},
    {"zones", &zones_shape, false,
     "time zones in which the person may be, by their IANA names (`Asia/Tokyo`), written as the "
     "system's time zone database has them; none comes twice"},
    {"tags", &tags_shape, false, "words of yours; none comes twice"},
};

/// `add` appends one word, or says what is wrong with it.
template <class Add>
std::optional<problem> read_words(const value& given, const shape& word, std::string_view base,
                                  std::string_view field, const Add& add) {
    std::size_t index = 0;
    for (const value& each : given.get_array()) {
        auto why = misfit(word, each);
        if (!why) why = add(text_of(each));
        if (!why->empty())
            return field_fault(problem_code::field_invalid, fmt::format("{}/{}", base, field),
                               fmt::to_string(index), std::move(*why));
        ++index;
    }
    return {};
}

}  // namespace

constinit const shape contact_shape{
    .is = shape::kind::object,
    .min = 1,
    .members = contact_members,
    .name = "Contact",
    .meaning = "The way to a person as the application knows it; at least one member",
    .says = R"(must be an object with "id", "zones" or "tags")",
};

std::optional<problem> read_contact(const value& given, std::string_view base,
                                    const zone_names& known, contact_point& into) {
    const std::string inside = fmt::format("{}/contact", base);
    const auto& object = given.get_object();
    if (auto fault = object_fault(contact_shape, object, inside)) return fault;
    const auto add_one_zone = [&](std::string_view word) {
        return std::string(add_zone(into, word, known));
    };
    const auto add_one_tag = [&](std::string_view word) {
        return std::string(add_tag(into, word));
    };
    for (const auto& member : object) {
        const std::string_view name = member.key();
        std::optional<problem> fault;
        if (name == "zones") {
            fault = read_words(member.value(), zone_shape, inside, name, add_one_zone);
        } else if (name == "tags") {
            fault = read_words(member.value(), label_shape, inside, name, add_one_tag);
        } else {
            fault = label_fault(member.value(), inside, name);
            into.id = text_of(member.value());
        }
        if (fault) return fault;
    }
    return {};
}

}  // namespace hikyaku::gateway::api
