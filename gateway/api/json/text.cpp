#include "gateway/api/json/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "gateway/api/times.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr bool stands_for_itself(char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// Boost.JSON passes octets above 0x7F as they are, and only inside strings: mending the document is
// mending each of its strings.
template <class Json>
std::string mended(const Json& json) {
    std::string text = boost::json::serialize(json);
    smpp::text::mend_utf8(text);
    return text;
}

}  // namespace

std::string write_json(const boost::json::value& value) {
    return mended(value);
}

std::string write_json(const boost::json::object& object) {
    return mended(object);
}

boost::json::value time_or_null(std::int64_t wall_ms) {
    if (wall_ms == 0) return nullptr;
    return boost::json::string(format_time(wall_ms));
}

void append_json_string(std::string& out, std::string_view text) {
    if (!std::ranges::all_of(text, stands_for_itself)) {
        out.append(mended(boost::json::string_view(text)));
        return;
    }
    out.push_back('"');
    smpp::text::append_mended_utf8(out, text);
    out.push_back('"');
}

void json_object_text::begin_member(std::string_view name) {
    out_.push_back(before_);
    before_ = ',';
    out_.push_back('"');
    out_.append(name);
    out_.append("\":", 2);
}

void json_object_text::add(std::string_view name, std::string_view text) {
    begin_member(name);
    append_json_string(out_, text);
}

void json_object_text::add(std::string_view name, std::uint64_t number) {
    const fmt::format_int digits(number);
    add_json(name, {digits.data(), digits.size()});
}

void json_object_text::add_json(std::string_view name, std::string_view json) {
    begin_member(name);
    out_.append(json);
}

void json_object_text::close() {
    out_.append(before_ == '{' ? "{}" : "}");
}

}  // namespace hikyaku::gateway::api
