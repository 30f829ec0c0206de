#include "gateway/api/form.hpp"

#include <algorithm>
#include <boost/url/pct_string_view.hpp>

#include "gateway/api/target.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

using boost::system::result;

result<std::string, form_fault> decode(std::string_view text, std::size_t bytes_max,
                                       form_fault too_long) {
    const auto valid = boost::urls::make_pct_string_view(text);
    if (!valid) return form_fault::escape_invalid;
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    std::string decoded = valid->decode(options);
    if (decoded.size() > bytes_max) return too_long;
    if (smpp::text::first_invalid_utf8(decoded)) return form_fault::utf8_invalid;
    return decoded;
}

}  // namespace

std::string_view name_of(form_fault fault) {
    switch (fault) {
        case form_fault::body_too_large:
            return "body_too_large";
        case form_fault::too_many_fields:
            return "too_many_fields";
        case form_fault::name_too_long:
            return "name_too_long";
        case form_fault::value_too_long:
            return "value_too_long";
        case form_fault::escape_invalid:
            return "escape_invalid";
        case form_fault::utf8_invalid:
            break;
    }
    return "utf8_invalid";
}

std::optional<std::string_view> form::value(std::string_view name) const {
    const auto at = std::ranges::find(fields_, name, &field::name);
    if (at == fields_.end()) return {};
    return at->value;
}

std::vector<std::string_view> form::values(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const field& each : fields_)
        if (each.name == name) found.push_back(each.value);
    return found;
}

result<form, form_fault> read_form(std::string_view body, const form_limits& limits) {
    if (body.size() > limits.body_bytes_max) return form_fault::body_too_large;
    form read;
    while (const auto each = take_parameter(body)) {
        if (each->name.empty() && each->value.empty()) continue;  // "a=1&&b=2"
        if (read.fields_.size() == limits.fields_max) return form_fault::too_many_fields;
        auto name = decode(each->name, limits.name_bytes_max, form_fault::name_too_long);
        if (!name) return name.error();
        auto value = decode(each->value, limits.value_bytes_max, form_fault::value_too_long);
        if (!value) return value.error();
        read.fields_.push_back({std::move(*name), std::move(*value)});
    }
    return read;
}

}  // namespace hikyaku::gateway::api
