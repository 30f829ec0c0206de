// The one place where JSON is written: answers, problems, webhooks, the log, and what the tools
// print. Much of it repeats octets of strangers (a User-Agent, a carrier's message id), and a
// receiver refuses a whole document for one of them: here each sequence that is not UTF-8 becomes
// U+FFFD, in names as in values. Most documents are boost::json values; the answer that is made
// tens of thousands of times a second is written straight into a string (docs/bench.md). Pure, any
// thread.
#pragma once

#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace hikyaku::gateway::api {

/// The document as text. tests/tidy refuses boost::json::serialize everywhere else.
[[nodiscard]] std::string write_json(const boost::json::value& value);
[[nodiscard]] std::string write_json(const boost::json::object& object);

/// null for an empty text.
[[nodiscard]] inline boost::json::value text_or_null(std::string_view text) {
    if (text.empty()) return nullptr;
    return boost::json::string(text);
}

/// null for 0, a time that is not known.
[[nodiscard]] boost::json::value time_or_null(std::int64_t wall_ms);

/// The text of a string, which `value` is and keeps.
[[nodiscard]] inline std::string_view text_of(const boost::json::value& value) {
    return value.get_string();
}

/// Appends any octets as a JSON string: what write_json() makes of them.
void append_json_string(std::string& out, std::string_view text);

/// An object, member by member, in the order of the calls. Names are plain ASCII without quotes and
/// backslashes, and nobody checks that each stands there once.
class json_object_text {
public:
    /// Opens the object at the end of `out`, which outlives this.
    explicit json_object_text(std::string& out) : out_(out) {}

    void add(std::string_view name, std::string_view text);
    void add(std::string_view name, std::uint64_t number);
    /// `json` is a value that is JSON already.
    void add_json(std::string_view name, std::string_view json);
    /// For a value that is appended behind it by hand.
    void begin_member(std::string_view name);
    /// Nothing is added after it.
    void close();

private:
    std::string& out_;
    char before_ = '{';  // what stands before the next member
};

}  // namespace hikyaku::gateway::api
