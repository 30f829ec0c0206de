#include "gateway/api/twilio/twiml.hpp"

#include <fmt/format.h>

#include <pugixml.hpp>

#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api::twilio {
namespace {

constexpr std::size_t name_octets_max = 32;  // of an element in a note

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view spaces = " \t\r\n";
    const auto begin = text.find_first_not_of(spaces);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

std::string shown_name(const pugi::xml_node& node) {
    return std::string(smpp::text::cut_utf8(node.name(), name_octets_max));
}

/// The text that stands in a message itself, and in its bodies.
std::string text_in(const pugi::xml_node& message, std::vector<std::string>& notes) {
    std::string text;
    for (const auto& child : message.children()) {
        const std::string_view name = child.name();
        if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
            text += child.value();
        else if (name == "Body")
            text += child.text().get();
        else if (child.type() == pugi::node_element)
            notes.push_back(fmt::format("<{}> in a <Message> is not supported", shown_name(child)));
    }
    return std::string(trimmed(text));
}

void read_message(const pugi::xml_node& node, twiml& into) {
    twiml_message message;
    message.to = node.attribute("to").value();
    message.from = node.attribute("from").value();
    message.action = node.attribute("action").value();
    if (message.action.empty()) message.action = node.attribute("statusCallback").value();
    message.text = text_in(node, into.notes);
    if (message.text.empty())
        into.notes.emplace_back("a <Message> without text is not sent");
    else if (into.messages.size() == twiml_messages_max)
        into.notes.push_back(fmt::format("more than {} messages are not sent", twiml_messages_max));
    else
        into.messages.push_back(std::move(message));
}

}  // namespace

twiml read_twiml(std::string_view text) {
    twiml out;
    text = trimmed(text);
    if (text.empty()) return out;
    pugi::xml_document document;
    const auto read = text.size() <= twiml_octets_max
                          ? document.load_buffer(text.data(), text.size(), pugi::parse_default,
                                                 pugi::encoding_utf8)
                          : pugi::xml_parse_result{};
    const auto root = document.document_element();
    if (!read || std::string_view(root.name()) != "Response") {
        out.notes.emplace_back("the answer is no TwiML");
        return out;
    }
    for (const auto& child : root.children())
        if (std::string_view(child.name()) == "Message")
            read_message(child, out);
        else if (child.type() == pugi::node_element)
            out.notes.push_back(fmt::format("<{}> is not supported", shown_name(child)));
    return out;
}

}  // namespace hikyaku::gateway::api::twilio
