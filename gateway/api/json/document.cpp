#include "gateway/api/json/document.hpp"

#include <fmt/format.h>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <string>
#include <unordered_set>
#include <vector>

#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using boost::system::result;
using json_text = json::string_view;

// What both handlers below have in common: no limits of their own, and nothing for most events.
struct quiet_handler {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    bool on_document_begin(json::error_code&) { return true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) { return true; }
    bool on_object_end(std::size_t, json::error_code&) { return true; }
    bool on_array_begin(json::error_code&) { return true; }
    bool on_array_end(std::size_t, json::error_code&) { return true; }
    bool on_key_part(json_text, std::size_t, json::error_code&) { return true; }
    bool on_key(json_text, std::size_t, json::error_code&) { return true; }
    bool on_string_part(json_text, std::size_t, json::error_code&) { return true; }
    bool on_string(json_text, std::size_t, json::error_code&) { return true; }
    bool on_number_part(json_text, json::error_code&) { return true; }
    bool on_int64(std::int64_t, json_text, json::error_code&) { return true; }
    bool on_uint64(std::uint64_t, json_text, json::error_code&) { return true; }
    bool on_double(double, json_text, json::error_code&) { return true; }
    bool on_bool(bool, json::error_code&) { return true; }
    bool on_null(json::error_code&) { return true; }
    bool on_comment_part(json_text, json::error_code&) { return true; }
    bool on_comment(json_text, json::error_code&) { return true; }
};

// Makes the value, and counts the members as they are written.
struct building_handler : quiet_handler {
    json::value_stack values;
    std::size_t members = 0;

    explicit building_handler(std::span<unsigned char> scratch)
        : values(json::storage_ptr{}, scratch.data(), scratch.size()) {}

    bool on_object_end(std::size_t count, json::error_code&) {
        members += count;
        values.push_object(count);
        return true;
    }
    bool on_array_end(std::size_t count, json::error_code&) {
        values.push_array(count);
        return true;
    }
    bool on_key_part(json_text part, std::size_t, json::error_code&) {
        values.push_chars(part);
        return true;
    }
    bool on_key(json_text part, std::size_t, json::error_code&) {
        values.push_key(part);
        return true;
    }
    bool on_string_part(json_text part, std::size_t, json::error_code&) {
        values.push_chars(part);
        return true;
    }
    bool on_string(json_text part, std::size_t, json::error_code&) {
        values.push_string(part);
        return true;
    }
    bool on_int64(std::int64_t number, json_text, json::error_code&) {
        values.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, json_text, json::error_code&) {
        values.push_uint64(number);
        return true;
    }
    bool on_double(double number, json_text, json::error_code&) {
        values.push_double(number);
        return true;
    }
    bool on_bool(bool truth, json::error_code&) {
        values.push_bool(truth);
        return true;
    }
    bool on_null(json::error_code&) {
        values.push_null();
        return true;
    }
};

// Finds the first name that comes twice in one object, and the way to it. Runs only over a document
// that is known to have one.
struct repetition_handler : quiet_handler {
    struct level {
        bool is_object = false;
        std::size_t index = 0;  // of an array's element
        std::string name;       // of an object's member
        std::unordered_set<std::string> names;
    };
    std::vector<level> levels;
    std::string key;

    bool on_object_begin(json::error_code&) {
        levels.push_back({.is_object = true});
        return true;
    }
    bool on_array_begin(json::error_code&) {
        levels.push_back({});
        return true;
    }
    bool on_object_end(std::size_t, json::error_code&) { return leave(); }
    bool on_array_end(std::size_t, json::error_code&) { return leave(); }
    bool on_key_part(json_text part, std::size_t, json::error_code&) {
        key.append(part.data(), part.size());
        return true;
    }
    bool on_key(json_text part, std::size_t, json::error_code& error) {
        key.append(part.data(), part.size());
        levels.back().name = std::exchange(key, {});
        if (!levels.back().names.insert(levels.back().name).second) {
            error = json::error::exception;  // any: ends the reading
            return false;
        }
        return true;
    }
    bool on_string(json_text, std::size_t, json::error_code&) { return next(); }
    bool on_int64(std::int64_t, json_text, json::error_code&) { return next(); }
    bool on_uint64(std::uint64_t, json_text, json::error_code&) { return next(); }
    bool on_double(double, json_text, json::error_code&) { return next(); }
    bool on_bool(bool, json::error_code&) { return next(); }
    bool on_null(json::error_code&) { return next(); }

    /// RFC 6901.
    [[nodiscard]] std::string pointer() const {
        std::string text;
        for (const level& each : levels) {
            if (!each.is_object) {
                text += fmt::format("/{}", each.index);
                continue;
            }
            text += '/';
            for (const char c : each.name)
                if (c == '~' || c == '/')
                    text += c == '~' ? "~0" : "~1";
                else
                    text += c;
        }
        return text;
    }

private:
    bool next() {
        if (!levels.empty()) ++levels.back().index;
        return true;
    }
    bool leave() {
        levels.pop_back();
        return next();
    }
};

std::size_t members_of(const json::value& value) {
    std::size_t count = 0;
    if (const json::object* object = value.if_object()) {
        count = object->size();
        for (const auto& member : *object)
            count += members_of(member.value());
    } else if (const json::array* list = value.if_array()) {
        for (const json::value& each : *list)
            count += members_of(each);
    }
    return count;
}

problem fault_at(problem_code code, std::size_t position, std::string detail) {
    problem fault;
    fault.code = code;
    fault.detail = std::move(detail);
    fault.position = position;
    return fault;
}

json::parse_options strict() {
    json::parse_options options;
    options.max_depth = json_depth_max;
    return options;
}

problem repetition_in(std::string_view body) {
    json::basic_parser<repetition_handler> parser(strict());
    json::error_code error;
    const std::size_t read = parser.write_some(false, body.data(), body.size(), error);
    const repetition_handler& found = parser.handler();
    problem fault = fault_at(problem_code::json_invalid, read, "a field comes twice in one object");
    fault.pointer = found.pointer();
    return fault;
}

}  // namespace

result<json::value, problem> parse_json(std::string_view body, json::storage_ptr memory,
                                        std::span<unsigned char> scratch) {
    if (const auto at = smpp::text::first_invalid_utf8(body))
        return fault_at(problem_code::utf8_invalid, *at, {});
    json::basic_parser<building_handler> parser(strict(), scratch);
    building_handler& building = parser.handler();
    building.values.reset(std::move(memory));
    json::error_code error;
    const std::size_t read = parser.write_some(false, body.data(), body.size(), error);
    if (!error && read < body.size()) error = json::error::extra_data;
    if (error) return fault_at(problem_code::json_invalid, read, error.message());
    json::value value = building.values.release();
    if (members_of(value) != building.members) return repetition_in(body);
    return value;
}

}  // namespace hikyaku::gateway::api
