#include "gateway/api/target.hpp"

#include <algorithm>
#include <boost/url/grammar/hexdig_chars.hpp>
#include <boost/url/pct_string_view.hpp>

namespace hikyaku::gateway::api {
namespace {

boost::urls::encoding_opts plus_is_space() {
    boost::urls::encoding_opts options;
    options.space_as_plus = true;
    return options;
}

}  // namespace

target_parts split_target(std::string_view target) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue;
        const auto slash = target.find('/', scheme.size());
        target = slash == std::string_view::npos ? std::string_view{"/"} : target.substr(slash);
        break;
    }
    target = target.substr(0, target.find('#'));
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) return {target, {}};
    return {target.substr(0, mark), target.substr(mark + 1)};
}

std::optional<std::string> decode_percent(std::string_view text) {
    const auto valid = boost::urls::make_pct_string_view(text);
    if (!valid) return {};
    return valid->decode();
}

std::string decode_form(std::string_view text) {
    const auto is_hex_digit = [text](std::size_t at) {
        return at < text.size() && boost::urls::grammar::hexdig_chars(text[at]);
    };
    std::string valid;
    valid.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        valid.push_back(text[i]);
        if (text[i] == '%' && !(is_hex_digit(i + 1) && is_hex_digit(i + 2))) valid.append("25");
    }
    return boost::urls::make_pct_string_view(valid)->decode(plus_is_space());
}

std::optional<parameter> take_parameter(std::string_view& query) {
    if (query.empty()) return {};
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    return parameter{pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size()))};
}

std::vector<decoded_parameter> decode_parameters(std::string_view query) {
    std::vector<decoded_parameter> all;
    while (const auto each = take_parameter(query))
        all.push_back({decode_form(each->name), decode_form(each->value)});
    return all;
}

std::optional<std::string> decode_query(std::string_view text) {
    const auto valid = boost::urls::make_pct_string_view(text);
    if (!valid) return {};
    return valid->decode(plus_is_space());
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    while (const auto each = take_parameter(query)) {
        if (each->name != name) continue;
        return decode_query(each->value);
    }
    return {};
}

}  // namespace hikyaku::gateway::api
