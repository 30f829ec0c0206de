// What the store's tests share: a folder of its own for each test, tables of their own, opening,
// and batches in one line.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "store/environment.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::store::testing {

// Tables of the tests' own: the store's code knows none.
namespace sample {

struct opaque {};  // values that are no record of anything

inline constexpr table<text_key, opaque> rows{0, "rows", {.appends = true}};
inline constexpr table<text_key, opaque> notes{1, "notes", {.sorts = true}};
inline constexpr table<text_key, opaque> work{2, "work", {.bytes_to_finish = 768}};
inline constexpr table<text_key, opaque> series{5, "series"};
inline constexpr table<text_key, opaque> texts{7, "texts"};

inline constexpr std::array<const table_info*, 5> tables{&rows, &notes, &work, &series, &texts};
inline constexpr domain domain{
    .version_name = "sample", .version = 3, .oldest_version = 2, .tables = tables};

}  // namespace sample

inline key number_key(std::uint64_t number) {
    return key{}.u64(number);
}
inline key pair_prefix(std::uint32_t first) {
    return key{}.u32(first);
}
inline key pair_key(std::uint32_t first, std::uint64_t second) {
    return pair_prefix(first).u64(second);
}

inline environment_settings settings_for(const std::string& path) {
    environment_settings settings;
    settings.path = path;
    settings.map_bytes_initial = 1U << 20;
    settings.map_bytes_max = 256U << 20;
    settings.sync = false;
    return settings;
}

inline std::unique_ptr<environment> open_or_fail(environment_settings settings,
                                                 const domain& first = sample::domain) {
    auto opened = environment::open(std::move(settings), {first});
    if (!opened) {
        ADD_FAILURE() << opened.error().sentence;
        return nullptr;
    }
    return std::move(*opened);
}

inline std::unique_ptr<environment> open_or_fail(const std::string& path) {
    return open_or_fail(settings_for(path));
}

inline boost::system::result<void, commit_error> apply(environment& store, const batch& changes) {
    const batch* one[] = {&changes};
    return store.apply(one);
}

template <class Value>
void put(environment& store, const table<text_key, Value>& which, std::string_view key,
         std::string_view value) {
    batch changes;
    changes.put_octets(which.number, key, value);
    ASSERT_TRUE(apply(store, changes).has_value());
}

template <class Value>
std::string get(environment& store, const table<text_key, Value>& which, std::string_view key) {
    auto view = store.read();
    auto found = view.octets(which, key);
    return found ? std::string(*found) : "(absent)";
}

inline std::string read_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::string bytes(std::filesystem::file_size(path), '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    EXPECT_TRUE(in.good()) << path;
    return bytes;
}

inline void write_file(const std::string& path, const std::string& bytes) {
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(out.good()) << path;
}

/// No file can be written beyond its first `bytes` bytes while it lives: what a full disk is to one
/// process.
class file_limit {
public:
    explicit file_limit(std::uint64_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
        if (::getrlimit(RLIMIT_FSIZE, &before_) != 0) std::abort();
        const rlimit limit{bytes, before_.rlim_max};
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) std::abort();
    }
    file_limit(const file_limit&) = delete;
    file_limit& operator=(const file_limit&) = delete;
    ~file_limit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, handler_);
    }

private:
    rlimit before_{};
    void (*handler_)(int);
};

}  // namespace hikyaku::store::testing
