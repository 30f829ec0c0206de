#include "gateway/api/callbacks/jasmin.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/url/encode.hpp>
#include <boost/url/grammar/alnum_chars.hpp>
#include <boost/url/grammar/lut_chars.hpp>
#include <ctime>

#include "gateway/engine/delivery/callback_url.hpp"
#include "gateway/engine/submission/message_id_text.hpp"
#include "smpp/text/hex.hpp"
#include "smpp/text/receipt_state.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {

namespace text = smpp::text;

namespace {

constexpr std::string_view no_jasmin_connector = "unknown";

/// name=value pairs with "&" between them.
class jasmin_fields {
public:
    void add(std::string_view name, std::string_view value) {
        namespace urls = boost::urls;
        constexpr auto plain = urls::grammar::lut_chars(urls::grammar::alnum_chars) + "-._~";
        urls::encoding_opts options;
        options.space_as_plus = true;
        if (!all_.empty()) all_.push_back('&');
        all_.append(name).append("=").append(urls::encode(value, plain, options));
    }
    /// A carrier's words: UTF-8 whatever they were.
    void add_foreign(std::string_view name, std::string_view value) {
        std::string mended(value);
        text::mend_utf8(mended);
        add(name, mended);
    }
    std::string take() { return std::move(all_); }

private:
    std::string all_;
};

/// YYMMDDhhmm, UTC.
std::string jasmin_date_of(std::int64_t wall_ms) {
    return fmt::format("{:%y%m%d%H%M}", fmt::gmtime(static_cast<std::time_t>(wall_ms / 1000)));
}

/// The carrier's word for the state, or SMPP's.
std::string_view state_word_of(const receipt_event& event) {
    return event.error.stat.empty() ? text::word_of(stat_of(event.state)) : event.error.stat;
}

/// What submit_sm_resp said; a message that never got an answer has no status.
std::string response_word_of(const receipt_event& event, std::uint8_t type) {
    using smpp::command_status;
    if (type == callback_type::accepted) return std::string(name_of(command_status::esme_rok));
    const auto code = event.error.error;
    if (code == 0) return std::string(state_word_of(event));
    const auto name = name_of(static_cast<command_status>(code));
    return name.empty() ? fmt::format("{:#010x}", code) : std::string(name);
}

void add_jasmin_end(jasmin_fields& into, const receipt_event& event, const callback_view& told) {
    into.add_foreign("id_smsc", told.carrier_message_id);
    into.add("sub", fmt::format("{:03}", event.parts));
    into.add("dlvrd", fmt::format("{:03}", event.parts_delivered));
    into.add("subdate", jasmin_date_of(event.submitted_ms));
    into.add("donedate", jasmin_date_of(event.done_ms));
    if (event.error.error_text.empty())
        into.add("err", fmt::format("{:03}", event.error.error));
    else
        into.add_foreign("err", event.error.error_text);
    into.add("text", {});
}

std::string jasmin_fields_of(const receipt_event& event, std::string_view carrier) {
    const auto told = event.callback.value_or(callback_view{});
    const bool is_response =
        told.type == callback_type::accepted || told.type == callback_type::refused;
    jasmin_fields made;
    made.add("id", format_message_id(event.message, config::id_form::decimal));
    made.add("level", is_response ? "1" : "2");
    if (is_response)
        made.add("message_status", response_word_of(event, told.type));
    else
        made.add_foreign("message_status", state_word_of(event));
    made.add("connector", carrier.empty() ? no_jasmin_connector : carrier);
    if (!is_response) add_jasmin_end(made, event, told);
    return made.take();
}

text::octets reply_octets_of(const reply_event& event) {
    if (smpp::esm_class::has_udh(event.esm_class)) {
        if (const auto parts = text::split_udh(event.octets)) return parts->text;
    }
    return event.octets;
}

/// Text is UTF-8, but for UCS-2, which theirs hands on in its octets, as it does with data.
std::string jasmin_content_of(const reply_event& event) {
    switch (text::encoding_of(event.data_coding)) {
        case text::encoding::binary:
            return std::string(text::chars_of(reply_octets_of(event)));
        case text::encoding::ucs2: {
            std::u16string units;
            (void)text::append_utf16(event.text, units);
            std::string octets;
            text::append_utf16be(units, octets);
            return octets;
        }
        default:
            return std::string(event.text);
    }
}

std::string jasmin_fields_of(const reply_event& event, std::uint64_t sequence,
                             std::string_view carrier) {
    const auto content = jasmin_content_of(event);
    jasmin_fields made;
    made.add("id", fmt::to_string(sequence));
    made.add_foreign("from", event.source.digits);
    made.add_foreign("to", event.destination.digits);
    made.add("origin-connector", carrier.empty() ? no_jasmin_connector : carrier);
    made.add("coding", fmt::to_string(event.data_coding));
    made.add("content", content);
    made.add("binary", text::to_hex(text::octets_of(content)));
    return made.take();
}

}  // namespace

rendered_callback render_jasmin_callback(const callback_request& what) {
    std::string all;
    if (const auto* reply = std::get_if<reply_event>(&what.event))
        all = jasmin_fields_of(*reply, what.sequence, what.carrier);
    else if (const auto* receipt = std::get_if<receipt_event>(&what.event))
        all = jasmin_fields_of(*receipt, what.carrier);
    else
        return {};
    rendered_callback out;
    out.method = what.method;
    out.url = sendable_url(what.url);
    if (what.method == CallbackMethod::post) {
        out.content_type = "application/x-www-form-urlencoded";
        out.body = std::move(all);
        return out;
    }
    const bool has_query = out.url.find('?') != std::string::npos;
    if (!has_query)
        out.url.push_back('?');
    else if (!out.url.ends_with('?') && !out.url.ends_with('&'))
        out.url.push_back('&');
    out.url.append(all);
    return out;
}

bool is_jasmin_acknowledgement(std::uint32_t status, std::string_view body) {
    constexpr std::string_view space = " \t\r\n\v\f";
    const auto begin = body.find_first_not_of(space);
    if (status < 200 || status >= 300 || begin == std::string_view::npos) return false;
    return body.substr(begin, body.find_last_not_of(space) + 1 - begin) == "ACK/Jasmin";
}

}  // namespace hikyaku::gateway::api
