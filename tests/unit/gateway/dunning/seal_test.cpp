// What is sealed is read with the same key at the same place only, and no octet of it can be
// altered; nor can one of an event in a chain.
#include "gateway/dunning/seal/seal.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "gateway/dunning/model/tables.hpp"
#include "gateway/dunning/seal/chain.hpp"
#include "gateway/dunning/seal/master_key.hpp"
#include "gateway/dunning/seal/words.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hikyaku::gateway::dunning {
namespace {

constexpr seal_place here{table::holds.number, 7, 1};

account_secret fixed_secret(std::uint8_t first = 0) {
    secret_octets root{};
    root[0] = first;
    return derive(root);
}

TEST(seal, is_opened_where_it_was_made) {
    const auto keys = fixed_secret();
    const auto sealed = seal(keys, here, "+819012345678");
    EXPECT_EQ(sealed.size(), 13U + 40U);
    EXPECT_EQ(sealed.find("8190"), std::string::npos);
    EXPECT_EQ(open(keys, here, sealed), "+819012345678");
    EXPECT_FALSE(open(fixed_secret(1), here, sealed));
    EXPECT_FALSE(open(keys, {table::tasks.number, 7, 1}, sealed));
    EXPECT_FALSE(open(keys, {table::holds.number, 8, 1}, sealed));
    EXPECT_FALSE(open(keys, {table::holds.number, 7, 2}, sealed));
    EXPECT_NE(seal(keys, here, "+819012345678"), sealed) << "equal texts look different";
}

TEST(seal, no_octet_can_be_altered_or_left_out) {
    const auto keys = fixed_secret();
    const auto sealed = seal(keys, here, "D-1");
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            auto altered = sealed;
            altered[i] = static_cast<char>(altered[i] ^ (1 << bit));
            EXPECT_FALSE(open(keys, here, altered)) << "octet " << i << " bit " << bit;
        }
        EXPECT_FALSE(open(keys, here, std::string_view(sealed).substr(0, i)));
    }
}

TEST(seal, words_come_back_in_their_order) {
    const auto keys = fixed_secret();
    const auto sealed = seal_words(keys, here, {"+81", "", "by letter"});
    EXPECT_EQ(open_words(keys, here, sealed, 4),
              (std::vector<std::string>{"+81", "", "by letter", ""}));
    EXPECT_EQ(open_words(fixed_secret(1), here, sealed, 2), std::vector<std::string>(2));
}

TEST(seal, digests_tell_scopes_and_accounts_apart) {
    using enum model::party_scope;
    const auto keys = fixed_secret();
    EXPECT_EQ(digest_of(keys, contact, "+8190"), digest_of(keys, contact, "8190"));
    EXPECT_NE(digest_of(keys, debtor, "+8190"), digest_of(keys, debtor, "8190"));
    EXPECT_NE(digest_of(keys, contact, "8190"), digest_of(keys, debtor, "8190"));
    EXPECT_NE(digest_of(keys, contact, "8190"), digest_of(fixed_secret(1), contact, "8190"));
}

TEST(seal, a_key_is_unwrapped_by_the_same_master_for_the_same_account) {
    const auto master = random_secret(), root = random_secret();
    const auto wrapped = wrap(master, 7, root);
    EXPECT_EQ(unwrap(master, 7, wrapped), root);
    EXPECT_FALSE(unwrap(master, 8, wrapped));
    EXPECT_FALSE(unwrap(random_secret(), 7, wrapped));
    for (std::size_t i = 0; i < wrapped.size(); ++i) {
        auto altered = wrapped;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        EXPECT_FALSE(unwrap(master, 7, altered)) << "octet " << i;
    }
}

TEST(chain, every_part_of_an_event_counts) {
    const auto keys = fixed_secret();
    const digest_octets start{};
    const chained_event event{11, 7, 1, 1'767'225'600'000, 3, 42, "sealed"};
    const auto hash = chain_hash(keys, start, event);
    EXPECT_EQ(chain_hash(keys, start, event), hash);
    const auto altered = [&](auto change) {
        auto other = event;
        change(other);
        return chain_hash(keys, start, other);
    };
    EXPECT_NE(altered([](auto& e) { e.id = 12; }), hash);
    EXPECT_NE(altered([](auto& e) { e.account = 8; }), hash);
    EXPECT_NE(altered([](auto& e) { e.number = 2; }), hash);
    EXPECT_NE(altered([](auto& e) { ++e.at_ms; }), hash);
    EXPECT_NE(altered([](auto& e) { e.kind = 4; }), hash);
    EXPECT_NE(altered([](auto& e) { e.subject = 43; }), hash);
    EXPECT_NE(altered([](auto& e) { e.sealed = "sealeD"; }), hash);
    EXPECT_NE(chain_hash(fixed_secret(1), start, event), hash);
    auto before = start;
    before[31] = 1;
    EXPECT_NE(chain_hash(keys, before, event), hash);
}

TEST(master_key, is_hexadecimal_with_white_space_around_it) {
    const std::string digits(64, 'a');
    ASSERT_TRUE(parse_master_key("  " + digits + "\r\n"));
    EXPECT_EQ(parse_master_key(digits)->front(), 0xAA);
    for (const auto& wrong :
         {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(62, 'a') + "gg",
          std::string(32, 'a') + " " + std::string(31, 'a')})
        EXPECT_FALSE(parse_master_key(wrong)) << wrong;
}

TEST(master_key, is_made_for_a_new_store_only) {
    const hikyaku::temporary_folder folder;
    master_key_source from{.store_folder = folder.path()};
    const auto made = read_master_key(from);
    ASSERT_TRUE(made);
    from.is_store_new = false;
    EXPECT_EQ(*read_master_key(from), *made);
    std::filesystem::remove(folder.path() + "/master.key");
    const auto lost = read_master_key(from);
    ASSERT_FALSE(lost);
    EXPECT_NE(lost.error().find("master.key cannot be read"), std::string::npos) << lost.error();
}

/// What a kill at the first start may leave behind: nothing is sealed with it yet.
TEST(master_key, that_was_not_finished_is_made_anew_for_a_new_store) {
    const hikyaku::temporary_folder folder;
    const auto path = folder.path() + "/master.key";
    master_key_source from{.store_folder = folder.path()};
    std::ofstream(path + ".new") << "half of";
    const auto made = read_master_key(from);
    ASSERT_TRUE(made) << made.error();
    EXPECT_FALSE(std::filesystem::exists(path + ".new"));
    EXPECT_EQ(*read_master_key(from), *made);
    std::filesystem::resize_file(path, 0);
    from.is_store_new = false;
    EXPECT_FALSE(read_master_key(from)) << "something is sealed with the key that is lost";
    from.is_store_new = true;
    const auto again = read_master_key(from);
    ASSERT_TRUE(again) << again.error();
    from.is_store_new = false;
    EXPECT_EQ(*read_master_key(from), *again);
    std::filesystem::resize_file(path, 20);
    EXPECT_FALSE(read_master_key(from));
}

TEST(master_key, comes_from_the_environment_first_and_from_a_named_file_only_if_it_is_there) {
    const hikyaku::temporary_folder folder;
    master_key_source from{.file = folder.path() + "/none", .store_folder = folder.path()};
    ASSERT_FALSE(read_master_key(from));
    from.environment = std::string(64, '1');
    ASSERT_TRUE(read_master_key(from));
    EXPECT_EQ(read_master_key(from)->back(), 0x11);
    from.environment = "short";
    EXPECT_FALSE(read_master_key(from));
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
