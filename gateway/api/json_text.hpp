// JSON written straight into a string, for the one answer that is made tens of thousands of times a
// second (docs/bench.md); all others are built as boost::json values. Pure, any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hikyaku::gateway::api {

/// Appends `text`, which is valid UTF-8, as a JSON string: what boost::json::serialize makes of it.
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
