// What the tests of the configuration share: sources that touch neither the environment nor the
// disk, and a short way to load a text.
#pragma once

#include <map>
#include <string>

#include "config/load.hpp"

namespace hikyaku::config::test {

struct world {
    std::map<std::string, std::string, std::less<>> variables;
    std::map<std::string, std::string, std::less<>> files;

    [[nodiscard]] sources as_sources() const {
        sources from;
        from.environment = [this](std::string_view name) { return look_up(variables, name); };
        from.read_file = [this](const std::string& path) { return look_up(files, path); };
        from.status_of_name = [](std::string_view name) -> std::optional<std::uint32_t> {
            static const std::map<std::string, std::uint32_t, std::less<>> names{
                {"ESME_RINVDSTADR", 0x0B},
                {"ESME_RSYSERR", 0x08},
                {"ESME_RSUBMITFAIL", 0x45},
                {"ESME_RTHROTTLED", 0x58}};
            const auto found = names.find(name);
            return found == names.end() ? std::nullopt : std::optional{found->second};
        };
        return from;
    }

    [[nodiscard]] load_result load(std::string_view text) const {
        const sources from = as_sources();
        return load_text(text, "test.toml", from);
    }
    /// The faults as they are shown, or "" when there is none.
    [[nodiscard]] std::string faults_of(std::string_view text) const {
        const auto result = load(text);
        return result ? std::string{} : describe(result.error());
    }
    [[nodiscard]] std::string warnings_of(std::string_view text) const {
        const auto result = load(text);
        return result ? describe(result->warnings) : describe(result.error());
    }

private:
    static std::optional<std::string> look_up(
        const std::map<std::string, std::string, std::less<>>& in, std::string_view key) {
        const auto found = in.find(key);
        return found == in.end() ? std::nullopt : std::optional{found->second};
    }
};

}  // namespace hikyaku::config::test
