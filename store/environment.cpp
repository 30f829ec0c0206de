#include "store/environment.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <lmdb.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <system_error>

#include "store/file_check.hpp"
#include "store/files.hpp"
#include "store/lmdb_values.hpp"

namespace hikyaku::store {

namespace {

constexpr unsigned readers_max =
    environment::snapshots_max + 6;  // a backup and tools need some too

open_failure failure(open_error kind, std::string sentence) {
    return {kind, std::move(sentence)};
}

std::string reason(int code) {
    return mdb_strerror(code);
}

bool is_damage(int code) {
    return code == MDB_INVALID || code == MDB_CORRUPTED || code == MDB_VERSION_MISMATCH ||
           code == MDB_PAGE_NOTFOUND || code == MDB_PANIC;
}

open_failure damaged(const std::string& path, std::string_view what) {
    return failure(
        open_error::damaged,
        fmt::format("store {}: data.mdb is damaged ({}); put a backup in its place", path, what));
}

// What a store always has is not found: another program's file, or pages of another time.
open_failure foreign(const std::string& path) {
    return failure(open_error::foreign,
                   fmt::format("store {}: data.mdb is not a Hikyaku store, or it is damaged; name "
                               "another folder, or put a backup in its place",
                               path));
}

open_failure from_lmdb(const std::string& path, int code) {
    if (is_damage(code)) return damaged(path, reason(code));
    auto kind = code == EACCES || code == EPERM || code == EROFS || code == ENOENT
                    ? open_error::path
                    : open_error::system;
    return failure(kind, fmt::format("store {}: cannot be opened ({})", path, reason(code)));
}

// LMDB asserts what a page must look like and would abort: here too a damage is one sentence. The
// process cannot go on, but what was answered is on disk.
[[noreturn]] void on_assertion(MDB_env* env, const char* text) {
    const char* path = nullptr;
    if (mdb_env_get_path(env, &path) != 0 || path == nullptr) path = "?";
    fmt::print(stderr, "hikyaku: {}\n", damaged(path, fmt::format("LMDB: {}", text)).sentence);
    std::_Exit(1);
}

boost::system::result<void, open_failure> make_folder(const std::string& path) {
    std::error_code error;
    auto parent = std::filesystem::path(path).lexically_normal().parent_path();
    if (!parent.empty()) std::filesystem::create_directories(parent, error);
    if (::mkdir(path.c_str(), 0700) == 0) return {};
    int code = errno;
    if (code == EEXIST && std::filesystem::is_directory(path, error)) return {};
    return failure(open_error::path, fmt::format("store {}: the folder cannot be created ({})",
                                                 path, reason(code == EEXIST ? ENOTDIR : code)));
}

// Takes the lock for the life of the process; the file tells people who holds it.
boost::system::result<int, open_failure> take_lock(const std::string& path) {
    auto name = path + "/hikyaku.lock";
    int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return failure(open_error::path,
                       fmt::format("store {}: cannot be written ({})", path, reason(errno)));
    }
    std::array<char, 24> text{};
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        int code = errno;
        auto got = ::read(file, text.data(), text.size());
        ::close(file);
        if (code != EWOULDBLOCK) {
            return failure(open_error::system,
                           fmt::format("store {}: cannot be locked ({})", path, reason(code)));
        }
        long holder = 0;
        if (got > 0) std::from_chars(text.data(), text.data() + got, holder);
        return failure(open_error::held,
                       fmt::format("store {}: is in use by process {}; stop that one first", path,
                                   holder > 0 ? std::to_string(holder) : "of unknown number"));
    }
    auto length = fmt::format_to_n(text.data(), text.size(), "{}\n", ::getpid()).size;
    // Only for people: a full disk must not keep the store from opening.
    if (::ftruncate(file, 0) == 0) [[maybe_unused]]
        auto written = ::pwrite(file, text.data(), length, 0);
    return file;
}

// Looks at data.mdb before LMDB does. `present` tells whether there is one.
boost::system::result<void, open_failure> check_data(const std::string& path, bool& present) {
    auto name = path + "/data.mdb";
    int file = ::open(name.c_str(), O_RDWR | O_CLOEXEC);
    present = file >= 0 || errno != ENOENT;
    if (file < 0) {
        if (!present) return {};
        return failure(open_error::path, fmt::format("store {}: data.mdb cannot be opened ({})",
                                                     path, reason(errno)));
    }
    std::uint64_t wanted = 0;
    auto state = check_file(file, check_depth::roots, wanted);
    int code = 0;
    // Pages at the end that nobody uses may be missing; LMDB must still be able to map them.
    if (state == file_state::sound && ::lseek(file, 0, SEEK_END) < static_cast<off_t>(wanted) &&
        ::ftruncate(file, static_cast<off_t>(wanted)) != 0)
        code = errno;
    ::close(file);
    if (code != 0) return from_lmdb(path, code);
    switch (state) {
        case file_state::sound:
            return {};
        case file_state::not_lmdb:
            return damaged(path, "it is no LMDB file");
        case file_state::other_version:
            return damaged(path, "its LMDB version is another");
        case file_state::cut_short:
            return damaged(path, "it was cut short");
        case file_state::broken:
            return damaged(path, "its pages are broken");
        case file_state::unreadable:
            return damaged(path, "it cannot be read");
    }
    return {};
}

// A new data.mdb is made beside its place and moved there when it is on disk, so that it is whole
// or not there, also after a power cut in the middle.
boost::system::result<void, open_failure> create_data(const std::string& path, bool sync) {
    auto part = path + "/new";
    auto data = part + "/data.mdb";
    auto clear = [&] {
        ::unlink(data.c_str());
        ::unlink((part + "/lock.mdb").c_str());
        ::rmdir(part.c_str());
    };
    clear();
    if (::mkdir(part.c_str(), 0700) != 0) return from_lmdb(path, errno);
    MDB_env* env = nullptr;
    int code = mdb_env_create(&env);
    if (code == 0) code = mdb_env_open(env, part.c_str(), 0, 0600);
    if (code == 0 && sync) code = mdb_env_sync(env, 1);
    if (env != nullptr) mdb_env_close(env);
    if (code == 0 && ::rename(data.c_str(), (path + "/data.mdb").c_str()) != 0) code = errno;
    if (code == 0 && sync && (!sync_path(path, O_RDONLY | O_DIRECTORY) || !sync_parent(path)))
        code = errno;
    clear();
    if (code != 0) return from_lmdb(path, code);
    return {};
}

int put_version(MDB_txn* transaction, MDB_dbi handle, const domain& of) {
    MDB_val name{of.version_name.size(), const_cast<char*>(of.version_name.data())};
    const auto version = write_number(of.version);
    MDB_val value{version.size(), const_cast<char*>(version.view().data())};
    return mdb_put(transaction, handle, &name, &value, 0);
}

// Empty when the entry is missing or no number.
std::optional<std::uint64_t> version_in(MDB_txn* transaction, MDB_dbi handle, const domain& of,
                                        int& code) {
    MDB_val name{of.version_name.size(), const_cast<char*>(of.version_name.data())};
    MDB_val value;
    code = mdb_get(transaction, handle, &name, &value);
    if (code != 0) return std::nullopt;
    return read_number<std::uint64_t>({static_cast<const char*>(value.mv_data), value.mv_size});
}

std::optional<open_failure> refused_version(const std::string& path, const domain& of,
                                            std::uint64_t found) {
    if (found > of.version) {
        return failure(open_error::newer_schema,
                       fmt::format("store {}: was written by a newer version ({} {}, this "
                                   "program knows {}); start that version or restore a backup",
                                   path, of.version_name, found, of.version));
    }
    if (found < of.oldest_version) {
        return failure(open_error::older_schema,
                       fmt::format("store {}: {} {} is too old for this program ({})", path,
                                   of.version_name, found, of.version));
    }
    return std::nullopt;
}

}  // namespace

environment::environment(environment_settings settings, std::vector<domain> domains)
    : settings_(std::move(settings)), domains_(std::move(domains)), tables_{&meta} {
    assert(!domains_.empty());
    for (const auto& one : domains_)
        tables_.insert(tables_.end(), one.tables.begin(), one.tables.end());
    for (const auto& one : domains_) {
        for (const auto* each : one.indexes) {
            tables_.push_back(each);
            // Not all in one commit, if each message has an entry in each.
            const auto young_max = settings_.young_entries_max;
            indexes_.emplace_back(*each, young_max - indexes_.size() % 8 * (young_max / 10));
            searches_.push_back(std::make_unique<index_search>(each->number));
            index_places_[static_cast<std::size_t>(each->number)] = indexes_.size();
        }
    }
    if (!indexes_.empty()) tables_.insert(tables_.end(), {&index_blocks, &index_manifests});
    std::set<table_number> numbers;
    std::set<std::string_view> names;
    for (const auto* one : tables_) {
        const auto number = static_cast<std::size_t>(one->number);
        const bool is_new = numbers.insert(one->number).second && names.insert(one->name).second;
        assert(number < tables_max && is_new);
        traits_[number] = one->traits;
    }
}

environment::~environment() {
    assert(readers_ == 0);
    close_files();
    if (lock_file_ >= 0) ::close(lock_file_);
}

void environment::close_files() {
    for (auto* transaction : idle_reads_)
        mdb_txn_abort(transaction);
    idle_reads_.clear();
    for (const auto& each : searches_)
        each->forget();
    if (env_ != nullptr) mdb_env_close(env_);
    env_ = nullptr;
}

boost::system::result<std::unique_ptr<environment>, open_failure> environment::open(
    environment_settings settings, std::vector<domain> domains) {
    if (auto made = make_folder(settings.path); !made) return made.error();
    auto lock = take_lock(settings.path);
    if (!lock) return lock.error();
    std::unique_ptr<environment> store(new environment(std::move(settings), std::move(domains)));
    store->lock_file_ = *lock;
    bool present = false;
    if (auto checked = check_data(store->path(), present); !checked) return checked.error();
    boost::system::result<void, open_failure> opened;
    if (!present) opened = create_data(store->path(), store->settings_.sync);
    if (opened) opened = store->open_files();
    if (opened) opened = store->open_tables();
    if (opened) return store;
    if (!present) {  // leave nothing half made behind
        ::unlink((store->path() + "/data.mdb").c_str());
        ::unlink((store->path() + "/lock.mdb").c_str());
    }
    return opened.error();
}

boost::system::result<void, open_failure> environment::open_files() {
    int code = mdb_env_create(&env_);
    if (code != 0) return from_lmdb(path(), code);
    auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    struct stat status {};
    std::uint64_t present = 0;
    if (::stat((path() + "/data.mdb").c_str(), &status) == 0)
        present = static_cast<std::uint64_t>(status.st_size);
    // A store that has grown gets the room that growing would have given it.
    map_bytes_ = std::max<std::uint64_t>(settings_.map_bytes_initial, 64 * page);
    while (map_bytes_ < present + present / 4)
        map_bytes_ *= 2;
    map_bytes_ = std::max(std::min(map_bytes_, settings_.map_bytes_max), present);
    map_bytes_ = (map_bytes_ + page - 1) / page * page;
    mdb_env_set_assert(env_, on_assertion);
    mdb_env_set_maxdbs(env_, tables_max);
    mdb_env_set_maxreaders(env_, readers_max);
    mdb_env_set_mapsize(env_, map_bytes_);
    unsigned flags = MDB_NORDAHEAD | MDB_NOTLS | (settings_.sync ? 0U : unsigned{MDB_NOSYNC}) |
                     (read_only_ ? unsigned{MDB_RDONLY} | MDB_NOLOCK : 0U);
    code = mdb_env_open(env_, path().c_str(), flags, 0600);
    if (code != 0) return from_lmdb(path(), code);
    int dead = 0;
    if (!read_only_) mdb_reader_check(env_, &dead);
    return {};
}

boost::system::result<void, open_failure> environment::open_tables() {
    MDB_txn* transaction = nullptr;
    int code = mdb_txn_begin(env_, nullptr, 0, &transaction);
    if (code != 0) return from_lmdb(path(), code);
    if (auto opened = open_tables_in(transaction); !opened) {
        mdb_txn_abort(transaction);
        return opened.error();
    }
    code = mdb_txn_commit(transaction);
    if (code != 0) return from_lmdb(path(), code);
    return {};
}

boost::system::result<void, open_failure> environment::open_tables_in(MDB_txn* transaction) {
    MDB_dbi unnamed = 0;
    MDB_stat status{};
    int code = mdb_dbi_open(transaction, nullptr, 0, &unnamed);
    if (code == 0) code = mdb_stat(transaction, unnamed, &status);
    if (code != 0) return from_lmdb(path(), code);
    const bool fresh = status.ms_entries == 0;
    for (const auto* one : tables_) {
        const bool is_meta = one == tables_.front();
        code = mdb_dbi_open(transaction, one->name.data(), !is_meta || fresh ? MDB_CREATE : 0,
                            &handles_[static_cast<std::size_t>(one->number)]);
        if (is_meta && (code == MDB_NOTFOUND || code == MDB_INCOMPATIBLE)) return foreign(path());
        if (code != 0) return from_lmdb(path(), code);
        if (!is_meta) continue;
        if (auto checked = check_versions(transaction, fresh); !checked) return checked.error();
    }
    code = open_indexes(transaction);
    if (code != 0) return from_lmdb(path(), code);
    return {};
}

boost::system::result<void, open_failure> environment::check_versions(MDB_txn* transaction,
                                                                      bool fresh) {
    const auto handle = handle_of(meta.number);
    for (const auto& one : domains_) {
        int code = 0;
        const auto found = version_in(transaction, handle, one, code);
        if (code != 0 && code != MDB_NOTFOUND) return from_lmdb(path(), code);
        const bool joins = code == MDB_NOTFOUND && (fresh || &one != domains_.data());
        if (!found && !joins) return foreign(path());
        if (found) {
            if (auto refused = refused_version(path(), one, *found)) return *refused;
        }
        code = found == one.version ? 0 : put_version(transaction, handle, one);
        if (code != 0) return from_lmdb(path(), code);
    }
    return {};
}

// The tables of a store that was open before, for reading only.
boost::system::result<void, open_failure> environment::find_tables() {
    MDB_txn* transaction = nullptr;
    int code = mdb_txn_begin(env_, nullptr, MDB_RDONLY, &transaction);
    if (code != 0) return from_lmdb(path(), code);
    for (const auto* one : tables_) {
        if (code != 0) break;
        code = mdb_dbi_open(transaction, one->name.data(), 0,
                            &handles_[static_cast<std::size_t>(one->number)]);
    }
    if (code != 0) {
        mdb_txn_abort(transaction);
        return from_lmdb(path(), code);
    }
    code = mdb_txn_commit(transaction);  // keeps the handles
    if (code != 0) return from_lmdb(path(), code);
    return {};
}

// A table that no domain has declared would be LMDB's own list of free pages.
unsigned environment::handle_of(table_number which) const {
    const auto handle = handles_.at(static_cast<std::size_t>(which));
    assert(handle != 0);
    return handle;
}

environment_usage environment::usage() const {
    std::lock_guard guard(read_mutex_);  // the map does not move meanwhile
    return {map_bytes_, used_bytes(), growths_, read_faults_.load(), reopened_};
}

std::uint64_t environment::used_bytes() const {
    MDB_envinfo info{};
    MDB_stat status{};
    mdb_env_info(env_, &info);
    mdb_env_stat(env_, &status);
    return (info.me_last_pgno + 1) * std::uint64_t{status.ms_psize};
}

snapshot environment::read() {
    std::shared_ptr<const young_set> young;
    auto* const transaction = begin_read(&young);
    return {*this, transaction, std::move(young)};
}

MDB_txn* environment::begin_read(std::shared_ptr<const young_set>* young) {
    for (;;) {
        MDB_txn* transaction = nullptr;
        {
            std::lock_guard guard(read_mutex_);
            assert(readers_ < snapshots_max);
            ++readers_;
            if (young != nullptr) *young = young_;
            if (!idle_reads_.empty()) {
                transaction = idle_reads_.back();
                idle_reads_.pop_back();
            }
        }
        int code = transaction != nullptr ? mdb_txn_renew(transaction)
                                          : mdb_txn_begin(env_, nullptr, MDB_RDONLY, &transaction);
        if (code == 0) return transaction;
        // Readers are counted and the map is ours: nothing else is left to fail. The writer's
        // thread is in apply() and waits for the last reader to open the files anew.
        assert(code == MDB_PANIC);
        std::unique_lock lock(read_mutex_);
        if (transaction != nullptr) idle_reads_.push_back(transaction);
        auto before = reopened_;
        if (--readers_ == 0) readers_gone_.notify_all();
        opened_anew_.wait(lock, [&] { return reopened_ != before; });
    }
}

void environment::end_read(MDB_txn* transaction) {
    mdb_txn_reset(transaction);
    std::lock_guard guard(read_mutex_);
    idle_reads_.push_back(transaction);
    assert(readers_ > 0);
    if (--readers_ == 0) readers_gone_.notify_all();
}

void environment::note_read_fault() {
    ++read_faults_;
}

}  // namespace hikyaku::store
