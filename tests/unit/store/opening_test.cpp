// What may not be opened is refused with one sentence and left as it was.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lmdb.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>

#include "store/file_check.hpp"
#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;
using ::testing::HasSubstr;

constexpr std::size_t page_bytes = 4096;

open_failure refusal(const std::string& path) {
    auto opened = environment::open(settings_for(path), {sample::domain});
    if (opened) {
        ADD_FAILURE() << "was opened";
        return {};
    }
    EXPECT_THAT(opened.error().sentence, HasSubstr(path));
    EXPECT_EQ(opened.error().sentence.find('\n'), std::string::npos);
    return opened.error();
}

// A store of about 1 MB with small and large values, and no page of it unused.
void fill(const std::string& path) {
    auto store = open_or_fail(path);
    ASSERT_TRUE(store);
    batch changes;
    for (std::uint64_t i = 1; i <= 600; ++i) {
        changes.put(sample::rows, number_key(i), std::string(1000, 'm'));
        changes.put(sample::texts, "code-" + std::to_string(i), "https://example.com/");
    }
    changes.put(sample::series, pair_key(1, 1), std::string(100'000, 'x'));
    ASSERT_TRUE(apply(*store, changes).has_value());
}

template <class Number>
Number number_at(const std::string& bytes, std::size_t at) {
    Number number;
    std::memcpy(&number, bytes.data() + at, sizeof number);
    return number;
}

template <class Number>
void set_number(std::string& bytes, std::size_t at, Number number) {
    std::memcpy(bytes.data() + at, &number, sizeof number);
}

// The page of the two that holds the meta in force.
std::size_t meta_at(const std::string& bytes) {
    auto first = number_at<std::uint64_t>(bytes, 144);
    auto second = number_at<std::uint64_t>(bytes, page_bytes + 144);
    return second > first ? page_bytes : 0;
}

TEST(opening, a_damaged_file_is_refused_and_left_alone) {
    struct damage {
        std::string name;
        std::function<void(std::string&)> inflict;
    };
    const std::vector<damage> damages = {
        {"emptied", [](auto& bytes) { bytes.clear(); }},
        {"one byte", [](auto& bytes) { bytes.resize(1); }},
        {"half a page", [](auto& bytes) { bytes.resize(page_bytes / 2); }},
        {"one page", [](auto& bytes) { bytes.resize(page_bytes); }},
        {"both meta pages only", [](auto& bytes) { bytes.resize(2 * page_bytes); }},
        {"cut in half", [](auto& bytes) { bytes.resize(bytes.size() / 2); }},
        {"last page gone", [](auto& bytes) { bytes.resize(bytes.size() - page_bytes); }},
        {"last byte gone", [](auto& bytes) { bytes.resize(bytes.size() - 1); }},
        {"text", [](auto& bytes) { bytes = std::string(100'000, 'A'); }},
        {"zeros", [](auto& bytes) { std::fill(bytes.begin(), bytes.end(), '\0'); }},
        {"no mark", [](auto& bytes) { bytes[16] = 0; }},
        {"no mark in the second meta", [](auto& bytes) { bytes[page_bytes + 16] = 0; }},
        {"other version", [](auto& bytes) { set_number<std::uint32_t>(bytes, 20, 2); }},
        {"odd page size", [](auto& bytes) { set_number<std::uint32_t>(bytes, 40, 4095); }},
        {"wild main root",
         [](auto& bytes) { set_number<std::uint64_t>(bytes, meta_at(bytes) + 128, 1U << 30); }},
        {"main root is a meta page",
         [](auto& bytes) { set_number<std::uint64_t>(bytes, meta_at(bytes) + 128, 1); }},
        {"main root overwritten",
         [](auto& bytes) {
             auto root = number_at<std::uint64_t>(bytes, meta_at(bytes) + 128) * page_bytes;
             std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(root), page_bytes, '\xEE');
         }},
        {"all but the metas overwritten",
         [](auto& bytes) { std::fill(bytes.begin() + 2 * page_bytes, bytes.end(), '\x01'); }},
    };
    for (const auto& one : damages) {
        SCOPED_TRACE(one.name);
        temporary_folder folder;
        fill(folder / "data");
        auto file = folder / "data/data.mdb";
        auto bytes = read_file(file);
        ASSERT_GT(bytes.size(), 700'000U);
        one.inflict(bytes);
        write_file(file, bytes);
        auto failure = refusal(folder / "data");
        EXPECT_EQ(failure.kind, open_error::damaged);
        EXPECT_THAT(failure.sentence, HasSubstr("damaged"));
        EXPECT_EQ(read_file(file), bytes);
    }
}

// LMDB does not write pages at the end that it gave back before the commit: not a damage.
TEST(opening, what_a_killed_first_start_has_left_is_no_store) {
    temporary_folder folder;
    std::filesystem::create_directories(folder / "data/new");
    std::ofstream(folder / "data/new/data.mdb") << "half of it";
    std::ofstream(folder / "data/new/lock.mdb") << "";
    auto store = open_or_fail(folder / "data");
    ASSERT_NE(store, nullptr);
    put(*store, meta, "a", "b");
    EXPECT_FALSE(std::filesystem::exists(folder / "data/new"));
    store.reset();
    EXPECT_EQ(get(*open_or_fail(folder / "data"), meta, "a"), "b");
}

TEST(opening, unused_pages_missing_at_the_end_are_no_damage) {
    temporary_folder folder;
    fill(folder / "data");
    auto file = folder / "data/data.mdb";
    auto bytes = read_file(file);
    auto last_page_at = meta_at(bytes) + 136;
    auto last_page = number_at<std::uint64_t>(bytes, last_page_at);
    set_number<std::uint64_t>(bytes, last_page_at, last_page + 3);
    write_file(file, bytes);
    {
        auto store = open_or_fail(folder / "data");
        ASSERT_TRUE(store);
        EXPECT_EQ(store->read().count(sample::rows), 600U);
        put(*store, sample::texts, "new", "value");
        EXPECT_EQ(get(*store, sample::texts, "new"), "value");
    }
    EXPECT_GE(read_file(file).size(), (last_page + 4) * page_bytes);
}

TEST(opening, the_whole_check_finds_what_the_quick_one_skips) {
    temporary_folder folder;
    fill(folder / "data");
    auto file = folder / "data/data.mdb";
    auto state = [&](check_depth depth) {
        int opened = ::open(file.c_str(), O_RDONLY);
        std::uint64_t wanted = 0;
        auto found = check_file(opened, depth, wanted);
        ::close(opened);
        EXPECT_EQ(wanted, std::filesystem::file_size(file));
        return found;
    };
    EXPECT_EQ(state(check_depth::roots), file_state::sound);
    EXPECT_EQ(state(check_depth::whole), file_state::sound);
    auto bytes = read_file(file);
    int overwritten = 0;
    for (std::size_t page = 2 * page_bytes; page < bytes.size(); page += page_bytes) {
        bool leaf = number_at<std::uint16_t>(bytes, page + 10) == 2;
        if (!leaf || bytes.substr(page, page_bytes).find("code-234") == std::string::npos) continue;
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(page), page_bytes, '\0');
        ++overwritten;
    }
    ASSERT_GE(overwritten, 1);
    write_file(file, bytes);
    EXPECT_EQ(state(check_depth::roots), file_state::sound);
    EXPECT_EQ(state(check_depth::whole), file_state::broken);
    // A read that meets the page finds nothing, and says so in the counters.
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    EXPECT_EQ(store->usage().read_faults, 0U);
    EXPECT_EQ(get(*store, sample::texts, "code-234"), "(absent)");
    EXPECT_EQ(store->usage().read_faults, 1U);
    EXPECT_EQ(get(*store, sample::rows, number_key(7)), std::string(1000, 'm'));
}

// As blocks that were not synced may leave it. LMDB would abort.
TEST(opening, a_page_of_the_wrong_kind_deep_inside_is_told_as_a_damage) {
    temporary_folder folder;
    const std::string path = folder / "data";
    fill(path);
    auto bytes = read_file(path + "/data.mdb");
    constexpr std::uint16_t branch_flag = 1, leaf_flag = 2;
    std::vector<std::size_t> leaves;  // of the messages
    for (std::size_t at = 2 * page_bytes; at < bytes.size(); at += page_bytes) {
        const auto page = std::string_view(bytes).substr(at, page_bytes);
        const bool leaf = number_at<std::uint16_t>(bytes, at + 10) == leaf_flag;
        if (leaf && page.find(std::string(1000, 'm')) != std::string_view::npos)
            leaves.push_back(at);
    }
    ASSERT_GT(leaves.size(), 10U);
    set_number(bytes, leaves[leaves.size() / 2] + 10, branch_flag);
    write_file(path + "/data.mdb", bytes);
    const auto read_all = [&] {
        auto store = environment::open(settings_for(path), {sample::domain});
        if (!store) std::_Exit(2);
        const auto snapshot = (*store)->read();
        snapshot.for_each(sample::rows, "", [](auto, auto) { return true; });
        std::_Exit(0);
    };
    EXPECT_EXIT(read_all(), ::testing::ExitedWithCode(1),
                "data.mdb is damaged \\(LMDB: .*Assertion");
}

void put_version(const std::string& path, std::uint64_t version) {
    auto store = open_or_fail(path);
    ASSERT_TRUE(store);
    put(*store, meta, "sample", write_number(version));
}

TEST(opening, a_version_that_the_domain_does_not_read_is_refused) {
    for (auto [version, kind] :
         {std::pair{sample::domain.version + 1, open_error::newer_schema},
          std::pair{sample::domain.oldest_version - 1, open_error::older_schema}}) {
        temporary_folder folder;
        put_version(folder / "data", version);
        const auto bytes = read_file(folder / "data/data.mdb");
        auto failure = refusal(folder / "data");
        EXPECT_EQ(failure.kind, kind);
        EXPECT_THAT(failure.sentence, HasSubstr("sample " + std::to_string(version)));
        EXPECT_EQ(read_file(folder / "data/data.mdb"), bytes);
    }
}

TEST(opening, an_older_version_that_the_domain_reads_gets_the_new_number) {
    temporary_folder folder;
    put_version(folder / "data", sample::domain.oldest_version);
    put(*open_or_fail(folder / "data"), sample::texts, "kept", "as it was");
    for (int i = 0; i < 2; ++i) {
        auto store = open_or_fail(folder / "data");
        ASSERT_TRUE(store);
        EXPECT_EQ(store->read().get(meta, "sample"), sample::domain.version);
        EXPECT_EQ(get(*store, sample::texts, "kept"), "as it was");
    }
}

constexpr table<text_key, std::uint32_t> guests{20, "guests"};
constexpr std::array<const table_info*, 1> guest_tables{&guests};
constexpr domain guest{.version_name = "guest", .version = 1, .tables = guest_tables};

TEST(opening, a_domain_joins_a_store_that_was_without_it) {
    temporary_folder folder;
    put(*open_or_fail(folder / "data"), sample::texts, "before", "the guest");
    for (int i = 0; i < 2; ++i) {
        auto store = environment::open(settings_for(folder / "data"), {sample::domain, guest});
        ASSERT_TRUE(store) << store.error().sentence;
        EXPECT_EQ((*store)->read().get(meta, "guest"), 1U);
        EXPECT_EQ(get(**store, sample::texts, "before"), "the guest");
        batch changes;
        changes.put(guests, "first", 258);
        ASSERT_TRUE(apply(**store, changes).has_value());
        EXPECT_EQ((*store)->read().get(guests, "first"), 258U);
    }
    // Nor is it in the way of a program that does not have it.
    EXPECT_EQ(get(*open_or_fail(folder / "data"), sample::texts, "before"), "the guest");
}

TEST(opening, a_store_without_the_first_domain_is_foreign) {
    temporary_folder folder;
    { ASSERT_TRUE(environment::open(settings_for(folder / "data"), {guest})); }
    EXPECT_EQ(refusal(folder / "data").kind, open_error::foreign);
}

TEST(opening_death, two_tables_with_one_number_or_name_are_a_bug) {
    static constexpr table<text_key, std::uint32_t> same_number{5, "other"};
    static constexpr table<text_key, std::uint32_t> same_name{21, "series"};
    for (const table_info* twice : {static_cast<const table_info*>(&same_number),
                                    static_cast<const table_info*>(&same_name)}) {
        const std::array<const table_info*, 1> tables{twice};
        const domain clashing{.version_name = "clash", .tables = tables};
        temporary_folder folder;
        EXPECT_DEATH(
            (void)environment::open(settings_for(folder / "data"), {sample::domain, clashing}),
            "is_new");
    }
}

TEST(opening_death, a_table_that_no_domain_has_is_a_bug) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    EXPECT_DEATH((void)store->read().has(guests, "first"), "handle != 0");
    batch changes;
    changes.put(guests, "first", 1);
    EXPECT_DEATH((void)apply(*store, changes), "handle != 0");
}

TEST(opening, an_lmdb_file_of_something_else_is_refused) {
    for (auto name : {"settings", "meta"}) {
        temporary_folder folder;
        MDB_env* other = nullptr;
        MDB_txn* transaction = nullptr;
        MDB_dbi handle = 0;
        mdb_env_create(&other);
        mdb_env_set_maxdbs(other, 2);
        ASSERT_EQ(mdb_env_open(other, folder.path().c_str(), 0, 0600), 0);
        ASSERT_EQ(mdb_txn_begin(other, nullptr, 0, &transaction), 0);
        ASSERT_EQ(mdb_dbi_open(transaction, name, MDB_CREATE, &handle), 0);
        ASSERT_EQ(mdb_txn_commit(transaction), 0);
        mdb_env_close(other);
        auto bytes = read_file(folder / "data.mdb");
        auto failure = refusal(folder.path());
        EXPECT_EQ(failure.kind, open_error::foreign) << name;
        EXPECT_THAT(failure.sentence, HasSubstr("not a Hikyaku store, or it is damaged"));
        EXPECT_EQ(read_file(folder / "data.mdb"), bytes);
    }
}

TEST(opening, a_second_opening_is_refused) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    EXPECT_EQ(refusal(folder / "data").kind, open_error::held);
    store.reset();
    EXPECT_TRUE(open_or_fail(folder / "data"));
}

TEST(opening, a_store_held_by_another_process_is_refused_until_it_dies) {
    temporary_folder folder;
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    auto child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        auto opened = environment::open(settings_for(folder / "data"), {sample::domain});
        char answer = opened ? 'y' : 'n';
        [[maybe_unused]] auto written = ::write(ready[1], &answer, 1);
        for (;;)
            ::pause();
    }
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    auto failure = refusal(folder / "data");
    EXPECT_EQ(failure.kind, open_error::held);
    EXPECT_THAT(failure.sentence, HasSubstr("process " + std::to_string(child)));
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ::close(ready[0]);
    ::close(ready[1]);
    EXPECT_TRUE(open_or_fail(folder / "data"));
}

TEST(opening, a_path_that_cannot_be_is_refused) {
    temporary_folder folder;
    write_file(folder / "file", "x");
    EXPECT_EQ(refusal(folder / "file").kind, open_error::path);
    EXPECT_EQ(refusal(folder / "file/below").kind, open_error::path);
    EXPECT_EQ(refusal("/proc/hikyaku").kind, open_error::path);
}

}  // namespace
}  // namespace hikyaku::store
