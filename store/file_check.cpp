#include "store/file_check.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

namespace hikyaku::store {

namespace {

// Offsets in the file's structures, in bytes.
constexpr std::size_t page_header_bytes = 16;
constexpr std::size_t page_flags_at = 10;
constexpr std::size_t page_lower_at = 12;  // of an overflow page: its number of pages, 32 bits
constexpr std::size_t page_upper_at = 14;
constexpr std::size_t meta_magic_at = 16;
constexpr std::size_t meta_version_at = 20;
constexpr std::size_t meta_page_size_at = 40;
constexpr std::size_t meta_free_root_at = 80;
constexpr std::size_t meta_main_root_at = 128;
constexpr std::size_t meta_last_page_at = 136;
constexpr std::size_t meta_transaction_at = 144;
constexpr std::size_t meta_bytes = 152;
constexpr std::size_t node_header_bytes = 8;
constexpr std::size_t table_record_bytes = 48;
constexpr std::size_t table_root_at = 40;

constexpr std::uint32_t meta_magic = 0xBEEFC0DE;
constexpr std::uint32_t data_version = 1;
constexpr std::uint16_t branch_flag = 0x01;
constexpr std::uint16_t leaf_flag = 0x02;
constexpr std::uint16_t overflow_flag = 0x04;
constexpr std::uint16_t meta_flag = 0x08;
constexpr std::uint16_t node_big_flag = 0x01;
constexpr std::uint16_t node_table_flag = 0x02;
constexpr std::uint64_t no_page = ~std::uint64_t{0};
constexpr int depth_max = 32;  // LMDB's CURSOR_STACK

template <class Number>
Number number_at(const std::vector<char>& bytes, std::size_t at) {
    Number number;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

bool read_at(int file, std::vector<char>& into, std::uint64_t at) {
    std::size_t done = 0;
    while (done < into.size()) {
        auto got =
            ::pread(file, into.data() + done, into.size() - done, static_cast<off_t>(at + done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        done += static_cast<std::size_t>(got);
    }
    return true;
}

struct header {
    std::uint64_t page_bytes = 0;
    std::uint64_t free_root = no_page;
    std::uint64_t main_root = no_page;
    std::uint64_t last_page = 0;
    std::uint64_t transaction = 0;
};

file_state read_meta(int file, std::uint64_t at, std::uint64_t file_bytes, header& into) {
    if (file_bytes < at + meta_bytes) return file_state::not_lmdb;
    std::vector<char> bytes(meta_bytes);
    if (!read_at(file, bytes, at)) return file_state::unreadable;
    if ((number_at<std::uint16_t>(bytes, page_flags_at) & meta_flag) == 0 ||
        number_at<std::uint32_t>(bytes, meta_magic_at) != meta_magic)
        return file_state::not_lmdb;
    if (number_at<std::uint32_t>(bytes, meta_version_at) != data_version)
        return file_state::other_version;
    into.page_bytes = number_at<std::uint32_t>(bytes, meta_page_size_at);
    into.free_root = number_at<std::uint64_t>(bytes, meta_free_root_at);
    into.main_root = number_at<std::uint64_t>(bytes, meta_main_root_at);
    into.last_page = number_at<std::uint64_t>(bytes, meta_last_page_at);
    into.transaction = number_at<std::uint64_t>(bytes, meta_transaction_at);
    bool power_of_two = (into.page_bytes & (into.page_bytes - 1)) == 0;
    bool sane = power_of_two && into.page_bytes >= 256 && into.page_bytes <= 65536 &&
                into.last_page >= 1 && into.last_page < (std::uint64_t{1} << 47);
    return sane ? file_state::sound : file_state::broken;
}

// The header in force: of the two meta pages the one with the later transaction.
file_state read_header(int file, std::uint64_t file_bytes, header& into) {
    header first;
    if (auto state = read_meta(file, 0, file_bytes, first); state != file_state::sound)
        return state;
    header second;
    auto state = read_meta(file, first.page_bytes, file_bytes, second);
    if (state != file_state::sound)
        return state == file_state::not_lmdb ? file_state::broken : state;
    if (second.page_bytes != first.page_bytes) return file_state::broken;
    into = second.transaction > first.transaction ? second : first;
    return file_state::sound;
}

class page_walk {
public:
    page_walk(int file, const header& from, std::uint64_t file_bytes, bool whole)
        : file_(file),
          page_bytes_(from.page_bytes),
          last_page_(from.last_page),
          file_pages_(file_bytes / from.page_bytes),
          whole_(whole) {}

    // `descend`: look at the pages below the root as well.
    file_state tree(std::uint64_t root, bool descend, int depth = 0) {
        if (root == no_page) return file_state::sound;
        if (depth >= depth_max || root < 2 || root > last_page_) return file_state::broken;
        if (root >= file_pages_) return file_state::cut_short;
        std::vector<char> page(page_bytes_);
        if (!read_at(file_, page, root * page_bytes_)) return file_state::unreadable;
        auto flags = number_at<std::uint16_t>(page, page_flags_at);
        auto lower = number_at<std::uint16_t>(page, page_lower_at);
        auto upper = number_at<std::uint16_t>(page, page_upper_at);
        bool sane = number_at<std::uint64_t>(page, 0) == root &&
                    (flags == branch_flag || flags == leaf_flag) && lower > page_header_bytes &&
                    lower <= upper && upper <= page_bytes_ && lower % 2 == 0;
        if (!sane) return file_state::broken;
        for (std::size_t at = page_header_bytes; at < lower; at += 2) {
            auto node = number_at<std::uint16_t>(page, at);
            if (node < upper || node + node_header_bytes > page_bytes_) return file_state::broken;
            auto state = flags == branch_flag ? branch_node(page, node, descend, depth)
                                              : leaf_node(page, node, depth);
            if (state != file_state::sound) return state;
        }
        return file_state::sound;
    }

private:
    file_state branch_node(const std::vector<char>& page, std::size_t at, bool descend, int depth) {
        if (!descend) return file_state::sound;
        std::uint64_t child = number_at<std::uint16_t>(page, at) |
                              std::uint64_t{number_at<std::uint16_t>(page, at + 2)} << 16 |
                              std::uint64_t{number_at<std::uint16_t>(page, at + 4)} << 32;
        return tree(child, descend, depth + 1);
    }

    file_state leaf_node(const std::vector<char>& page, std::size_t at, int depth) {
        auto flags = number_at<std::uint16_t>(page, at + 4);
        std::uint64_t value_bytes = number_at<std::uint16_t>(page, at) |
                                    std::uint64_t{number_at<std::uint16_t>(page, at + 2)} << 16;
        auto value_at = at + node_header_bytes + number_at<std::uint16_t>(page, at + 6);
        bool big = (flags & node_big_flag) != 0;
        if (value_at + (big ? sizeof(std::uint64_t) : value_bytes) > page_bytes_)
            return file_state::broken;
        if (big)
            return whole_ ? overflow(number_at<std::uint64_t>(page, value_at)) : file_state::sound;
        if ((flags & node_table_flag) == 0) return file_state::sound;
        if (value_bytes != table_record_bytes) return file_state::broken;
        return tree(number_at<std::uint64_t>(page, value_at + table_root_at), whole_, depth + 1);
    }

    file_state overflow(std::uint64_t first) {
        if (first < 2 || first > last_page_) return file_state::broken;
        if (first >= file_pages_) return file_state::cut_short;
        std::vector<char> start(page_header_bytes);
        if (!read_at(file_, start, first * page_bytes_)) return file_state::unreadable;
        std::uint64_t pages = number_at<std::uint32_t>(start, page_lower_at);
        if (number_at<std::uint64_t>(start, 0) != first ||
            number_at<std::uint16_t>(start, page_flags_at) != overflow_flag || pages == 0 ||
            first + pages - 1 > last_page_)
            return file_state::broken;
        return first + pages > file_pages_ ? file_state::cut_short : file_state::sound;
    }

    int file_;
    std::uint64_t page_bytes_;
    std::uint64_t last_page_;
    std::uint64_t file_pages_;
    bool whole_;
};

}  // namespace

file_state check_file(int file, check_depth depth, std::uint64_t& file_bytes) {
    struct stat status {};
    if (::fstat(file, &status) != 0) return file_state::unreadable;
    auto present = static_cast<std::uint64_t>(status.st_size);
    header found;
    if (auto state = read_header(file, present, found); state != file_state::sound) return state;
    file_bytes = (found.last_page + 1) * found.page_bytes;
    bool whole = depth == check_depth::whole || present < file_bytes;
    page_walk walk(file, found, present, whole);
    if (auto state = walk.tree(found.free_root, whole); state != file_state::sound) return state;
    return walk.tree(found.main_root, true);
}

}  // namespace hikyaku::store
