// Reads the fields of one message object into a submission; json_request.cpp walks over messages
// and recipients with it. A table of fields with their shapes and readers, so that a new field is
// one line and one function, in the program and in its OpenAPI document. Used inside this folder
// only, for the length of one request.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/settings.hpp"
#include "gateway/api/json/shape.hpp"
#include "gateway/api/problems.hpp"
#include "gateway/engine/submission/zone_names.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

/// A message of a body: the table of its members.
extern const shape message_shape;

class message_reader {
public:
    /// `base` points to the message object, `zones` are those that there are; references and views
    /// must outlive the reader.
    message_reader(const config::account& account, std::int64_t now_ms, std::string_view base,
                   const zone_names& zones)
        : account_(account), zones_(zones), now_ms_(now_ms), base_(base) {}

    /// Everything but the recipients. The first fault in the order of the members, or what is
    /// missing; empty if the message is sound.
    [[nodiscard]] std::optional<problem> read(const boost::json::object& object);

    [[nodiscard]] const submission& message() const { return message_; }
    /// The same to take away, when it is needed once.
    [[nodiscard]] submission&& take_message() { return std::move(message_); }
    /// The value of `to`, null if the field is missing.
    [[nodiscard]] const boost::json::value* to() const { return to_; }

private:
    using value = boost::json::value;
    using fault = std::optional<problem>;

    struct line;
    friend struct message_fields;

    [[nodiscard]] problem wrong(std::string_view field, std::string detail) const;
    [[nodiscard]] problem missing(std::string_view field, std::string detail) const;
    [[nodiscard]] fault read_label(const value& given, std::string_view name,
                                   std::string& into) const;
    fault read_from(const value& given);
    fault read_to(const value& given);
    fault read_text(const value& given);
    fault read_data(const value& given);
    fault read_encoding(const value& given);
    fault read_class(const value& given);
    fault read_transliterate(const value& given);
    fault read_parts_max(const value& given);
    fault read_valid_for(const value& given);
    fault read_send_at(const value& given);
    fault read_priority(const value& given);
    fault read_receipt(const value& given);
    fault read_reference(const value& given);
    fault read_tag(const value& given);
    fault read_tlvs(const value& given);
    fault read_track_links(const value& given);
    fault read_link_limits(const value& given);
    fault read_at_most_once(const value& given);
    fault read_purpose(const value& given);
    fault read_contact_point(const value& given);
    fault read_debtor(const value& given);
    fault read_debt(const value& given);
    fault check_content();
    fault check_sender();

    const config::account& account_;
    const zone_names& zones_;
    std::int64_t now_ms_;
    std::string_view base_;
    submission message_;
    const value* to_ = nullptr;
    bool has_from_ = false;
    bool has_data_ = false;
    std::optional<std::int64_t> valid_seconds_;
};

}  // namespace hikyaku::gateway::api
