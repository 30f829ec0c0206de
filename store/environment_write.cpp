// The writing half of environment: applying batches, growing the map, backups.
#include <fcntl.h>
#include <fmt/format.h>
#include <lmdb.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "store/environment.hpp"

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
        case MDB_PANIC:
        case MDB_CORRUPTED:
        case MDB_PAGE_NOTFOUND:
            return commit_error::needs_restart;
        default:
            return commit_error::io;
    }
}

// Tables whose keys come almost in order: LMDB then fills pages instead of splitting them in
// halves.
bool grows_at_the_end(table which) {
    return which == table::messages || which == table::hits;
}

MDB_val as_value(std::string_view bytes) {
    return {bytes.size(), const_cast<char*>(bytes.data())};
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

// LMDB calls a write that was cut short EIO; mostly the disk is full then. Asked by reserving a
// little.
bool is_full(const std::string& path) {
    constexpr off_t little = 1 << 20;
    struct stat status {};
    rlimit limit{};
    if (::stat((path + "/data.mdb").c_str(), &status) == 0 &&
        ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        static_cast<rlim_t>(status.st_size + little) > limit.rlim_cur) {
        return true;
    }
    auto name = path + "/probe";
    int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return errno == ENOSPC || errno == EDQUOT;
    int code = ::posix_fallocate(file, 0, little);
    ::close(file);
    ::unlink(name.c_str());
    return code == ENOSPC || code == EDQUOT;
}

bool sync_path(const std::string& path, int flags) {
    int file = ::open(path.c_str(), flags | O_CLOEXEC);
    if (file < 0) return false;
    bool done = ::fsync(file) == 0;
    ::close(file);
    return done;
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
    if (used_bytes() / 4 >= map_bytes_ / 5) grow();  // 80 %; at the limit it just goes on
    for (;;) {
        int code = apply_once(batches);
        if (code == 0) return {};
        if (code == MDB_MAP_FULL && grow()) continue;
        return code == EIO && is_full(path()) ? commit_error::disk_full : to_commit_error(code);
    }
}

int environment::apply_once(std::span<const batch* const> batches) {
    MDB_txn* transaction = nullptr;
    int code = mdb_txn_begin(env_, nullptr, 0, &transaction);
    if (code != 0) return code;
    // One cursor a table: entries that follow each other are found without a search from the root.
    // LMDB closes them with the transaction.
    std::array<MDB_cursor*, table_count> cursors{};
    for (const auto* changes : batches) {
        for (const auto& operation : *changes) {
            code = apply_operation(transaction, cursors, operation);
            if (code != 0) {
                mdb_txn_abort(transaction);
                return code;
            }
        }
    }
    if (settings_.fail_commit) code = settings_.fail_commit();
    if (code != 0) {
        mdb_txn_abort(transaction);
        return code;
    }
    return mdb_txn_commit(transaction);
}

int environment::apply_operation(MDB_txn* transaction, std::span<MDB_cursor*> cursors,
                                 const batch::operation& operation) {
    auto number = static_cast<std::size_t>(operation.which);
    assert(number < table_count);
    auto name = as_value(operation.key);
    if (operation.erases) {
        int code = mdb_del(transaction, tables_[number], &name, nullptr);
        return code == MDB_NOTFOUND ? 0 : code;
    }
    auto& place = cursors[number];
    if (place == nullptr) {
        int code = mdb_cursor_open(transaction, tables_[number], &place);
        if (code != 0) return code;
    }
    auto value = as_value(operation.value);
    if (grows_at_the_end(operation.which)) {
        int code = mdb_cursor_put(place, &name, &value, MDB_APPEND);
        if (code != MDB_KEYEXIST) return code;
        value = as_value(operation.value);
    }
    return mdb_cursor_put(place, &name, &value, 0);
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
    auto parent = std::filesystem::path(target).parent_path().string();
    if (!sync_path(part + "/data.mdb", O_RDONLY) || !sync_path(part, O_RDONLY | O_DIRECTORY) ||
        ::rename(part.c_str(), target.c_str()) != 0 ||
        !sync_path(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY)) {
        return fail(backup_error::io, errno);
    }
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
