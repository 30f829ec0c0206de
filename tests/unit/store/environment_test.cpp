#include "store/environment.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <map>
#include <random>
#include <thread>

#include "tests/unit/store/support.hpp"

namespace hikyaku::store {
namespace {

using namespace testing;

TEST(environment, creates_its_folder_for_its_owner_only) {
    temporary_folder folder;
    auto path = folder / "some/where/data";
    auto store = open_or_fail(path);
    ASSERT_TRUE(store);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
    ASSERT_EQ(::stat((path + "/data.mdb").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    EXPECT_EQ(store->read().get(meta, "sample"), sample::domain.version);
}

TEST(environment, keeps_what_was_committed) {
    temporary_folder folder;
    for (bool sync : {true, false}) {
        auto settings = settings_for(folder / (sync ? "synced" : "unsynced"));
        settings.sync = sync;
        {
            auto store = open_or_fail(settings);
            ASSERT_TRUE(store);
            put(*store, sample::rows, "k", "v");
        }
        auto store = open_or_fail(settings);
        ASSERT_TRUE(store);
        EXPECT_EQ(get(*store, sample::rows, "k"), "v");
        EXPECT_EQ(get(*store, sample::notes, "k"), "(absent)");
    }
}

TEST(environment, a_batch_is_all_or_nothing) {
    temporary_folder folder;
    auto settings = settings_for(folder / "data");
    int code = 0;
    settings.fail_commit = [&code] { return code; };
    auto store = open_or_fail(settings);
    ASSERT_TRUE(store);
    put(*store, sample::work, "a", "1");
    batch changes;
    changes.erase(sample::work, "a");
    changes.put(sample::rows, "b", "2");
    struct {
        int code;
        commit_error expected;
    } cases[] = {{ENOSPC, commit_error::disk_full},
                 {EDQUOT, commit_error::disk_full},
                 {EFBIG, commit_error::disk_full},
                 {EIO, commit_error::io}};
    for (const auto& one : cases) {
        code = one.code;
        auto result = apply(*store, changes);
        ASSERT_FALSE(result.has_value());
        EXPECT_EQ(result.error(), one.expected);
        EXPECT_EQ(get(*store, sample::work, "a"), "1");
        EXPECT_EQ(get(*store, sample::rows, "b"), "(absent)");
    }
    code = 0;
    ASSERT_TRUE(apply(*store, changes).has_value());
    EXPECT_EQ(get(*store, sample::work, "a"), "(absent)");
    EXPECT_EQ(get(*store, sample::rows, "b"), "2");
}

TEST(environment, several_batches_apply_in_order) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    batch first;
    batch second;
    batch third;
    first.put(sample::texts, "x", "1");
    second.erase(sample::texts, "x");
    second.erase(sample::texts, "never there");
    third.put(sample::texts, "x", "3");
    const batch* all[] = {&first, &second, &third};
    ASSERT_TRUE(store->apply(all).has_value());
    EXPECT_EQ(get(*store, sample::texts, "x"), "3");
    const batch* other_way[] = {&third, &second};
    ASSERT_TRUE(store->apply(other_way).has_value());
    EXPECT_EQ(get(*store, sample::texts, "x"), "(absent)");
}

// Random changes against a std::map, across reopening and growth.
TEST(environment, behaves_like_a_map) {
    temporary_folder folder;
    std::mt19937_64 random(4711);
    constexpr std::array tables{sample::rows, sample::notes, sample::work, sample::series,
                                sample::texts};
    std::array<std::map<std::string, std::string>, tables.size()> model;
    for (int round = 0; round < 4; ++round) {
        auto store = open_or_fail(folder / "data");
        ASSERT_TRUE(store);
        for (int i = 0; i < 60; ++i) {
            batch changes;
            for (int j = 0; j < 200; ++j) {
                auto number = random() % tables.size();
                const auto& which = tables[number];
                auto name = std::to_string(random() % 3000) + std::string(random() % 60, 'k');
                if (random() % 3 == 0) {
                    changes.erase(which, name);
                    model[number].erase(name);
                } else {
                    std::string value(random() % (random() % 50 == 0 ? 9000 : 300),
                                      static_cast<char>('a' + random() % 26));
                    changes.put(which, name, value);
                    model[number][name] = value;
                }
            }
            ASSERT_TRUE(apply(*store, changes).has_value());
        }
        auto view = store->read();
        for (std::size_t number = 0; number < tables.size(); ++number) {
            std::map<std::string, std::string> found;
            const auto& which = tables[number];
            view.for_each(which, {}, [&](auto key, auto value) {
                found.emplace(key, value);
                return true;
            });
            ASSERT_EQ(found, model[number]) << which.name;
            ASSERT_EQ(view.count(which), model[number].size());
        }
    }
}

// As messages come and go: new ones at the right edge, old ones from the left, others in between,
// until nothing is left, so that pages fill, merge and empty beside the place of either cursor.
TEST(environment, erases_find_what_was_put) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    std::mt19937_64 random(815);
    constexpr std::array tables{sample::rows, sample::work, sample::texts};
    std::array<std::map<std::string, std::size_t>, tables.size()> model;  // key: size of its value
    std::uint64_t newest = 0;
    std::size_t met = 0;
    for (int round = 0; round < 120; ++round) {
        const std::uint64_t erases_of_ten = round % 20 < 10 ? 3 : 8;
        batch changes;
        for (int j = 0; j < 1000; ++j) {
            const auto number = random() % tables.size();
            auto& expected = model[number];
            if (random() % 10 >= erases_of_ten) {
                const std::size_t size = random() % (random() % 40 == 0 ? 6000 : 400);
                const auto old = random() % 4 == 0 && newest > 0;  // one that is or was there
                const auto id =
                    old ? newest - random() % std::min<std::uint64_t>(newest, 3000) : ++newest;
                const auto key = std::string(number_key(id).view());
                changes.put(tables[number], key, std::string(size, 'v'));
                expected[key] = size;
            } else if (!expected.empty()) {
                auto at = expected.begin();  // the oldest, or one of the first hundred
                std::advance(at,
                             random() % 2 * random() % std::min<std::size_t>(expected.size(), 100));
                changes.erase(tables[number], at->first);
                expected.erase(at);
                ++met;
            }
        }
        if (round % 40 == 39) {
            for (std::size_t number = 0; number < tables.size(); ++number) {
                for (const auto& each : std::exchange(model[number], {})) {
                    changes.erase(tables[number], each.first);
                    ++met;
                }
            }
        }
        ASSERT_TRUE(apply(*store, changes).has_value());
        auto view = store->read();
        for (std::size_t number = 0; number < tables.size(); ++number) {
            std::map<std::string, std::size_t> found;
            view.for_each(tables[number], {}, [&](auto key, auto value) {
                found.emplace(key, value.size());
                return true;
            });
            ASSERT_EQ(found, model[number]) << tables[number].name << " in round " << round;
        }
    }
    EXPECT_GT(met, 40'000U) << "erases that met something";
}

TEST(environment, the_map_grows_by_itself_under_load) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    EXPECT_EQ(store->usage().map_bytes, 1U << 20);
    std::atomic<bool> done = false;
    std::atomic<std::uint64_t> reads = 0;
    std::thread reader([&] {
        while (!done) {
            auto view = store->read();
            auto last = view.last(sample::rows);
            if (last) {
                auto id = read_number<std::uint64_t>(last->key);
                // What a snapshot sees is whole: all ids up to the last one.
                EXPECT_EQ(view.count(sample::rows), *id);
                EXPECT_EQ(last->value.size(), 1000U);
            }
            ++reads;
        }
    });
    std::uint64_t id = 0;
    for (int i = 0; i < 400; ++i) {
        batch changes;
        for (int j = 0; j < 50; ++j)
            changes.put(sample::rows, number_key(++id), std::string(1000, 'm'));
        EXPECT_TRUE(apply(*store, changes).has_value());
    }
    done = true;
    reader.join();
    auto usage = store->usage();
    EXPECT_GT(usage.used_bytes, 20'000'000U);
    EXPECT_LT(usage.used_bytes, 40'000'000U);  // appended pages are filled
    EXPECT_GE(usage.growths, 5U);
    EXPECT_LE(usage.used_bytes, usage.map_bytes);
    EXPECT_EQ(usage.read_faults, 0U);
    EXPECT_GT(reads, 0U);
    EXPECT_EQ(store->read().count(sample::rows), 20'000U);
}

TEST(environment, one_batch_larger_than_the_map_fits_after_growing) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    batch changes;
    for (std::uint64_t i = 0; i < 100; ++i)
        changes.put(sample::rows, number_key(i), std::string(200'000, 'b'));
    ASSERT_TRUE(apply(*store, changes).has_value());
    EXPECT_EQ(store->read().count(sample::rows), 100U);
    EXPECT_GE(store->usage().growths, 4U);
}

TEST(environment, growth_waits_for_the_snapshot) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    put(*store, sample::texts, "code", "target");
    std::thread writing;
    {
        auto view = store->read();
        auto value = view.get(sample::texts, "code");
        writing = std::thread([&] {
            batch changes;
            changes.put(sample::rows, "big", std::string(4U << 20, 'b'));
            EXPECT_TRUE(apply(*store, changes).has_value());
        });
        for (int i = 0; i < 1000; ++i) {
            std::this_thread::yield();
            ASSERT_EQ(value, "target");
            // More snapshots on this thread must not wait for the growth that waits for us.
            ASSERT_TRUE(store->read().has(sample::texts, "code"));
        }
        EXPECT_EQ(store->usage().growths, 0U);
        EXPECT_FALSE(view.has(sample::rows, "big"));
    }
    writing.join();
    EXPECT_GE(store->usage().growths, 1U);
    EXPECT_TRUE(store->read().has(sample::rows, "big"));
}

TEST(environment, the_limit_of_the_map_is_an_error_that_loses_nothing) {
    temporary_folder folder;
    auto settings = settings_for(folder / "data");
    settings.map_bytes_max = 2U << 20;
    std::uint64_t kept = 0;
    {
        auto store = open_or_fail(settings);
        ASSERT_TRUE(store);
        for (;;) {
            batch changes;
            changes.put(sample::rows, number_key(kept + 1), std::string(20'000, 'm'));
            auto result = apply(*store, changes);
            if (!result) {
                EXPECT_EQ(result.error(), commit_error::map_limit);
                break;
            }
            ++kept;
            ASSERT_LT(kept, 200U);
        }
        EXPECT_GT(kept, 50U);
        EXPECT_EQ(store->read().count(sample::rows), kept);
    }
    settings.map_bytes_max = 8U << 20;
    auto store = open_or_fail(settings);
    ASSERT_TRUE(store);
    put(*store, sample::rows, number_key(kept + 1), std::string(20'000, 'm'));
    EXPECT_EQ(store->read().count(sample::rows), kept + 1);
}

TEST(snapshot, sees_one_state) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    put(*store, sample::texts, "a", "old");
    auto before = store->read();
    put(*store, sample::texts, "a", "new");
    put(*store, sample::texts, "b", "more");
    EXPECT_EQ(before.get(sample::texts, "a"), "old");
    EXPECT_FALSE(before.has(sample::texts, "b"));
    EXPECT_EQ(before.count(sample::texts), 1U);
    auto after = std::move(before);  // still the same view
    EXPECT_EQ(after.get(sample::texts, "a"), "old");
    EXPECT_EQ(get(*store, sample::texts, "a"), "new");
}

TEST(snapshot, keys_that_cannot_exist_are_absent) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    auto view = store->read();
    EXPECT_FALSE(view.has(sample::texts, ""));
    EXPECT_FALSE(view.has(sample::texts, std::string(512, 'k')));
    EXPECT_FALSE(view.first(sample::texts));
    EXPECT_FALSE(view.last(sample::texts));
    EXPECT_EQ(store->usage().read_faults, 0U);
}

TEST(snapshot, ranges_and_edges) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    batch changes;
    for (std::uint32_t endpoint : {1U, 2U, 0xFFFFFFFFU})
        for (std::uint64_t sequence = 1; sequence <= endpoint % 10; ++sequence)
            changes.put(sample::series, pair_key(endpoint, sequence), std::to_string(sequence));
    ASSERT_TRUE(apply(*store, changes).has_value());
    auto view = store->read();
    auto count = [&](std::uint32_t endpoint) {
        std::string seen;
        view.for_each_with_prefix(sample::series, pair_prefix(endpoint), [&](auto, auto value) {
            seen += value;
            return seen.size() < 3;
        });
        return seen;
    };
    EXPECT_EQ(count(1), "1");
    EXPECT_EQ(count(2), "12");
    EXPECT_EQ(count(3), "");
    EXPECT_EQ(count(0xFFFFFFFF), "123");  // stopped by the visitor
    EXPECT_EQ(view.last_with_prefix(sample::series, pair_prefix(2))->value, "2");
    EXPECT_EQ(view.last_with_prefix(sample::series, pair_prefix(0xFFFFFFFF))->value, "5");
    EXPECT_FALSE(view.last_with_prefix(sample::series, pair_prefix(3)));
    EXPECT_FALSE(view.last_with_prefix(sample::series, pair_prefix(0)));
    EXPECT_EQ(view.first(sample::series)->key, pair_key(1, 1).view());
    EXPECT_EQ(view.last(sample::series)->key, pair_key(0xFFFFFFFF, 5).view());
}

TEST(cursor, moves_both_ways_and_stays_at_the_end) {
    temporary_folder folder;
    auto store = open_or_fail(folder / "data");
    ASSERT_TRUE(store);
    batch changes;
    for (auto name : {"b", "d", "f"})
        changes.put(sample::texts, name, name);
    ASSERT_TRUE(apply(*store, changes).has_value());
    auto view = store->read();
    cursor at(view, sample::texts);
    ASSERT_TRUE(at.seek("c"));
    EXPECT_EQ(at.key(), "d");
    ASSERT_TRUE(at.previous());
    EXPECT_EQ(at.key(), "b");
    EXPECT_FALSE(at.previous());
    EXPECT_FALSE(at.valid());
    EXPECT_FALSE(at.next());  // not back to the first
    EXPECT_EQ(at.key(), "");
    ASSERT_TRUE(at.seek_before("d"));
    EXPECT_EQ(at.key(), "b");
    EXPECT_FALSE(at.seek_before("b"));
    ASSERT_TRUE(at.seek_before("z"));
    EXPECT_EQ(at.value(), "f");
    EXPECT_FALSE(at.next());
    EXPECT_FALSE(at.seek("g"));
}

}  // namespace
}  // namespace hikyaku::store
