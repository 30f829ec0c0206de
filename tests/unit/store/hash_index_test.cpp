// Indexes against a plain list of what was added: young entries, runs, merges, refused commits,
// reopening, and the end of records.
#include "store/hash_index.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <random>

#include "store/index_runs.hpp"
#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class record_key : public key {
public:
    explicit record_key(std::uint64_t id) { u64(id); }
};
constexpr table<record_key, nothing> records{20, "records"};
constexpr table<record_key, nothing> others{21, "others"};
constexpr hash_index by_name{22, "by_name", records, "records_begin"};
constexpr hash_index by_other{23, "by_other", others};
constexpr std::array<const table_info*, 2> indexed_tables{&records, &others};
constexpr std::array<const index_info*, 2> indexes{&by_name, &by_other};
constexpr domain indexed{.version_name = "indexed",
                         .version = 1,
                         .oldest_version = 1,
                         .tables = indexed_tables,
                         .indexes = indexes};

struct hash_indexes : ::testing::Test {
    temporary_folder folder;
    int refusal = 0;
    std::size_t young_max = 64;
    std::unique_ptr<environment> store = open();
    std::vector<index_entry> added;
    std::uint64_t oldest = 0;  // id of a record

    std::unique_ptr<environment> open() {
        auto settings = testing::settings_for(folder.path());
        settings.young_entries_max = young_max;
        settings.fail_commit = [this] { return std::exchange(refusal, 0); };
        return testing::open_or_fail(std::move(settings), indexed);
    }
    void reopen() {
        store.reset();
        store = open();
    }
    /// Commits records with an entry each.
    bool add(const std::vector<index_entry>& entries) {
        batch changes;
        for (const auto& entry : entries) {
            changes.put(records, record_key(entry.id));
            changes.add(by_name, entry);
        }
        return testing::apply(*store, changes).has_value();
    }
    void keep(const std::vector<index_entry>& entries) {
        if (add(entries)) added.insert(added.end(), entries.begin(), entries.end());
    }
    std::vector<index_entry> find(std::uint64_t hash, std::size_t limit = 100) const {
        std::vector<index_entry> found;
        store->read().find(by_name, hash, limit, found);
        return found;
    }
    /// What has to be found; entries of records that are gone may be.
    void check(std::uint64_t hash, std::size_t limit) const {
        auto found = find(hash, limit);
        std::erase_if(found, [&](const index_entry& entry) { return entry.id < oldest; });
        std::vector<index_entry> wanted;
        for (const auto& entry : added)
            if (entry.hash == hash && entry.id >= oldest) wanted.push_back(entry);
        std::sort(wanted.begin(), wanted.end(), std::greater<>());
        wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
        wanted.resize(std::min(wanted.size(), limit));
        ASSERT_EQ(found, wanted) << hash;
    }
    index_manifest manifest() const {
        const auto snapshot = store->read();
        static constexpr table<record_key, nothing> manifests{63, "index_manifests"};
        const auto octets = snapshot.octets(manifests, key_view<record_key>("\x16"));
        return octets ? *index_manifest::decode(*octets) : index_manifest{};
    }
};

TEST_F(hash_indexes, find_the_youngest_first) {
    ASSERT_TRUE(add({{7, 1, 0}, {7, 3, 1}, {8, 2, 0}, {7, 3, 0}}));
    EXPECT_THAT(find(7),
                ElementsAre(index_entry{7, 3, 1}, index_entry{7, 3, 0}, index_entry{7, 1, 0}));
    EXPECT_THAT(find(8), ElementsAre(index_entry{8, 2, 0}));
    EXPECT_THAT(find(9), IsEmpty());
    EXPECT_EQ(find(7, 1).size(), 1U);
}

TEST_F(hash_indexes, keep_nothing_of_a_refused_commit) {
    refusal = EIO;
    EXPECT_FALSE(add({{7, 1, 0}}));
    EXPECT_THAT(find(7), IsEmpty());
    refusal = EIO;  // in the commit that would make a run
    std::vector<index_entry> many;
    for (std::uint64_t i = 0; i < 100; ++i)
        many.push_back({i, i, 0});
    EXPECT_FALSE(add(many));
    EXPECT_THAT(find(7), IsEmpty());
    EXPECT_TRUE(add(many));
    EXPECT_THAT(find(7), ElementsAre(index_entry{7, 7, 0}));
    EXPECT_EQ(manifest().runs.size(), 1U);
}

TEST_F(hash_indexes, a_snapshot_misses_nothing_that_becomes_a_run_later) {
    ASSERT_TRUE(add({{7, 1, 0}}));
    const auto before = store->read();
    std::vector<index_entry> many;
    for (std::uint64_t i = 100; i < 200; ++i)
        many.push_back({i, i, 0});
    ASSERT_TRUE(add(many));
    ASSERT_EQ(manifest().runs.size(), 1U);
    std::vector<index_entry> found;
    before.find(by_name, 7, 10, found);
    EXPECT_THAT(found, ElementsAre(index_entry{7, 1, 0}));
}

TEST_F(hash_indexes, hold_all_that_was_added_through_runs_merges_refusals_and_restarts) {
    std::mt19937_64 random(7);
    std::uint64_t id = 1;
    std::uint32_t most_runs = 0, highest = 0;
    const auto some_hash = [&] {  // half of them among a few, some next to each other
        const auto value = random();
        return value % 2 == 0 ? value : (value % 50) << 57 | (value >> 8 & 1);
    };
    for (int round = 0; round < 3000; ++round) {
        std::vector<index_entry> entries;
        for (auto count = random() % 40 + 1; count > 0; --count) {
            entries.push_back({some_hash(), id, static_cast<std::uint32_t>(random() % 3)});
            if (random() % 3 != 0) ++id;
        }
        if (random() % 20 == 0) entries.push_back(entries.front());
        if (random() % 15 == 0) refusal = EIO;
        keep(entries);
        refusal = 0;
        if (round % 400 == 399) reopen();
        const auto& any = added[random() % added.size()];
        ASSERT_NO_FATAL_FAILURE(check(any.hash, random() % 100 + 1)) << "round " << round;
        ASSERT_NO_FATAL_FAILURE(check(some_hash(), 5));
        for (const auto& run : manifest().runs)
            highest = std::max(highest, run.level);
        most_runs = std::max(most_runs, static_cast<std::uint32_t>(manifest().runs.size()));
    }
    for (const auto& entry : added)
        if (entry.id % 16 == 0) ASSERT_NO_FATAL_FAILURE(check(entry.hash, 100));
    EXPECT_EQ(highest, index_writer::level_max);
    EXPECT_LT(most_runs, 8 * index_writer::fan_in);
}

TEST_F(hash_indexes, are_as_small_as_the_records_that_are_left) {
    std::uint64_t id = 1;
    const auto more = [&](std::size_t commits) {
        for (; commits > 0; --commits) {
            std::vector<index_entry> entries;
            for (int i = 0; i < 50; ++i, ++id)
                entries.push_back({id * 0x9E3779B97F4A7C15U, id, 0});
            keep(entries);
        }
    };
    const auto erase_before = [&](std::uint64_t end) {
        batch changes;
        for (; oldest < end; ++oldest)
            changes.erase(records, record_key(oldest));
        ASSERT_TRUE(testing::apply(*store, changes));
    };
    more(400);
    const auto blocks = [&] { return store->read().count(index_blocks); };
    const auto full = blocks();
    erase_before(id - 1000);
    more(400);
    EXPECT_LT(blocks(), full * 3 / 2);
    for (std::uint64_t each = oldest; each < id; each += 97)
        ASSERT_NO_FATAL_FAILURE(check(each * 0x9E3779B97F4A7C15U, 5));
    erase_before(id);
    batch changes;
    changes.put(others, record_key(1));
    for (int i = 0; i < 5000 && blocks() > 0; ++i)  // commits of others see to it too
        ASSERT_TRUE(testing::apply(*store, changes));
    EXPECT_EQ(blocks(), 0U);
    EXPECT_THAT(manifest().runs, IsEmpty());
}

TEST_F(hash_indexes, a_merge_goes_on_with_commits_of_others) {
    std::uint64_t id = 1;
    while (manifest().merges.empty()) {
        std::vector<index_entry> entries;
        for (int i = 0; i < 30; ++i, ++id)
            entries.push_back({id * 0x9E3779B97F4A7C15U, id, 0});
        ASSERT_TRUE(add(entries));
        ASSERT_LT(id, 100'000U);
    }
    batch changes;
    changes.put(others, record_key(1));
    for (int i = 0; i < 100 && !(manifest().merges.empty() && manifest().dying.empty()); ++i)
        ASSERT_TRUE(testing::apply(*store, changes));
    EXPECT_THAT(manifest().merges, IsEmpty());
    EXPECT_THAT(manifest().dying, IsEmpty());
}

TEST_F(hash_indexes, begin_where_the_domain_says_though_an_older_record_is_kept) {
    const index_entry kept{7, 1, 0}, young{7, 1'000'000, 0};
    keep({kept});
    for (std::uint64_t id = 2; id < 20'000; id += 50) {
        std::vector<index_entry> entries;
        for (std::uint64_t i = 0; i < 50; ++i)
            entries.push_back({(id + i) * 0x9E3779B97F4A7C15U, id + i, 0});
        ASSERT_TRUE(add(entries));
    }
    keep({young});
    const auto full = store->read().count(index_blocks);
    batch changes;
    changes.put(meta, "records_begin", 1'000'000);
    for (int i = 0; i < 2000 && store->read().count(index_blocks) > full / 10; ++i)
        ASSERT_TRUE(testing::apply(*store, changes));
    EXPECT_LE(store->read().count(index_blocks), full / 10);
    EXPECT_EQ(find(7).front(), young);
}

TEST_F(hash_indexes, one_key_may_have_more_entries_than_a_run) {
    for (std::uint64_t id = 1; id < 5000; id += 10) {
        std::vector<index_entry> entries;
        for (std::uint64_t i = 0; i < 10; ++i)
            entries.push_back({42, id + i, 0});
        keep(entries);
    }
    ASSERT_NO_FATAL_FAILURE(check(42, 64));
    ASSERT_NO_FATAL_FAILURE(check(42, 3000));
    EXPECT_THAT(find(43), IsEmpty());
}

TEST_F(hash_indexes, hashes_are_a_secret_of_the_store) {
    const auto hash = store->hash("abc");
    EXPECT_NE(hash, store->hash("abd"));
    reopen();
    EXPECT_EQ(store->hash("abc"), hash);
    const temporary_folder elsewhere;
    EXPECT_NE(testing::open_or_fail(testing::settings_for(elsewhere.path()), indexed)->hash("abc"),
              hash);
}

TEST(index_filters, pass_what_they_have_and_one_miss_in_a_hundred) {
    std::mt19937_64 random(1);
    index_filter filter;
    std::vector<std::uint64_t> inside;
    for (std::size_t i = 0; i < index_filter::entries_of_page; ++i)
        filter.add(inside.emplace_back(random() >> 12));  // of one page: they begin alike
    for (const auto hash : inside)
        EXPECT_TRUE(index_filter::may_have(filter.octets(), hash));
    int passed = 0;
    for (int i = 0; i < 100'000; ++i)
        passed += index_filter::may_have(filter.octets(), random() >> 12) ? 1 : 0;
    EXPECT_LT(passed, 2000);
}

}  // namespace
}  // namespace hikyaku::store
