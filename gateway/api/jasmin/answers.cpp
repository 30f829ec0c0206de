#include "gateway/api/jasmin/answers.hpp"

#include <fmt/format.h>

#include <cassert>

#include "gateway/api/json/text.hpp"
#include "gateway/engine/submission/message_id_text.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api::jasmin {
namespace {

constexpr std::string_view plain_type = "text/plain";
constexpr std::size_t value_octets_max = 256;  // of a value that is shown

/// UTF-8 without controls: line ends of a request do not make lines of the answer.
std::string shown(std::string_view value) {
    std::string mended(smpp::text::cut_utf8(value, value_octets_max));
    smpp::text::mend_utf8(mended);
    std::string out;
    for (const char c : mended)
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
            smpp::text::append_utf8(out, smpp::text::replacement_character);
        else
            out.push_back(c);
    return out;
}

std::string_view value_of(std::string_view name, const fault& wrong, const request& what) {
    if (name == "argument") return wrong.argument;
    if (name == "value") return wrong.value;
    return what.value_of(name);
}

const door_text& row_of(const fault& wrong) {
    const door_text& row = line_of(wrong.why).jasmin;
    assert(row.status != 0);
    return row;
}

http_response refused(const fault& wrong) {
    http_response response;
    response.status = row_of(wrong).status;
    if (wrong.why == error_id::method_not_allowed)
        response.headers.emplace_back("Allow", "GET, POST");
    return response;
}

}  // namespace

std::string words_of(const fault& wrong, const request& what) {
    std::string out;
    std::string_view rest = row_of(wrong).text;
    for (auto open = rest.find('{'); open != rest.npos; open = rest.find('{')) {
        const auto close = rest.find('}', open);
        assert(close != rest.npos);
        out += rest.substr(0, open);
        out += shown(value_of(rest.substr(open + 1, close - open - 1), wrong, what));
        rest.remove_prefix(close + 1);
    }
    return out.append(rest);
}

http_response success(message_id id) {
    http_response response;
    response.content_type = plain_type;
    response.body =
        fmt::format("Success \"{}\"", format_message_id(id, config::id_form::decimal).view());
    return response;
}

http_response error(const fault& wrong, const request& what) {
    http_response response = refused(wrong);
    response.content_type = plain_type;
    response.body = fmt::format("Error \"{}\"", words_of(wrong, what));
    return response;
}

http_response json_error(const fault& wrong, const request& what) {
    http_response response = refused(wrong);
    append_json_string(response.body, words_of(wrong, what));
    return response;
}

}  // namespace hikyaku::gateway::api::jasmin
