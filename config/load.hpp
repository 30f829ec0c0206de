// Loads the configuration: TOML text to validated settings, or every fault that is in it in one
// go, each with its line. It reads the file itself, environment variables named in it and files
// named by `*_file` keys, all through `sources` so that tests need neither. Called once at the
// start by the program and by its `check` subcommand, on the main thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/document.hpp"
#include "config/settings.hpp"
#include "config/values.hpp"

namespace hikyaku::config {

/// Something wrong (or, as a warning, unwise) in the file, in words for the person who wrote it.
struct fault {
    std::string file;
    position at;             // line 0: the file as a whole
    std::string path;        // "account[0].rate.burst"; empty for a syntax fault
    std::string sentence;    // without full stop
    std::string suggestion;  // the nearest known key or word; empty = none
    bool operator==(const fault&) const = default;
};
using faults = std::vector<fault>;

/// Where values outside of the file come from. What is empty is not asked: no variable is set, no
/// file can be read or judged, no status name is known (numbers always are).
struct sources {
    environment_lookup environment;
    /// Content of a small file, or empty when it cannot be read.
    std::function<std::optional<std::string>(const std::string& path)> read_file;
    /// The permissions of a regular file, as chmod has them; empty when there is none.
    std::function<std::optional<unsigned>(const std::string& path)> file_mode;
    /// "ESME_RTHROTTLED" to 0x58. This layer does not know SMPP; the caller passes its table.
    std::function<std::optional<std::uint32_t>(std::string_view)> status_of_name;
    /// What is wrong with an account's rules about replies beyond their form, as their patterns.
    std::function<std::optional<reply_rules_fault>(const reply_rules&)> check_reply_rules;
};

/// getenv, the file system (files up to 4 MiB) and the given table of status names.
[[nodiscard]] sources system_sources(
    std::function<std::optional<std::uint32_t>(std::string_view)> status_of_name);

struct loaded {
    settings values;
    faults warnings;  // allowed, but worth a line in the log: no route, a password in the file
};
/// Faults are never empty and sorted by line. error() of this Boost returns a copy: keep it in a
/// variable before taking references into it.
using load_result = boost::system::result<loaded, faults>;

/// `file_name` is only what faults are reported under.
[[nodiscard]] load_result load_text(std::string_view text, std::string file_name,
                                    const sources& from);

/// Reads `path` with `from.read_file`. Relative paths, also those inside the file, are relative to
/// the working directory of the process.
[[nodiscard]] load_result load_file(const std::string& path, const sources& from);

/// One line per fault, each ended by "\n":
/// demo.toml:12: unknown key 'pasword' in [[account]]; did you mean 'password'?
[[nodiscard]] std::string describe(const faults& list);

}  // namespace hikyaku::config
