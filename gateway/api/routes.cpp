#include "gateway/api/routes.hpp"

#include <algorithm>

#include "gateway/api/answers.hpp"
#include "gateway/api/target.hpp"

namespace hikyaku::gateway::api {
namespace {

/// The pieces between the slashes of a path, one after the other.
class pieces {
public:
    explicit pieces(std::string_view path) : rest_(path) {}
    [[nodiscard]] bool at_end() const { return at_end_; }
    std::string_view take() {
        const auto slash = rest_.find('/');
        const auto piece = rest_.substr(0, slash);
        at_end_ = slash == std::string_view::npos;
        rest_.remove_prefix(at_end_ ? rest_.size() : slash + 1);
        return piece;
    }

private:
    std::string_view rest_;
    bool at_end_ = false;
};

/// One piece of a pattern against one decoded piece of a path: "messages", "{id}", "{name}:pause".
bool piece_matches(std::string_view pattern, std::string_view piece, std::string* value) {
    if (!pattern.starts_with('{')) return pattern == piece;
    const std::string_view behind = pattern.substr(pattern.find('}') + 1);
    if (!piece.ends_with(behind) || piece.size() == behind.size()) return false;
    piece.remove_suffix(behind.size());
    if (behind.empty() && piece.find(':') != std::string_view::npos) return false;
    value->assign(piece);
    return true;
}

bool takes_type(const route_line& line, std::string_view content_type) {
    if (line.takes.empty() || content_type.empty()) return true;
    const std::string_view type = media_type(content_type);
    return std::ranges::any_of(
        line.takes, [type](std::string_view each) { return equal_ignoring_case(each, type); });
}

}  // namespace

std::string_view name_of(role what) {
    constexpr std::array<std::string_view, 4> names{"nobody", "submit", "read", "admin"};
    return names[static_cast<std::size_t>(what)];
}

bool matches(std::string_view pattern, std::string_view path, path_values& values) {
    const bool plain = path.find('%') == std::string_view::npos;
    const std::string_view constant = pattern.substr(0, pattern.find('{'));
    if (plain && constant.size() == pattern.size()) return pattern == path;
    if (plain && !path.starts_with(constant)) return false;
    pieces wanted_pieces(pattern);
    pieces given_pieces(path);
    std::size_t next = 0;
    while (!wanted_pieces.at_end() && !given_pieces.at_end()) {
        const auto wanted = wanted_pieces.take();
        const auto given = given_pieces.take();
        std::string* const value = wanted.starts_with('{') ? &values[next++] : nullptr;
        const bool encoded = given.find('%') != std::string_view::npos;
        const auto decoded = encoded ? decode_percent(given) : std::optional<std::string>();
        if (encoded && !decoded) return false;
        if (!piece_matches(wanted, encoded ? std::string_view(*decoded) : given, value))
            return false;
    }
    return wanted_pieces.at_end() && given_pieces.at_end();
}

bool route_search::is(const route_line& line, path_values& values) {
    if (!matches(line.pattern, path_, values)) return false;
    const bool get = line.method == "GET";
    if (request_.method != line.method && !(get && request_.method == "HEAD")) {
        const std::string_view name = get ? "GET, HEAD" : line.method;
        allowed_.append(allowed_.empty() ? "" : ", ").append(name);
        return false;
    }
    if (takes_type(line, request_.header("Content-Type"))) return true;
    wrong_type_ = true;
    return false;
}

http_response route_search::refusal() const {
    if (wrong_type_) return refuse(problem_code::media_type_unsupported);
    if (!allowed_.empty()) return refuse_method(allowed_);
    return refuse(problem_code::no_such_resource);
}

}  // namespace hikyaku::gateway::api
