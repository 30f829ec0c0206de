// The log: one line an event, as text or as JSON, to standard error or a file. Everything above the
// pure layers writes through these few functions, so that spdlog stays behind one header and every
// line has the same shape: a constant sentence and named fields. Values may come from a stranger:
// octets that are not UTF-8 become U+FFFD, and what a terminal would act on (line ends, ESC, marks
// that turn the direction) is written as \uXXXX in both formats. Texts of messages and passwords
// are never logged and addresses only through mask(). open_log() is called once before other
// threads start; log() may then be called from any thread.
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace hikyaku::gateway::io {

enum class log_level : std::uint8_t { trace, debug, info, warn, error };

/// One named value of a line. Views must live until log() returns.
struct log_field {
    log_field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
    log_field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
    log_field(std::string_view field_name, const std::string& text)
        : name(field_name), value(text) {}
    template <std::integral Number>
    log_field(std::string_view field_name, Number number)
        : name(field_name), owned(fmt::to_string(number)), value(owned), is_number(true) {}
    log_field(const log_field&) = delete;
    log_field& operator=(const log_field&) = delete;

    std::string_view name;
    std::string owned;
    std::string_view value;
    bool is_number = false;
};

/// Begins logging as configured; a file that it makes is readable by its owner only. False if the
/// file cannot be opened (`fault` then says why), and lines go to standard error.
bool open_log(const config::log& settings, std::string& fault);
/// Another word of `log.level`; any thread.
void set_log_level(std::string_view level);
/// Writes out what is buffered.
void flush_log();

/// True if lines of this level are written: for fields that are dear to compute.
[[nodiscard]] bool log_enabled(log_level level);
/// Writes one line. `sentence` says what happened and holds no data.
void log(log_level level, std::string_view sentence, std::initializer_list<log_field> fields = {});

/// A phone number or sender for a log: all but the last three characters become '*', and a short
/// one is hidden whole.
[[nodiscard]] std::string mask(std::string_view address);
/// Words of a carrier with each run of seven and more digits masked likewise.
[[nodiscard]] std::string mask_numbers(std::string_view words);

/// The line's variable part as it stands behind the time and the level, for tests.
[[nodiscard]] std::string format_log_line(bool json, std::string_view sentence,
                                          std::initializer_list<log_field> fields);

}  // namespace hikyaku::gateway::io
