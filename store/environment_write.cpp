// The writing half of environment: applying batches, growing the map, backups.
#include <fcntl.h>
#include <fmt/format.h>
#include <lmdb.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>

#include "store/environment.hpp"
#include "store/files.hpp"
#include "store/lmdb_values.hpp"

namespace hikyaku::store {

namespace {

commit_error to_commit_error(int code) {
    switch (code) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return commit_error::disk_full;
        case MDB_MAP_FULL:
            return commit_error::map_limit;
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
            return commit_error::needs_restart;
        default:
            return commit_error::io;
    }
}

// Whether the address space has room for a map of that size. Asked before the old map is given up,
// for LMDB could not go back to it.
bool address_space_for(std::uint64_t bytes) {
    void* at =
        ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (at == MAP_FAILED) return false;
    ::munmap(at, bytes);
    return true;
}

// Pages inside the file that nothing uses: LMDB keeps a list of them for each commit that freed
// some, its length first.
std::uint64_t free_bytes(MDB_txn* transaction, std::uint64_t page_bytes) {
    constexpr MDB_dbi free_pages = 0;
    std::uint64_t pages = 0;
    MDB_cursor* place = nullptr;
    if (mdb_cursor_open(transaction, free_pages, &place) != 0) return 0;
    MDB_val name;
    MDB_val list;
    while (mdb_cursor_get(place, &name, &list, MDB_NEXT) == 0) {
        std::size_t count = 0;
        std::memcpy(&count, list.mv_data, sizeof count);
        pages += count;
    }
    mdb_cursor_close(place);
    return pages * page_bytes;
}

}  // namespace

std::string_view commit_error_name(commit_error error) {
    switch (error) {
        case commit_error::disk_full:
            return "disk full";
        case commit_error::map_limit:
            return "map limit reached";
        case commit_error::io:
            return "disk error";
        case commit_error::needs_restart:
            return "restart needed";
    }
    return "unknown";
}

boost::system::result<void, commit_error> environment::apply(
    std::span<const batch* const> batches) {
    std::lock_guard guard(write_mutex_);
    if (read_only_) {
        if (!takes_writes(path()))
            return is_full(path()) ? commit_error::disk_full : commit_error::io;
        reopen(false);
    }
    if (used_bytes() / 4 >= map_bytes_ / 5) grow();  // 80 %; at the limit it just goes on
    for (;;) {
        int code = apply_once(batches);
        if (code == 0) {
            publish_indexes();
            return {};
        }
        if (code == MDB_MAP_FULL && grow()) continue;
        if (is_dead()) reopen(true);
        return code == EIO && is_full(path()) ? commit_error::disk_full : to_commit_error(code);
    }
}

void environment::write_ahead() {
    std::lock_guard guard(write_mutex_);
    if (read_only_ || !settings_.sync) return;
    auto used = used_bytes();
    auto grown = used - std::exchange(used_bytes_seen_, used);
    // Larger steps pay for the journal themselves, and would write everything twice.
    if (grown == 0 || grown > ahead_bytes / 8 || file_bytes_ >= used + ahead_bytes / 4) return;
    int file = -1;
    struct stat status {};
    if (mdb_env_get_fd(env_, &file) != 0 || ::fstat(file, &status) != 0) return;
    file_bytes_ = static_cast<std::uint64_t>(status.st_size);
    if (file_bytes_ >= used + ahead_bytes / 4) return;
    auto end = std::min(used + ahead_bytes, map_bytes_);
    static constexpr std::array<char, 1 << 16> zeros{};
    while (file_bytes_ < end) {  // behind everything that was ever written
        auto count = std::min<std::uint64_t>(zeros.size(), end - file_bytes_);
        auto done = ::pwrite(file, zeros.data(), count, static_cast<off_t>(file_bytes_));
        if (done <= 0) return;
        file_bytes_ += static_cast<std::uint64_t>(done);
    }
}

bool environment::is_dead() {
    MDB_txn* transaction = nullptr;
    int code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &transaction);
    if (code == 0) mdb_txn_abort(transaction);
    return code == MDB_PANIC;
}

void environment::reopen(bool read_only) {
    std::unique_lock lock(read_mutex_);
    readers_gone_.wait(lock, [this] { return readers_ == 0; });
    close_files();
    read_only_ = read_only;
    auto opened = open_files();
    if (opened) opened = read_only ? find_tables() : open_tables();
    // The files are sound and could be read a moment ago. Without them nothing can be answered;
    // what was answered is on disk, and a new process finds it there.
    if (!opened) std::abort();
    ++reopened_;
    opened_anew_.notify_all();
}

int environment::apply_once(std::span<const batch* const> batches) {
    MDB_txn* transaction = nullptr;
    int code = mdb_txn_begin(env_, nullptr, 0, &transaction);
    if (code != 0) return code;
    // Two cursors a table, for what comes and for what goes: entries that follow each other are
    // found without a search from the root. LMDB closes them with the transaction.
    std::array<MDB_cursor*, 2 * tables_max> cursors{};
    for (auto& index : indexes_)
        index.begin();
    sorted_.clear();
    for (const auto* changes : batches) {
        for (const auto& operation : *changes) {
            if (traits_[static_cast<std::size_t>(operation.which)].sorts)
                sorted_.push_back(operation);
            else
                code = apply_operation(transaction, cursors, operation);
            if (code != 0) {
                mdb_txn_abort(transaction);
                return code;
            }
        }
    }
    code = apply_sorted(transaction, cursors);
    if (code == 0) code = write_indexes(transaction);
    if (code == 0 && settings_.fail_commit) code = settings_.fail_commit();
    if (code != 0) {
        mdb_txn_abort(transaction);
        return code;
    }
    return mdb_txn_commit(transaction);
}

// Those of `sorted_`, each key's last one.
int environment::apply_sorted(MDB_txn* transaction, std::span<MDB_cursor*> cursors) {
    const auto place = [](const batch::operation& of) { return std::tie(of.which, of.key); };
    std::ranges::stable_sort(sorted_, {}, place);
    for (std::size_t i = 0; i < sorted_.size(); ++i) {
        if (i + 1 < sorted_.size() && place(sorted_[i]) == place(sorted_[i + 1])) continue;
        int code = apply_operation(transaction, cursors, sorted_[i]);
        if (code != 0) return code;
    }
    return 0;
}

int environment::apply_operation(MDB_txn* transaction, std::span<MDB_cursor*> cursors,
                                 const batch::operation& operation) {
    auto number = static_cast<std::size_t>(operation.which);
    assert(number < tables_max);
    if (operation.adds) {
        assert(index_places_[number] != 0 && operation.key.size() == index_entry_bytes);
        indexes_[index_places_[number] - 1].add(read_entry(operation.key.data()));
        return 0;
    }
    auto name = as_value(operation.key);
    auto& place = cursors[number + (operation.erases ? tables_max : 0)];
    if (place == nullptr) {
        int code = mdb_cursor_open(transaction, handle_of(operation.which), &place);
        if (code != 0) return code;
    }
    if (operation.erases) {
        int code = mdb_cursor_get(place, &name, nullptr, MDB_SET);
        if (code == 0) return mdb_cursor_del(place, 0);
        return code == MDB_NOTFOUND ? 0 : code;
    }
    auto value = as_value(operation.value);
    if (traits_[number].appends) {
        int code = mdb_cursor_put(place, &name, &value, MDB_APPEND);
        if (code != MDB_KEYEXIST) return code;
        value = as_value(operation.value);
    }
    return mdb_cursor_put(place, &name, &value, 0);
}

std::optional<commit_error> environment::try_disk() {
    if (is_full(path())) return commit_error::disk_full;
    batch attempt;
    attempt.put(meta, "disk_tried", used_bytes());
    const batch* one[] = {&attempt};
    auto done = apply(one);
    return done ? std::nullopt : std::optional(done.error());
}

bool environment::has_room_for(std::uint64_t bytes, bool was_full) {
    auto max = settings_.map_bytes_max;
    {
        std::lock_guard guard(write_mutex_);
        auto used = used_bytes();
        if (used + bytes <= max / 4) return true;  // what has begun cannot need the rest
        max -= std::min(used, max);
    }
    auto* transaction = begin_read();
    auto kept_free = settings_.map_bytes_max / kept_free_share +
                     (was_full ? settings_.map_bytes_max / room_again_share : 0) + bytes;
    MDB_stat status{};
    for (const auto* one : tables_) {
        if (one->traits.bytes_to_finish == 0) continue;
        mdb_stat(transaction, handle_of(one->number), &status);
        kept_free += status.ms_entries * one->traits.bytes_to_finish;
    }
    mdb_env_stat(env_, &status);
    bool room = max >= kept_free || max + free_bytes(transaction, status.ms_psize) >= kept_free;
    end_read(transaction);
    return room;
}

bool environment::grow() {
    return grow_to(map_bytes_ + 1);
}

bool environment::grow_to(std::uint64_t bytes) {
    std::unique_lock lock(read_mutex_);
    auto target = map_bytes_;
    while (target < bytes)
        target *= 2;
    auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    target = std::min(target, settings_.map_bytes_max / page * page);
    if (target <= map_bytes_ || !address_space_for(target)) return false;
    readers_gone_.wait(lock, [this] { return readers_ == 0; });
    for (const auto& each : searches_)
        each->forget();
    int code = mdb_env_set_mapsize(env_, target);
    assert(code == 0);  // no transaction is open and the address space is there
    map_bytes_ = target;
    ++growths_;
    return true;
}

namespace {

boost::system::result<void, backup_failure> copy_to(MDB_env* env, const std::string& target) {
    // The copy goes to a folder of another name first: under its own name there is a whole one or
    // none.
    auto part = target + ".part";
    auto fail = [&](backup_error kind, int code) {
        std::error_code ignored;
        std::filesystem::remove(part + "/data.mdb", ignored);
        std::filesystem::remove(part, ignored);
        return backup_failure{kind,
                              fmt::format("backup {}: failed ({})", target, mdb_strerror(code))};
    };
    if (::mkdir(part.c_str(), 0700) != 0) {
        return backup_failure{
            backup_error::path,
            fmt::format("backup {}: {} cannot be created ({})", target, part, mdb_strerror(errno))};
    }
    if (int code = mdb_env_copy2(env, part.c_str(), MDB_CP_COMPACT); code != 0) {
        bool full = to_commit_error(code) == commit_error::disk_full;
        return fail(full ? backup_error::disk_full : backup_error::io, code);
    }
    if (!sync_path(part + "/data.mdb", O_RDONLY) || !sync_path(part, O_RDONLY | O_DIRECTORY) ||
        ::rename(part.c_str(), target.c_str()) != 0 || !sync_parent(target))
        return fail(backup_error::io, errno);
    return {};
}

bool something_at(const std::string& path) {
    std::error_code error;
    return std::filesystem::exists(std::filesystem::symlink_status(path, error));
}

backup_failure exists_already(const std::string& target) {
    return {backup_error::exists,
            fmt::format("backup {}: exists already; name a new folder", target)};
}

}  // namespace

boost::system::result<void, backup_failure> environment::backup(const std::string& target) {
    if (something_at(target)) return exists_already(target);
    {
        // The map cannot grow while the copy reads it: give the writer room beforehand.
        std::lock_guard guard(write_mutex_);
        grow_to(std::min(used_bytes() * 4, settings_.map_bytes_max));
    }
    {
        std::lock_guard guard(read_mutex_);
        ++readers_;
    }
    auto copied = copy_to(env_, target);
    {
        std::lock_guard guard(read_mutex_);
        if (--readers_ == 0) readers_gone_.notify_all();
    }
    return copied;
}

boost::system::result<void, backup_failure> environment::backup_of(const std::string& path,
                                                                   const std::string& target) {
    if (something_at(target)) return exists_already(target);
    auto fail = [&](int code) {
        return backup_failure{backup_error::path,
                              fmt::format("backup {}: the store {} cannot be read ({})", target,
                                          path, mdb_strerror(code))};
    };
    if (!something_at(path + "/data.mdb")) return fail(ENOENT);
    MDB_env* env = nullptr;
    int code = mdb_env_create(&env);
    if (code == 0) code = mdb_env_open(env, path.c_str(), MDB_RDONLY | MDB_NORDAHEAD, 0600);
    auto copied =
        code == 0 ? copy_to(env, target) : boost::system::result<void, backup_failure>{fail(code)};
    if (env != nullptr) mdb_env_close(env);
    return copied;
}

}  // namespace hikyaku::store
