#include "gateway/app/text_plan.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iterator>
#include <limits>
#include <string_view>

#include "gateway/api/json/text.hpp"
#include "gateway/app/lines.hpp"
#include "gateway/engine/sending/carrier_text.hpp"
#include "smpp/text/hex.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;
namespace text = smpp::text;

constexpr std::string_view standard_name = "standard";

json::object failure_object(const text::plan_failure& failure) {
    json::object error;
    error["kind"] = text::name_of(failure.what);
    const bool parts = failure.what == text::plan_error::too_many_parts ||
                       failure.what == text::plan_error::too_many_units;
    error[parts ? "segments_needed" : "position"] = failure.position;
    json::object object;
    object["error"] = std::move(error);
    return object;
}

/// Null where segments are billed; "flat" where one unit is, whatever the length.
json::value steps_value(const text::billing_steps::steps& steps) {
    if (steps.first == 0 || steps.next == 0) return nullptr;
    if (steps.first == std::numeric_limits<std::uint16_t>::max()) return "flat";
    return json::object{{"first", steps.first}, {"next", steps.next}};
}

json::array segments_array(const text::plan& planned) {
    const std::size_t octets_per_unit = planned.enc == text::encoding::ucs2 ? 2 : 1;
    json::array segments;
    for (const auto& segment : planned.segments) {
        const auto octets = text::octets_of(segment);
        const std::size_t header = planned.udhi && !octets.empty() ? octets[0] + 1U : 0U;
        json::object object;
        object["octets"] = segment.size();
        object["units"] = (segment.size() - header) / octets_per_unit;
        object["hex"] = text::to_hex(octets);
        segments.push_back(std::move(object));
    }
    return segments;
}

json::array forcing_array(std::string_view given) {
    json::array forcing;
    for (const auto& character : text::forcing_characters(given)) {
        json::object object;
        object["position"] = character.position;
        object["code_point"] = static_cast<std::uint32_t>(character.code_point);
        forcing.push_back(std::move(object));
    }
    return forcing;
}

json::array replaced_array(const text::plan& planned) {
    json::array replaced;
    for (const auto& change : planned.replaced) {
        json::object object;
        object["position"] = change.position;
        object["from"] = change.from;
        object["to"] = change.to;
        replaced.push_back(std::move(object));
    }
    return replaced;
}

json::object plan_object(std::string_view given, const text::plan& planned) {
    json::object object;
    object["encoding"] = text::name_of(planned.enc);
    object["data_coding"] = planned.data_coding;
    object["udhi"] = planned.udhi;
    object["segmentation"] = text::name_of(planned.method);
    object["units"] = planned.units;
    object["units_per_single"] = planned.units_per_single;
    object["units_per_part"] = planned.units_per_part;
    object["parts"] = planned.parts;
    object["billed_units"] = planned.billed;
    object["segments"] = segments_array(planned);
    object["forcing_ucs2"] =
        planned.enc == text::encoding::ucs2 ? forcing_array(given) : json::array{};
    object["replaced"] = replaced_array(planned);
    if (!planned.shift.is_default()) {
        object["single_shift"] = text::language_name(planned.shift.single);
        object["locking_shift"] = text::language_name(planned.shift.locking);
    }
    return object;
}

json::object row_of(const plan_target& target, std::string_view given,
                    const text::plan_options& options) {
    const auto planned = text::plan_text(given, options, target.profile);
    json::object row;
    row[target.is_carrier ? "carrier" : "profile"] = target.name;
    if (planned.has_error()) {
        row["error"] = failure_object(planned.error()).at("error");
    } else {
        row["encoding"] = text::name_of(planned->enc);
        row["units"] = planned->units;
        row["parts"] = planned->parts;
        row["billed_units"] = planned->billed;
    }
    row["price_steps"] = json::object{{"ucs2", steps_value(target.profile.billing.ucs2)},
                                      {"septets", steps_value(target.profile.billing.septets)}};
    return row;
}

json::object bounds_object(const text::planned_range::bounds& bounds) {
    return {{"least", bounds.least}, {"most", bounds.most}};
}

json::object range_object(const text::planned_range& range) {
    return {{"planned", range.planned},
            {"units", bounds_object(range.units)},
            {"parts", bounds_object(range.parts)},
            {"billed_units", bounds_object(range.billed)}};
}

json::object plan_one(std::string_view given, const plan_request& request) {
    const auto& targets = request.targets;
    const auto profile = targets.empty() ? text::text_profile{} : targets.front().profile;
    const auto planned = text::plan_text(given, request.options, profile);
    auto object =
        planned.has_error() ? failure_object(planned.error()) : plan_object(given, *planned);
    if (targets.size() < 2) return object;
    std::vector<text::text_profile> profiles;
    json::array rows;
    for (const auto& target : targets) {
        profiles.push_back(target.profile);
        rows.push_back(row_of(target, given, request.options));
    }
    const auto range = text::plan_range(given, request.options, profiles);
    if (range.planned > 0) {
        object["range"] = range_object(range);
        object["by_carrier"] = std::move(rows);
    }
    return object;
}

std::optional<plan_target> shipped_target(std::string_view name) {
    if (name == standard_name) return plan_target{std::string(name), false, {}};
    const auto* profile = text::find_profile(name);
    if (profile == nullptr) return std::nullopt;
    return plan_target{std::string(name), false, *profile};
}

std::optional<plan_target> carrier_target(const config::settings& settings, std::string_view name) {
    const auto at = std::ranges::find(settings.carriers, name, &config::carrier::name);
    if (at == settings.carriers.end()) return std::nullopt;
    return plan_target{at->name, true, profile_of(at->text)};
}

std::string unknown(std::string_view what, std::string_view name) {
    return std::string("no ").append(what).append(" is named '").append(name).append("'");
}

}  // namespace

std::optional<std::vector<plan_target>> targets_of(const plan_question& question,
                                                   const config::settings& settings,
                                                   std::string& fault) {
    const auto fail = [&fault](std::string_view what, std::string_view name) {
        fault = unknown(what, name);
        return std::nullopt;
    };
    std::vector<plan_target> targets;
    for (const auto& name : question.profiles) {
        auto target = shipped_target(name);
        if (!target) return fail("profile", name);
        targets.push_back(std::move(*target));
    }
    auto carriers = question.carriers;
    if (!question.route.empty()) {
        const auto at = std::ranges::find(settings.routes, question.route, &config::route::name);
        if (at == settings.routes.end()) return fail("route", question.route);
        for (const auto& target : at->targets)
            carriers.push_back(target.carrier);
    } else if (targets.empty() && carriers.empty()) {
        for (const auto& carrier : settings.carriers)
            carriers.push_back(carrier.name);
    }
    for (const auto& name : carriers) {
        auto target = carrier_target(settings, name);
        if (!target) return fail("carrier", name);
        targets.push_back(std::move(*target));
    }
    if (targets.empty()) {
        targets.push_back(*shipped_target(standard_name));
        for (const auto& shipped : text::shipped_profiles())
            targets.push_back(*shipped_target(shipped.name));
    }
    return targets;
}

int plan_texts(const plan_request& request, std::istream& in, std::ostream& out) {
    const auto plan = [&](std::string_view given) { return plan_one(given, request); };
    if (!request.text && request.lines) return for_each_line(in, out, false, plan);
    std::string given;
    if (request.text)
        given = *request.text;
    else
        given.assign(std::istreambuf_iterator<char>(in), {});
    const auto object = plan(given);
    out << api::write_json(object) << std::endl;
    return object.contains("error") ? 1 : 0;
}

}  // namespace hikyaku::gateway::app
