#include "gateway/api/messages/json_request.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>

#include "gateway/api/addresses.hpp"
#include "gateway/api/json/document.hpp"
#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/messages/message_reader.hpp"
#include "gateway/api/messages/recipient_reader.hpp"
#include "gateway/engine/submission/contact_fields.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using boost::system::result;

problem whole_fault(problem_code code, std::string detail, std::string pointer = {}) {
    problem fault;
    fault.code = code;
    fault.detail = std::move(detail);
    fault.pointer = std::move(pointer);
    return fault;
}

// A message that says who one of its several recipients is; `base` points to the message.
std::optional<problem> person_fault(const submission& message, std::string_view base) {
    if (!names_one_person(message)) return {};
    constexpr std::string_view why =
        "names one person, and \"to\" has several: write it into the object of each";
    const auto wrong = [&](std::string_view inside, std::string_view field) {
        return field_fault(problem_code::field_invalid, fmt::format("{}{}", base, inside), field,
                           std::string{why});
    };
    if (!message.contact.id.empty()) return wrong("/contact", "id");
    return wrong("", message.debtor.empty() ? "debt" : "debtor");
}

// Walks over the messages of one request and their recipients.
class request_reader {
public:
    request_reader(const config::account& account, std::uint32_t batch_max, std::int64_t now_ms,
                   const zone_names& zones)
        : account_(account), zones_(zones), batch_max_(batch_max), now_ms_(now_ms) {}

    result<message_request, problem> read(const json::value& root) {
        if (!root.is_object())
            return whole_fault(problem_code::body_invalid, "the body must be an object");
        const json::object& object = root.get_object();
        const json::value* list = object.if_contains("messages");
        if (list == nullptr)
            read_message(object, {});
        else if (auto fault = read_list(object, *list))
            return std::move(*fault);
        if (auto fault = find_too_large()) return std::move(*fault);
        return std::move(request_);
    }

private:
    [[nodiscard]] std::optional<problem> find_too_large() const {
        if (request_.items.size() > batch_max_) {
            return whole_fault(problem_code::batch_too_large,
                               fmt::format("at most {} recipients in one request", batch_max_));
        }
        if (copied_bytes_ <= message_request::copied_bytes_max) return {};
        return whole_fault(problem_code::batch_too_large,
                           fmt::format("one text for many recipients is too long: all copies of it "
                                       "come to {} octets at most",
                                       message_request::copied_bytes_max));
    }

    // Recipients are large, and a list that grows by itself moves them again and again.
    void make_room(std::size_t recipients) {
        request_.items.reserve(std::min<std::size_t>(recipients, std::size_t{batch_max_} + 1));
    }

    std::optional<problem> read_list(const json::object& object, const json::value& list) {
        request_.single = false;
        for (const auto& member : object) {
            if (member.key() == "messages") continue;
            return field_fault(problem_code::field_unknown, {}, member.key(),
                               "no other field may stand beside \"messages\"");
        }
        if (!list.is_array() || list.get_array().empty()) {
            return whole_fault(problem_code::field_invalid,
                               "must be a list of at least one message", "/messages");
        }
        make_room(list.get_array().size());
        std::size_t index = 0;
        for (const json::value& each : list.get_array()) {
            std::string base = fmt::format("/messages/{}", index++);
            if (each.is_object()) {
                read_message(each.get_object(), base);
            } else {
                add_faulty(
                    base, base,
                    whole_fault(problem_code::field_invalid, "a message must be an object", base));
            }
            if (auto fault = find_too_large()) return fault;
        }
        return {};
    }

    void read_message(const json::object& object, const std::string& base) {
        message_reader reader(account_, now_ms_, base, zones_);
        std::optional<problem> fault = reader.read(object);
        const json::value* to = reader.to() != nullptr ? reader.to() : object.if_contains("to");
        const std::string to_base = base + "/to";
        if (to == nullptr || !to->is_array()) {
            add_recipient(reader.take_message(), fault, to, base, to_base);
            return;
        }
        request_.single = false;
        if (to->get_array().empty()) {
            add_faulty(base, to_base,
                       field_fault(problem_code::field_invalid, base, "to",
                                   "must name at least one recipient"));
        }
        if (!fault && to->get_array().size() > 1) fault = person_fault(reader.message(), base);
        if (request_.items.empty()) make_room(to->get_array().size());
        const submission& message = reader.message();
        const std::size_t text_bytes = message.text ? message.text->size() : 0;
        const std::size_t copy_bytes = text_bytes + message.octets.size() + message.tlvs.size();
        std::size_t index = 0;
        for (const json::value& each : to->get_array()) {
            copied_bytes_ += copy_bytes;
            if (find_too_large()) return;
            add_recipient(message, fault, &each, base, fmt::format("{}/{}", to_base, index++));
        }
    }

    void add_faulty(const std::string& base, const std::string& to_pointer, problem fault) {
        message_item& item = request_.items.emplace_back();
        item.pointer = base;
        item.to_pointer = to_pointer;
        item.fault = std::move(fault);
    }

    // `message_fault` is one of the message as a whole, which hits each of its recipients.
    void add_recipient(submission message, const std::optional<problem>& message_fault,
                       const json::value* to, const std::string& base,
                       const std::string& to_pointer) {
        message_item& item = request_.items.emplace_back();
        item.pointer = base;
        item.to_pointer = to_pointer;
        item.fault = message_fault;
        if (to == nullptr) return;
        recipient_fields own;
        std::optional<problem> fault = read_recipient(item, *to, own);
        if (!item.fault) item.fault = std::move(fault);
        if (item.fault) {
            item.message.reference = own.reference.empty() ? message.reference : own.reference;
            return;
        }
        message.destination = std::move(item.message.destination);
        item.message = std::move(message);
        own.write_to(item.message);
    }

    std::optional<problem> read_recipient(message_item& item, const json::value& to,
                                          recipient_fields& own) const {
        if (!fits(recipient_shape, to))
            return whole_fault(problem_code::field_invalid, sentence_of(recipient_shape),
                               item.to_pointer);
        const json::value* number = &to;
        std::string_view at_number;
        if (to.is_object()) {
            if (auto fault = own.read(item.to_pointer, to.get_object(), zones_)) return fault;
            number = &to.get_object().at("number");
            at_number = "/number";
        }
        const std::string_view text = number->get_string();
        item.to = text;
        auto parsed = parse_destination(text, account_);
        if (!parsed) {
            return whole_fault(problem_code::destination_invalid,
                               std::string{explain(parsed.error())},
                               item.to_pointer + std::string(at_number));
        }
        item.to = format_address(parsed->ton, parsed->digits);
        item.message.destination = std::move(*parsed);
        return {};
    }

    const config::account& account_;
    const zone_names& zones_;
    std::uint32_t batch_max_;
    std::size_t copied_bytes_ = 0;
    std::int64_t now_ms_;
    message_request request_;
};

}  // namespace

result<message_request, problem> read_messages(std::string_view body,
                                               const config::account& account,
                                               std::uint32_t batch_max, std::int64_t now_ms,
                                               const zone_names& zones) {
    std::array<unsigned char, 4096> values;
    std::array<unsigned char, 1024> scratch;
    json::monotonic_resource memory(values.data(), values.size());
    const auto root = parse_json(body, &memory, scratch);
    if (!root) return root.error();
    request_reader reader(account, batch_max, now_ms, zones);
    return reader.read(*root);
}

}  // namespace hikyaku::gateway::api
