// Stores that earlier versions have written, byte for byte: made with LMDB alone, they open, and
// every entry is found by the keys and read as the values of today.
#include <gtest/gtest.h>
#include <lmdb.h>

#include <chrono>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/model/files.hpp"
#include "gateway/model/records.hpp"
#include "store/append_log.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/gateway/model/support.hpp"

namespace hikyaku::gateway::model {
namespace {

std::string octets_of(std::string_view hex) {
    const auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
    std::string out;
    for (std::size_t at = 0; at + 1 < hex.size(); at += 2)
        out += static_cast<char>(digit(hex[at]) << 4 | digit(hex[at + 1]));
    return out;
}

struct raw_entry {
    const char* table;
    std::string_view key;    // hexadecimal, as docs/store.md shows them
    std::string_view value;  // likewise
};

// The outcome of docs/store.md: delivered, 1767225660000.
constexpr std::string_view outcome_octets =
    "10000000000000000800100007000800080000000000000260"
    "92db769b010000";

const std::vector<raw_entry> of_both_schemas = {
    {"outcomes", "0ba3f1e2d3c4b5a6", outcome_octets},
    {"queue", "00000002fc000000078000019b76daa8000ba3f1e2d3c4b5a6", "8000019b7c010400"},
    {"unmatched", "0000000580000000000000000000000000000009", "00"},
    {"outbox", "000000040000000000000102", "00"},
    {"dead_letters", "000000040000000000000103", "00"},
    {"links", "37586b326d5071396142", "00"},
    {"hits", "800000000000000137586b326d50713961420000000000000003", "00"},
    {"hit_counts", "0ba3f1e2d3c4b5a6", "00"},
    {"idempotency", "00000007612d31", "00"},
    {"expiry", "80000000000000010737586b326d5071396142", ""},
    {"references", "000000070005696e762d390ba3f1e2d3c4b5a6", ""},
    {"names", "0261636d65", "00000102"},
    {"meta", "686974735f73746f726564", "0000000000000007"},  // hits_stored
    {"reply_parts", "0000000711223344556677880a0b010302", "00"},
    {"aliases", "00c0ffee", "0ba3f1e2d3c4b5a6"},
    {"concat_slots", "0000ffff", "0100"},
};
const std::vector<raw_entry> of_schema_1 = {
    {"meta", "736368656d61", "0000000000000001"},
    {"receipt_keys", "0000000531613262", "0ba3f1e2d3c4b5a600000001"},
};
const std::vector<raw_entry> of_schema_2 = {
    {"meta", "736368656d61", "0000000000000002"},
    {"receipt_keys", "0000000531613262000ba3f1e2d3c4b5a60000", "0001"},
};

void write_raw(const std::string& folder, const std::vector<std::vector<raw_entry>>& parts) {
    MDB_env* env = nullptr;
    MDB_txn* transaction = nullptr;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_set_maxdbs(env, 64), 0);
    ASSERT_EQ(mdb_env_open(env, folder.c_str(), 0, 0600), 0);
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &transaction), 0);
    for (const auto& part : parts) {
        for (const auto& one : part) {
            MDB_dbi handle = 0;
            ASSERT_EQ(mdb_dbi_open(transaction, one.table, MDB_CREATE, &handle), 0);
            auto key = octets_of(one.key);
            auto value = octets_of(one.value);
            MDB_val name{key.size(), key.data()};
            MDB_val content{value.size(), value.data()};
            ASSERT_EQ(mdb_put(transaction, handle, &name, &content, MDB_NOOVERWRITE), 0)
                << one.table;
        }
    }
    ASSERT_EQ(mdb_txn_commit(transaction), 0);
    mdb_env_close(env);
}

// The names of the tables that are in the file, and how many entries all of them have.
std::pair<std::set<std::string>, std::size_t> listed(const std::string& folder) {
    MDB_env* env = nullptr;
    MDB_txn* transaction = nullptr;
    EXPECT_EQ(mdb_env_create(&env), 0);
    EXPECT_EQ(mdb_env_set_maxdbs(env, 64), 0);
    EXPECT_EQ(mdb_env_open(env, folder.c_str(), MDB_RDONLY, 0600), 0);
    EXPECT_EQ(mdb_txn_begin(env, nullptr, MDB_RDONLY, &transaction), 0);
    std::pair<std::set<std::string>, std::size_t> found;
    MDB_dbi names = 0;
    MDB_cursor* at = nullptr;
    EXPECT_EQ(mdb_dbi_open(transaction, nullptr, 0, &names), 0);
    EXPECT_EQ(mdb_cursor_open(transaction, names, &at), 0);
    MDB_val name;
    MDB_val ignored;
    while (mdb_cursor_get(at, &name, &ignored, MDB_NEXT) == 0) {
        const std::string table(static_cast<const char*>(name.mv_data), name.mv_size);
        MDB_dbi handle = 0;
        MDB_stat status{};
        EXPECT_EQ(mdb_dbi_open(transaction, table.c_str(), 0, &handle), 0);
        EXPECT_EQ(mdb_stat(transaction, handle, &status), 0);
        found.first.insert(table);
        found.second += status.ms_entries;
    }
    mdb_cursor_close(at);
    mdb_txn_abort(transaction);
    mdb_env_close(env);
    return found;
}

constexpr std::uint64_t id = 0x0BA3F1E2D3C4B5A6;

void expect_everything(const store::snapshot& view) {
    store::record_reader reader;
    const auto* outcome = view.get(table::outcomes, message_key(id), reader);
    ASSERT_NE(outcome, nullptr);
    EXPECT_EQ(outcome->state(), record::State::delivered);
    EXPECT_EQ(outcome->done(), 1'767'225'660'000);
    EXPECT_EQ(view.get(table::queue, queue_key(2, 3, 7, 1'767'225'600'000, id)), 1'767'312'000'000);
    EXPECT_TRUE(view.has(table::unmatched, unmatched_key(5, 0, 9)));
    EXPECT_TRUE(view.has(table::outbox, outbox_key(4, 258)));
    EXPECT_TRUE(view.has(table::dead_letters, outbox_key(4, 259)));
    EXPECT_TRUE(view.has(table::links, link_key("7Xk2mPq9aB")));
    EXPECT_TRUE(view.has(table::hits, hit_key(1, "7Xk2mPq9aB", 3)));
    EXPECT_TRUE(view.has(table::hit_counts, message_key(id)));
    EXPECT_TRUE(view.has(table::idempotency, idempotency_key(7, "a-1")));
    EXPECT_TRUE(view.has(table::expiry, expiry_key(1, table::links, link_key("7Xk2mPq9aB"))));
    EXPECT_TRUE(view.has(table::references, reference_key(7, "inv-9", id)));
    EXPECT_EQ(view.get(table::names, name_key(name_kind::carrier, "acme")), 258U);
    EXPECT_EQ(view.get(table::meta, "hits_stored"), 7U);
    EXPECT_TRUE(
        view.has(table::reply_parts, reply_part_key({7, 0x1122334455667788, 0x0A0B, 1, 3, 2})));
    EXPECT_EQ(view.get(table::aliases, alias_key(0x00C0FFEE)), id);
    EXPECT_EQ(view.get(table::concat_slots, concat_slot_key(65535)), 256U);
    const auto of_id = receipt_key(5, "1a2b");
    store::cursor at(view, table::receipt_keys);
    ASSERT_TRUE(at.seek_before(receipt_keys_end(of_id)));
    EXPECT_EQ(parse_receipt_entry(of_id, at.key(), at.value()), (receipt_target{id, 0, 1}));
    EXPECT_EQ(view.get(table::meta, "schema"), 4U);
}

TEST(upgrade, every_entry_of_an_earlier_schema_is_found) {
    for (const auto& own : {of_schema_1, of_schema_2}) {
        const hikyaku::temporary_folder folder;
        write_raw(folder.path(), {of_both_schemas, own});
        const auto [before, entries] = listed(folder.path());
        for (int start = 0; start < 2; ++start) {
            const auto store = open_tables(folder.path());
            ASSERT_TRUE(store);
            expect_everything(store->read());
        }
        auto [after, entries_after] = listed(folder.path());
        constexpr std::size_t hash_keys = 2;  // of the indexes, in meta
        EXPECT_EQ(entries_after, entries + hash_keys) << "nothing else was added or lost";
        for (const auto* added :
             {"messages", "link_records", "replies", "receipt_index", "reference_index",
              "link_index", "reply_index", "party_index", "concat_pages", "cancels", "withdrawals",
              "link_seen", "reclassification", "link_uses", "used_names", "index_blocks",
              "index_manifests"})
            EXPECT_EQ(after.erase(added), 1U) << added << " was missing";
        EXPECT_EQ(after, before);
    }
}

TEST(upgrade, another_schema_is_refused) {
    for (const auto& [version, kind] :
         {std::pair{"0000000000000005", store::open_error::newer_schema},
          std::pair{"0000000000000000", store::open_error::older_schema}}) {
        const hikyaku::temporary_folder folder;
        write_raw(folder.path(), {{{"meta", "736368656d61", version}}});
        const auto opened =
            store::environment::open(store::testing::settings_for(folder.path()), {domain});
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().kind, kind);
        EXPECT_NE(opened.error().sentence.find("schema "), std::string::npos)
            << opened.error().sentence;
    }
}

// hits.log and sent.mark of a process that was killed.
TEST(upgrade, the_files_beside_the_store_are_believed) {
    const hikyaku::temporary_folder folder;
    store::testing::write_file(folder / "hits.log",
                               octets_of("03000000000000000100000000000000784a1bc8da971630"
                                         "6162630000000000"));
    store::append_log log(hit_log_path(folder.path()), 0);
    std::vector<std::pair<std::uint64_t, std::string>> found;
    log.take_found([&](std::uint64_t sequence, std::string_view octets) {
        found.emplace_back(sequence, octets);
    });
    EXPECT_EQ(found, (std::vector<std::pair<std::uint64_t, std::string>>{{1, "abc"}}));

    std::string mark = "sent0001boot";
    mark.resize(8 + 64);
    mark += octets_of("00e8764817000000");  // 100 s in nanoseconds
    store::testing::write_file(folder / "sent.mark", mark);
    using time_point = store::clock_mark::time_point;
    const store::clock_mark read(sent_mark_path(folder.path()), sent_mark_magic, "boot",
                                 time_point{std::chrono::seconds{200}});
    EXPECT_EQ(read.acted_before(), time_point{std::chrono::seconds{100}});
}

}  // namespace
}  // namespace hikyaku::gateway::model
