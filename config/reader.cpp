#include "config/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "config/nearest.hpp"
#include "config/values.hpp"

namespace hikyaku::config {
namespace {

constexpr unsigned others_read = 04, others_write = 02;

const setting* find(const section& what, std::string_view key) {
    const auto found = std::ranges::find(what.settings, key, &setting::key);
    return found == what.settings.end() ? nullptr : &*found;
}

/// The secret that a `<key>_file` stands for.
const setting* find_secret_of_file(const section& what, std::string_view key) {
    if (!key.ends_with(file_suffix)) return nullptr;
    key.remove_suffix(file_suffix.size());
    const setting* found = find(what, key);
    return found && found->secret ? found : nullptr;
}

std::string join(const std::string& path, std::string_view key) {
    return path.empty() ? std::string{key} : fmt::format("{}.{}", path, key);
}

std::string nearest_key(const section& what, std::string_view key) {
    std::vector<std::string> file_keys;
    for (const setting& each : what.settings)
        if (each.secret) file_keys.push_back(fmt::format("{}{}", each.key, file_suffix));
    std::vector<std::string_view> known;
    for (const setting& each : what.settings)
        known.push_back(each.key);
    known.insert(known.end(), file_keys.begin(), file_keys.end());
    return nearest(key, known);
}

/// Lines of a file of secrets: blank lines and those that begin with "#" do not count.
std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty() && line.front() != '#') lines.emplace_back(line);
    }
    return lines;
}

faults sorted(faults list) {
    std::ranges::stable_sort(list, {}, &fault::at);
    return list;
}

/// "'burst' in [[account]]". A secret file's own key is what the reader of it has to look for.
std::string title_of(const value& v) {
    const auto dot = v.path.rfind('.');
    std::string key = dot == std::string::npos ? v.path : v.path.substr(dot + 1);
    key = key.substr(0, key.find('['));
    const std::string where = v.heading.empty() ? "" : fmt::format(" in {}", v.heading);
    return fmt::format("'{}'{}", key, where);
}

node text_node(std::string text, position at, bool from_file) {
    node made;
    made.type = node::kind::text;
    made.at = at;
    made.text = std::move(text);
    made.from_file = from_file;
    return made;
}

}  // namespace

void reader::read_table(const section& what, const node& table, const std::string& path,
                        void* object) {
    if (!path.empty()) places_.emplace(path, table.at);
    for (const member& entry : table.members)
        read_member(what, entry, path, object);
    for (const setting& each : what.settings) {
        const std::string key_path = join(path, each.key);
        if (each.required && !seen(key_path) && !seen(key_path + std::string{file_suffix}))
            fault_at(path, fmt::format("{} needs '{}'", what.heading, each.key));
        if (each.secret && seen(key_path) && seen(key_path + std::string{file_suffix}))
            fault_at(key_path + std::string{file_suffix},
                     fmt::format("'{0}' and '{0}_file' in {1} exclude each other", each.key,
                                 what.heading));
    }
}

void reader::read_member(const section& what, const member& entry, const std::string& path,
                         void* object) {
    const std::string key_path = join(path, entry.key);
    places_[key_path] = entry.at;
    if (const setting* found = find(what, entry.key)) {
        if (found->secret) note_secret(entry.value, key_path);
        found->read(*this, value{entry.value, *found, what.heading, key_path}, object);
    } else if (const setting* target = find_secret_of_file(what, entry.key)) {
        read_secret_file(what, *target, entry, path, object);
    } else {
        const std::string_view where = what.heading.empty() ? "the file" : what.heading;
        fault_at(key_path, fmt::format("unknown key '{}' in {}", entry.key, where),
                 nearest_key(what, entry.key));
    }
}

void reader::read_secret_file(const section& what, const setting& target, const member& entry,
                              const std::string& path, void* object) {
    const std::string key_path = join(path, target.key);
    const std::string file_path = key_path + std::string{file_suffix};
    const auto refuse = [&](std::string_view predicate) {
        fault_at(file_path, fmt::format("'{}' in {} {}", entry.key, what.heading, predicate));
    };
    const auto name = text_of(value{entry.value, target, what.heading, file_path});
    if (!name) return;
    auto content = from_.read_file ? from_.read_file(*name) : std::nullopt;
    if (!content) return refuse(fmt::format("cannot be read: {}", in_quotes(*name)));
    while (!content->empty() && (content->back() == '\n' || content->back() == '\r'))
        content->pop_back();
    if (content->empty()) return refuse(fmt::format("is empty: {}", in_quotes(*name)));
    check_file(value{entry.value, target, what.heading, file_path}, *name, true);
    node made = text_node(*content, entry.at, true);
    if (target.list) {
        made.type = node::kind::list;
        for (std::string& line : lines_of(*content))
            made.items.push_back(text_node(std::move(line), entry.at, true));
    }
    target.read(*this, value{made, target, what.heading, file_path}, object);
}

void reader::note_secret(const node& written, const std::string& path) {
    const auto literal = [](const node& each) {
        return each.type == node::kind::text && each.text.find("${") == std::string::npos;
    };
    if (literal(written) || std::ranges::any_of(written.items, literal)) open_.insert(path);
}

std::optional<std::string> reader::text_of(const value& v) {
    if (v.written.type != node::kind::text) {
        wrong(v, "must be a text in quotes");
        return std::nullopt;
    }
    if (v.written.from_file) return v.written.text;
    auto expanded = expand(v.written.text, from_.environment);
    if (!expanded) {
        wrong(v, expanded.error());
        return std::nullopt;
    }
    return std::move(*expanded);
}

std::optional<std::int64_t> reader::integer_of(const value& v) {
    if (v.written.type == node::kind::integer) return v.written.integer;
    if (v.written.type == node::kind::text && v.written.text.find("${") != std::string::npos) {
        const auto text = text_of(v);
        if (!text) return std::nullopt;
        std::int64_t number = 0;
        const auto [end, error] =
            std::from_chars(text->data(), text->data() + text->size(), number);
        if (error == std::errc{} && end == text->data() + text->size()) return number;
    }
    wrong(v, "must be a whole number");
    return std::nullopt;
}

std::optional<bool> reader::flag_of(const value& v) {
    if (v.written.type == node::kind::flag) return v.written.flag;
    if (v.written.type == node::kind::text && v.written.text.find("${") != std::string::npos) {
        const auto text = text_of(v);
        if (!text) return std::nullopt;
        if (*text == "true" || *text == "false") return *text == "true";
    }
    wrong(v, "must be true or false, without quotes");
    return std::nullopt;
}

bool reader::expect(const value& v, node::kind is, std::string_view form) {
    if (v.written.type == is) return true;
    wrong(v, fmt::format("must be {}", form));
    return false;
}

std::optional<std::uint32_t> reader::status_of_name(std::string_view name) const {
    return from_.status_of_name ? from_.status_of_name(name) : std::nullopt;
}

void reader::check_file(const value& v, const std::string& file, bool secret) {
    const auto mode = from_.file_mode ? from_.file_mode(file) : std::nullopt;
    if (!mode) return;  // whoever opens it will say so
    const auto names = [&](std::string_view right) {
        return fmt::format("{} names {}, which everybody on this machine can {} (mode {:04o})",
                           title_of(v), in_quotes(file), right, *mode);
    };
    if ((*mode & others_write) != 0)
        faults_.push_back({file_, v.written.at, v.path, names("write"), {}});
    else if (secret && (*mode & others_read) != 0)
        warnings_.push_back({file_, v.written.at, v.path, names("read"), {}});
}

void reader::check_own_file() {
    const auto mode = from_.file_mode ? from_.file_mode(file_) : std::nullopt;
    if (mode && (*mode & others_write) != 0)
        fault_at({},
                 fmt::format("everybody on this machine can write this file (mode {:04o})", *mode));
}

std::optional<unsigned> reader::own_file_open() const {
    const auto mode = from_.file_mode ? from_.file_mode(file_) : std::nullopt;
    return mode && (*mode & others_read) != 0 ? mode : std::nullopt;
}

std::vector<std::string> reader::in_the_open() const {
    std::vector<std::string> paths(open_.begin(), open_.end());
    std::ranges::stable_sort(paths, {}, [this](const std::string& path) { return place_of(path); });
    return paths;
}

void reader::wrong(const value& v, std::string_view predicate, std::string suggestion) {
    faults_.push_back({file_, v.written.at, v.path, fmt::format("{} {}", title_of(v), predicate),
                       std::move(suggestion)});
}

position reader::place_of(std::string path) const {
    while (true) {
        if (const auto found = places_.find(path); found != places_.end()) return found->second;
        const auto cut = path.find_last_of(".[");
        if (cut == std::string::npos) return {};
        path.resize(cut);
    }
}

void reader::fault_at(const std::string& path, std::string sentence, std::string suggestion) {
    faults_.push_back({file_, place_of(path), path, std::move(sentence), std::move(suggestion)});
}

void reader::warn_at(const std::string& path, std::string sentence) {
    warnings_.push_back({file_, place_of(path), path, std::move(sentence), {}});
}

bool reader::has_fault_at(const std::string& path) const {
    return std::ranges::any_of(
        faults_,
        [&](const fault& each) {
            return each.path.starts_with(path) &&
                   (each.path.size() == path.size() || each.path[path.size()] == '.' ||
                    each.path[path.size()] == '[');
        });
}

faults reader::take_faults() {
    return sorted(std::exchange(faults_, {}));
}

faults reader::take_warnings() {
    return sorted(std::exchange(warnings_, {}));
}

}  // namespace hikyaku::config
