#include "store/ids.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>

namespace hikyaku::store {

namespace {

constexpr int node_shift = 12;
constexpr int time_shift = 22;
constexpr std::uint64_t milliseconds_max = (std::uint64_t{1} << 41) - 1;
constexpr std::uint64_t id_max = (std::uint64_t{1} << 63) - 1;

std::uint64_t since_epoch(std::int64_t now) {
    return now <= id_epoch_milliseconds ? 0
                                        : static_cast<std::uint64_t>(now - id_epoch_milliseconds);
}

}  // namespace

id_source::id_source(std::uint32_t node, std::uint64_t last_id)
    : node_(node), milliseconds_(last_id >> time_shift), sequence_(last_id & id_sequence_max) {
    assert(node <= id_node_max);
    assert(last_id <= id_max);
    // An id of a greater node in the same millisecond is greater than all of ours.
    if (id_node(last_id) > node) sequence_ = id_sequence_max;
}

std::uint64_t id_source::next(std::int64_t now) {
    auto current = since_epoch(now);
    if (current > milliseconds_) {
        milliseconds_ = current;
        sequence_ = 0;
    } else if (sequence_ < id_sequence_max) {
        ++sequence_;
    } else {
        ++milliseconds_;
        sequence_ = 0;
    }
    assert(milliseconds_ <= milliseconds_max);
    return (milliseconds_ << time_shift) | (node_ << node_shift) | sequence_;
}

std::int64_t id_milliseconds(std::uint64_t id) {
    return static_cast<std::int64_t>(id >> time_shift) + id_epoch_milliseconds;
}

std::uint32_t id_node(std::uint64_t id) {
    return static_cast<std::uint32_t>(id >> node_shift) & id_node_max;
}

std::uint64_t first_id_at(std::int64_t milliseconds) {
    auto since = since_epoch(milliseconds);
    return since > milliseconds_max ? id_max : since << time_shift;
}

std::string format_id(std::uint64_t id) {
    return std::to_string(id);
}

std::optional<std::uint64_t> parse_id(std::string_view text) {
    if (text.empty() || text.front() == '0' || text.size() > 19) return std::nullopt;
    std::uint64_t id = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size() || id > id_max)
        return std::nullopt;
    return id;
}

}  // namespace hikyaku::store
