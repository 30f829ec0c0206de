// The rules for purpose, contact, debtor and debt that both doors share.
#include "gateway/engine/submission/contact_fields.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace hikyaku::gateway {
namespace {

using namespace std::string_view_literals;

TEST(contact_fields, purposes_have_the_names_of_the_store) {
    EXPECT_EQ(purpose_named("transactional"), Purpose::transactional);
    EXPECT_EQ(purpose_named("service"), Purpose::service);
    EXPECT_EQ(purpose_named("dunning"), Purpose::dunning);
    EXPECT_EQ(purpose_named("marketing"), Purpose::marketing);
    for (const auto word : {""sv, "Dunning"sv, "dunning "sv, "dunning\0"sv, "dun"sv, "2"sv})
        EXPECT_FALSE(purpose_named(word)) << word;
}

TEST(contact_fields, labels_have_1_to_64_octets_without_control_characters) {
    for (const std::string& good : {std::string("a"), std::string(64, 'x'), std::string("a b,c"),
                                    std::string("\xFF\xC3"), std::string("請求")})
        EXPECT_EQ(label_fault(good), "") << good;
    EXPECT_EQ(label_fault(""), "must have 1 to 64 octets");
    EXPECT_EQ(label_fault(std::string(65, 'x')), "must have 1 to 64 octets");
    for (const auto bad : {"a\0b"sv, "\n"sv, "a\x1F"sv, "\x7F"sv})
        EXPECT_EQ(label_fault(bad), "must not hold control characters");
}

TEST(contact_fields, zones_have_the_form_of_iana_names) {
    contact_point to;
    for (const auto good : {"Asia/Tokyo", "America/Argentina/Buenos_Aires", "Etc/GMT+9", "UTC",
                            "America/Port-au-Prince", "EST5EDT"})
        EXPECT_EQ(add_zone(to, good, every_zone), "") << good;
    EXPECT_EQ(to.zones.size(), 6U);
    for (const std::string& bad :
         {std::string(), std::string("/Asia"), std::string("Asia/"), std::string("Asia//Tokyo"),
          std::string("Asia/Tokyo "), std::string("Asia,Tokyo"), std::string("../etc/passwd"),
          std::string("Asia\0Tokyo", 10), std::string("Asia/T\xC5\x8D"), std::string(65, 'x')}) {
        EXPECT_EQ(add_zone(to, bad, every_zone),
                  "must be the IANA name of a time zone, like Asia/Tokyo")
            << bad;
    }
    EXPECT_EQ(add_zone(to, "UTC", every_zone), "must not come twice");
    EXPECT_EQ(add_zone(to, std::string(64, 'x'), every_zone), "");
    EXPECT_EQ(add_zone(to, "GMT", every_zone), "");
    EXPECT_EQ(add_zone(to, "WET", every_zone), "must have at most 8 names");
    EXPECT_EQ(to.zones.size(), 8U);
    EXPECT_EQ(to.zones.back(), "GMT");
}

TEST(contact_fields, zones_are_those_that_there_are) {
    const zone_names known({"UTC", "Asia/Tokyo", "Africa/Abidjan"});
    EXPECT_EQ(known.size(), 3U);
    contact_point to;
    for (const auto good : {"Africa/Abidjan", "Asia/Tokyo", "UTC"})
        EXPECT_EQ(add_zone(to, good, known), "") << good;
    for (const auto bad : {"Asia/Kyoto", "asia/tokyo", "Asia", "UT", "UTCA"}) {
        EXPECT_EQ(add_zone(to, bad, known), "must be the IANA name of a time zone, like Asia/Tokyo")
            << bad;
    }
    EXPECT_TRUE(every_zone.knows("Asia/Kyoto"));
}

TEST(contact_fields, tags_are_labels_that_come_once) {
    contact_point to;
    for (std::size_t i = 0; i < 16; ++i)
        EXPECT_EQ(add_tag(to, fmt::format("tag {}", i)), "");
    EXPECT_EQ(add_tag(to, "tag 3"), "must not come twice");
    EXPECT_EQ(add_tag(to, ""), "must have 1 to 64 octets");
    EXPECT_EQ(add_tag(to, "\t"), "must not hold control characters");
    EXPECT_EQ(add_tag(to, "one more"), "must have at most 16 tags");
    EXPECT_EQ(to.tags.size(), 16U);
}

TEST(contact_fields, an_id_or_a_debt_is_of_one_person_and_zones_and_tags_of_many) {
    submission message;
    message.contact.zones = {"Asia/Tokyo"};
    message.contact.tags = {"own"};
    message.purpose = Purpose::marketing;
    EXPECT_FALSE(names_one_person(message));
    submission with = message;
    with.contact.id = "c";
    EXPECT_TRUE(names_one_person(with));
    with = message;
    with.debtor = "d";
    EXPECT_TRUE(names_one_person(with));
    with = message;
    with.debt = "d";
    EXPECT_TRUE(names_one_person(with));
}

}  // namespace
}  // namespace hikyaku::gateway
