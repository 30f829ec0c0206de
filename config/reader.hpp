// Walks the document along the settings table: finds unknown keys, reads each value into its
// struct member, replaces ${NAME}, reads `*_file` secrets, and collects every fault and warning
// with its place. One object per load, used by load.cpp, the tables and the cross checks.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/document.hpp"
#include "config/load.hpp"
#include "config/settings.hpp"
#include "config/table.hpp"

namespace hikyaku::config {

/// Of the keys that name a file with the secret: `password_file`.
inline constexpr std::string_view file_suffix = "_file";

class reader {
public:
    reader(std::string file, const sources& from) : file_(std::move(file)), from_(from) {}

    /// Reads all members of a table into `object`, which is of the type of `what`. `path` is
    /// "account[0]", empty for the root.
    void read_table(const section& what, const node& table, const std::string& path, void* object);

    /// The text with ${NAME} replaced; a fault and empty when it is no text or cannot be expanded.
    std::optional<std::string> text_of(const value& v);
    /// The same for whole numbers and true/false, which may also come from "${NAME}".
    std::optional<std::int64_t> integer_of(const value& v);
    std::optional<bool> flag_of(const value& v);
    /// True if the value is of the kind `is`; else a fault "must be <form>".
    bool expect(const value& v, node::kind is, std::string_view form);
    [[nodiscard]] std::optional<std::uint32_t> status_of_name(std::string_view name) const;

    /// A fault if everybody on the machine may write `file`, a warning if it is `secret` and
    /// everybody may read it. `v` is where it is named.
    void check_file(const value& v, const std::string& file, bool secret);
    /// A fault if everybody on the machine may write the configuration itself.
    void check_own_file();
    /// The permissions of the configuration itself if everybody on the machine may read it.
    [[nodiscard]] std::optional<unsigned> own_file_open() const;

    /// "'burst' in [[account]] <predicate>", at the place of the value.
    void wrong(const value& v, std::string_view predicate, std::string suggestion = {});
    /// A whole sentence, at the place where `path` (or the nearest thing around it) was written.
    void fault_at(const std::string& path, std::string sentence, std::string suggestion = {});
    void warn_at(const std::string& path, std::string sentence);

    [[nodiscard]] std::size_t fault_count() const { return faults_.size(); }
    /// True if the key was written in the file, even with a wrong value.
    [[nodiscard]] bool seen(const std::string& path) const { return places_.contains(path); }
    /// True if a fault was reported for the value at `path` or something inside it.
    [[nodiscard]] bool has_fault_at(const std::string& path) const;
    /// The paths of secrets that stand in the file itself, not in another or a variable, by line.
    [[nodiscard]] std::vector<std::string> in_the_open() const;

    /// Sorted by line; the reader is empty afterwards.
    [[nodiscard]] faults take_faults();
    [[nodiscard]] faults take_warnings();

private:
    void read_member(const section& what, const member& entry, const std::string& path,
                     void* object);
    void read_secret_file(const section& what, const setting& target, const member& entry,
                          const std::string& path, void* object);
    void note_secret(const node& written, const std::string& path);
    [[nodiscard]] position place_of(std::string path) const;

    std::string file_;
    const sources& from_;
    faults faults_;
    faults warnings_;
    std::map<std::string, position> places_;
    std::set<std::string> open_;
};

}  // namespace hikyaku::config
