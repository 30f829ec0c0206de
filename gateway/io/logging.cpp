#include "gateway/io/logging.hpp"

#include <fcntl.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "gateway/engine/submission/numbers.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::io {
namespace {

// Set once by open_log(); before that lines go to spdlog's own default logger as text.
bool json_lines = false;

constexpr const char* text_pattern = "%Y-%m-%dT%H:%M:%S.%e%z %-5l %v";
constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})";

spdlog::level::level_enum to_spdlog(log_level level) {
    switch (level) {
        case log_level::trace:
            return spdlog::level::trace;
        case log_level::debug:
            return spdlog::level::debug;
        case log_level::info:
            return spdlog::level::info;
        case log_level::warn:
            return spdlog::level::warn;
        case log_level::error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

spdlog::level::level_enum level_of(std::string_view name) {
    if (name == "trace") return spdlog::level::trace;
    if (name == "debug") return spdlog::level::debug;
    if (name == "warn") return spdlog::level::warn;
    if (name == "error") return spdlog::level::err;
    return spdlog::level::info;
}

/// What a terminal or a reader of lines may act on instead of showing it: controls, line and
/// paragraph separators, marks without width, and those that turn the direction of what follows.
bool is_hidden(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || c == 0x61C ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == smpp::text::byte_order_mark ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

void append_escape(std::string& into, char32_t c) {
    const auto put = [&into](unsigned unit) {
        fmt::format_to(std::back_inserter(into), "\\u{:04x}", unit);
    };
    if (c < 0x10000) return put(c);
    put(0xD800 + ((c - 0x10000) >> 10));
    put(0xDC00 + ((c - 0x10000) & 0x3FF));
}

/// A JSON string that is one line whatever a peer has written, in both formats.
void append_quoted(std::string& into, std::string_view text) {
    std::string mended(text);
    smpp::text::mend_utf8(mended);
    into += '"';
    for (std::size_t at = 0; at < mended.size();) {
        const auto [character, bytes] = smpp::text::decode_utf8(mended, at);
        if (is_hidden(character)) {
            append_escape(into, character);
        } else {
            if (character == '"' || character == '\\') into += '\\';
            into.append(mended, at, bytes);
        }
        at += bytes;
    }
    into += '"';
}

bool needs_quotes(std::string_view text) {
    if (text.empty()) return true;
    for (char character : text) {
        auto byte = static_cast<unsigned char>(character);
        if (byte <= 0x20 || byte >= 0x7F || byte == '"' || byte == '\\' || byte == '=') return true;
    }
    return false;
}

// A new log file is the owner's alone; one that exists keeps its permissions. What fails here fails
// again when it is opened, and is told then.
void make_private(const std::string& file) {
    std::error_code ignored;
    const auto folder = std::filesystem::path(file).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
    const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made >= 0) ::close(made);
}

}  // namespace

std::string format_log_line(bool json, std::string_view sentence,
                            std::initializer_list<log_field> fields) {
    std::string line;
    if (json) {
        line += "\"message\":";
        append_quoted(line, sentence);
    } else {
        line += sentence;
    }
    for (const auto& field : fields) {
        if (json) {
            line += ',';
            append_quoted(line, field.name);
            line += ':';
        } else {
            line += ' ';
            line += field.name;
            line += '=';
        }
        if (field.is_number || (!json && !needs_quotes(field.value)))
            line += field.value;
        else
            append_quoted(line, field.value);
    }
    return line;
}

bool open_log(const config::log& settings, std::string& fault) {
    bool opened = true;
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (!settings.file.empty()) {
        make_private(settings.file);
        try {
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file);
        } catch (const spdlog::spdlog_ex& error) {
            fault = error.what();
            opened = false;
        }
    }
    if (!sink) sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    json_lines = settings.format == "json";
    auto logger = std::make_shared<spdlog::logger>("hikyaku", std::move(sink));
    logger->set_level(level_of(settings.level));
    logger->set_pattern(json_lines ? json_pattern : text_pattern);
    logger->flush_on(spdlog::level::info);
    spdlog::set_default_logger(std::move(logger));
    return opened;
}

void set_log_level(std::string_view level) {
    spdlog::default_logger_raw()->set_level(level_of(level));
}

void flush_log() {
    spdlog::default_logger_raw()->flush();
}

bool log_enabled(log_level level) {
    return spdlog::default_logger_raw()->should_log(to_spdlog(level));
}

void log(log_level level, std::string_view sentence, std::initializer_list<log_field> fields) {
    if (!log_enabled(level)) return;
    const auto line = format_log_line(json_lines, sentence, fields);
    spdlog::default_logger_raw()->log(to_spdlog(level), spdlog::string_view_t(line));
}

std::string mask(std::string_view address) {
    return mask_address(address);
}

std::string mask_numbers(std::string_view words) {
    constexpr std::size_t digits_min = 7;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    std::string out;
    for (std::size_t at = 0; at < words.size();) {
        auto end = at;
        while (end < words.size() && is_digit(words[end]))
            ++end;
        if (end == at) {
            out.push_back(words[at++]);
            continue;
        }
        const auto digits = words.substr(at, end - at);
        out += digits.size() < digits_min ? std::string(digits) : mask_address(digits);
        at = end;
    }
    return out;
}

}  // namespace hikyaku::gateway::io
