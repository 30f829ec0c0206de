// The lines of [log].
#include "config/table.hpp"

namespace hikyaku::config {
namespace {

constexpr std::string_view levels[] = {"trace", "debug", "info", "warn", "error"};
constexpr std::string_view formats[] = {"text", "json"};

}  // namespace

const section& log_section() {
    using object = config::log;
    static const section made{
        "[log]",
        "What the process writes about itself. Texts and passwords never appear, phone numbers "
        "are masked.",
        defaults_of<object>(),
        {
            field<object, &object::level>(
                make::choice("level", R"("info")", levels, "The least important lines to write")),
            field<object, &object::format>(
                make::choice("format", R"("text")", formats, "Lines for people or JSON objects")),
            field<object, &object::file>(
                make::text("file", R"("")",
                           "Path of the log file, made with mode 0600; empty "
                           "for standard error")),
        }};
    static const section marked = with_effect(made, takes_effect::restart, {"format", "file"});
    return marked;
}

}  // namespace hikyaku::config
