// What a file that was read again changes about the settings that a gateway works with: pure
// functions over two of them, and the words in which a person is told. The settings table says when
// each value takes effect. Called on a reload, on any thread.
#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"

namespace hikyaku::config {

/// Names of [[account]], [[carrier]] or [[route]], each list in the order of its file.
struct name_changes {
    std::vector<std::string> added, changed, removed;
    [[nodiscard]] bool empty() const { return added.empty() && changed.empty() && removed.empty(); }
    bool operator==(const name_changes&) const = default;
};

/// A value that waits for the next start. Both as TOML, secrets masked; empty = not set.
struct restart_need {
    std::string path;  // "store.path", "carrier.alpha.outbind_listen"
    std::string file, running;
    bool operator==(const restart_need&) const = default;
};

struct difference {
    name_changes accounts, carriers, routes;
    std::vector<std::string> rebound;   // those of carriers.changed that are bound to anew
    std::vector<std::string> settings;  // paths of what else is changed: "store.retention"
    std::vector<restart_need> restart;
    /// Nothing is to be applied; something may wait for a restart all the same.
    [[nodiscard]] bool empty() const {
        return accounts.empty() && carriers.empty() && routes.empty() && settings.empty();
    }
    bool operator==(const difference&) const = default;
};

/// Routes that only stand in another order are the setting "route".
[[nodiscard]] difference difference_of(const settings& running, const settings& file);

/// What a gateway works with after the reload: the file's, but as they run where a change needs a
/// restart.
[[nodiscard]] settings settings_to_run(const settings& running, settings file);

/// Whether binds that were made with the one are none of the other. How many there are to be does
/// not count.
[[nodiscard]] bool needs_new_binds(const carrier& running, const carrier& file);

/// One line for each kind of change, each ended by "\n"; "nothing has changed\n" if there is none:
/// accounts: +added ~changed -removed
[[nodiscard]] std::string describe(const difference& what);

}  // namespace hikyaku::config
