// Digests and the comparison of secrets.
#include "gateway/api/digest.hpp"

#include <gtest/gtest.h>

#include <boost/algorithm/hex.hpp>
#include <iterator>
#include <string>

namespace hikyaku::gateway::api {
namespace {

TEST(digest, is_what_idempotency_keys_are_stored_with) {
    std::string text;
    boost::algorithm::hex_lower(digest_of(""), std::back_inserter(text));
    EXPECT_EQ(text, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    EXPECT_NE(digest_of("a"), digest_of("b"));
}

TEST(digest, compares_secrets_of_any_length) {
    EXPECT_TRUE(same_secret("", ""));
    EXPECT_TRUE(same_secret("password", "password"));
    for (const std::string_view other : {"", "Password", "passwor", "passwore", "password "})
        EXPECT_FALSE(same_secret("password", other)) << other;
    EXPECT_FALSE(same_secret(std::string_view("a\0b", 3), "a"));
}

}  // namespace
}  // namespace hikyaku::gateway::api
