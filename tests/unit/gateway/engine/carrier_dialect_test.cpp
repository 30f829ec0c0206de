// How carriers want addresses and TLVs: each rule as one row of a table.
#include "gateway/engine/sending/carrier_dialect.hpp"
#include "tests/unit/gateway/engine/dlt_tags.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway {
namespace {

using config::address_rule;
using config::tlv_action;
using side = address_rule::side;
using shape = address_rule::shape;

TEST(shapes, are_told_by_ton_and_digits) {
    struct row {
        std::uint8_t ton;
        const char* digits;
        shape is;
    };
    for (const row& one : {
             row{1, "819012345678", shape::international},
             row{0, "819012345678", shape::international},
             row{0, "+819012345678", shape::international},
             row{0, "09012345678", shape::national},
             row{2, "9012345678", shape::national},
             row{4, "12345678", shape::national},
             row{0, "12345", shape::short_code},
             row{0, "12345678", shape::short_code},
             row{0, "123456789", shape::international},
             row{3, "123456789", shape::short_code},
             row{6, "1", shape::short_code},
             row{5, "12345", shape::alphanumeric},
             row{0, "Shop 24", shape::alphanumeric},
         })
        EXPECT_EQ(shape_of(one.ton, one.digits), one.is) << int{one.ton} << ' ' << one.digits;
}

address_rule rule(side of, shape is, std::string prefix, std::optional<std::uint8_t> ton,
                  std::optional<std::uint8_t> npi, std::string strip, std::string prepend) {
    address_rule made;
    made.of = of;
    made.is = is;
    made.prefix = std::move(prefix);
    made.ton = ton;
    made.npi = npi;
    made.strip = std::move(strip);
    made.prepend = std::move(prepend);
    return made;
}

config::carrier with_rules() {
    config::carrier carrier;
    carrier.source_ton = 3;
    carrier.destination_ton = 1;
    carrier.destination_npi = 1;
    carrier.address_rules = {
        rule(side::source, shape::alphanumeric, "", 5, 0, "", ""),
        rule(side::source, shape::short_code, "", 6, 9, "", "55"),
        rule(side::source, shape::international, "81", 2, std::nullopt, "81", "0"),
        rule(side::destination, shape::any, "8190", 2, 8, "81", "0"),
        rule(side::destination, shape::any, "81", std::nullopt, std::nullopt, "", "+"),
        rule(side::destination, shape::national, "", 1, 1, "0", "44"),
    };
    return carrier;
}

TEST(address_rules, the_first_that_fits_decides) {
    struct row {
        side of;
        carrier_address given, written;
    };
    const auto carrier = with_rules();
    std::string scratch;
    for (const row& one : {
             row{side::source, {5, 0, "Shop"}, {5, 0, "Shop"}},
             row{side::source, {0, 0, "12345"}, {6, 9, "5512345"}},
             row{side::source, {1, 1, "81312345678"}, {2, 1, "0312345678"}},
             // No rule: the carrier's source_ton, and the NPI that the address has.
             row{side::source, {1, 1, "4930123456"}, {3, 1, "4930123456"}},
             row{side::source, {0, 0, ""}, {3, 0, ""}},
             row{side::destination, {1, 1, "819012345678"}, {2, 8, "09012345678"}},
             row{side::destination, {1, 1, "818012345678"}, {1, 1, "+818012345678"}},
             row{side::destination, {2, 1, "07911123456"}, {1, 1, "447911123456"}},
             row{side::destination, {0, 0, "4930123456"}, {1, 1, "4930123456"}},
             // A plus of the application's does not hide the prefix.
             row{side::destination, {0, 0, "+819012345678"}, {2, 8, "09012345678"}},
         }) {
        const auto out = write_address(carrier, one.of, one.given, scratch);
        EXPECT_EQ(out.digits, one.written.digits);
        EXPECT_EQ(out.ton, one.written.ton) << one.given.digits;
        EXPECT_EQ(out.npi, one.written.npi) << one.given.digits;
    }
}

TEST(address_rules, never_call_a_leading_0_international) {
    struct row {
        side of;
        std::uint8_t ton;
        const char* digits;
        std::uint8_t written;
    };
    config::carrier carrier;
    carrier.source_ton = 1;
    std::string scratch;
    for (const row& one : {
             row{side::destination, 1, "819012345678", 1},
             row{side::destination, 0, "09012345678", 0},
             row{side::destination, 1, "09012345678", 0},
             row{side::destination, 2, "09012345678", 2}, row{side::destination, 3, "0001", 3},
             row{side::destination, 1, "+09012345678", 0}, row{side::source, 2, "0312345678", 2},
             row{side::source, 1, "0312345678", 0},
             row{side::source, 5, "0Shop", 1},  // no digits: as the carrier wants it
         }) {
        EXPECT_EQ(int{write_address(carrier, one.of, {one.ton, 1, one.digits}, scratch).ton},
                  int{one.written})
            << one.digits;
    }
    // Nor what a rule makes of an address, whatever it says.
    carrier.address_rules = {
        rule(side::destination, shape::any, "81", std::nullopt, 8, "81", "0"),
        rule(side::destination, shape::any, "49", 1, 8, "", "00"),
    };
    for (const char* digits : {"819012345678", "4930123456"}) {
        const auto out = write_address(carrier, side::destination, {1, 1, digits}, scratch);
        EXPECT_EQ(int{out.ton}, 0) << out.digits;
        EXPECT_EQ(int{out.npi}, 8);
    }
}

TEST(address_rules, can_make_what_has_no_room) {
    config::carrier carrier;
    carrier.address_rules = {
        rule(side::destination, shape::any, "49", std::nullopt, std::nullopt, "", "1234567890"),
        rule(side::destination, shape::any, "112", std::nullopt, std::nullopt, "112", ""),
        rule(side::source, shape::any, "", std::nullopt, std::nullopt, "Shop", "1234567890"),
    };
    struct row {
        const char *source, *destination;
        refusal why;
    };
    std::string scratch;
    for (const row& one :
         {row{"", "4901234567", refusal::none},
          row{"", "49012345678", refusal::destination_unwritable},
          row{"", "112", refusal::destination_unwritable}, row{"", "1121", refusal::none},
          row{"", "81234567890123456789", refusal::none}, row{"Shop", "1121", refusal::none},
          row{"1234567890", "1121", refusal::none},
          row{"12345678901", "1121", refusal::source_unwritable}}) {
        EXPECT_EQ(unwritable(carrier, {0, 0, one.source}, {0, 0, one.destination}, scratch),
                  one.why)
            << one.source << " to " << one.destination;
    }
}

TEST(address_rules, are_undone_for_replies) {
    struct row {
        side of;
        std::uint8_t ton;
        const char *received, *restored;
    };
    const auto carrier = with_rules();
    std::string scratch;
    for (const row& one : {
             row{side::destination, 2, "09012345678", "819012345678"},
             row{side::destination, 0, "+818012345678", "818012345678"},
             row{side::source, 6, "5512345", "12345"},
             row{side::source, 0, "0312345678", "81312345678"},
             // Nothing that a rule would have written.
             row{side::destination, 1, "4930123456", "4930123456"},
             row{side::source, 5, "Shop", "Shop"},
             // An international number is not made national, though the last rule would allow it.
             row{side::destination, 1, "447911123456", "447911123456"},
         })
        EXPECT_EQ(restore_address(carrier, one.of, one.ton, one.received, scratch), one.restored);
}

TEST(address_rules, one_that_only_strips_is_undone_if_its_prefix_says_so) {
    for (const bool prefix : {false, true}) {
        config::carrier carrier;
        carrier.address_rules = {rule(side::destination, shape::any, prefix ? "81" : "",
                                      std::nullopt, std::nullopt, "81", "")};
        std::string scratch;
        EXPECT_EQ(restore_address(carrier, side::destination, 0, "9012345678", scratch),
                  prefix ? "819012345678" : "9012345678");
    }
}

// TLVs.

config::tlv_rule tlv(tlv_action action, std::uint16_t tag, std::string value = {},
                     bool replace = false) {
    config::tlv_rule made;
    made.action = action;
    made.tag = tag;
    made.value = std::move(value);
    made.replace = replace;
    return made;
}

struct one_tlv {
    std::uint16_t tag;
    std::string value;
    bool operator==(const one_tlv&) const = default;
};

std::ostream& operator<<(std::ostream& out, const one_tlv& each) {
    return out << std::hex << each.tag << '=' << each.value;
}

class written_tlvs {
public:
    explicit written_tlvs(const std::vector<one_tlv>& all) {
        smpp::tlv_writer writer(octets_);
        for (const auto& each : all) {
            writer.octets(each.tag, {reinterpret_cast<const std::uint8_t*>(each.value.data()),
                                     each.value.size()});
        }
        list = writer.list();
    }
    smpp::tlv_list list;

private:
    std::vector<std::uint8_t> octets_;
};

std::vector<one_tlv> read(const smpp::tlv_list& list) {
    std::vector<one_tlv> out;
    for (const auto& each : list)
        out.push_back({each.tag, std::string(each.value.begin(), each.value.end())});
    return out;
}

TEST(tlv_rules, decide_what_a_carrier_gets) {
    struct row {
        const char* what;
        std::vector<config::tlv_rule> rules;
        tlv_action otherwise;
        std::vector<one_tlv> given, written;
        tlv_fault fault = tlv_fault::none;
    };
    using enum tlv_action;
    const one_tlv entity{dlt_entity, "1101"}, text{dlt_template, "1107"}, port{0x020A, "\x10"};
    const one_tlv sar{smpp::tag::sar_total_segments, "\x02"};
    for (const row& one : {
             row{"no rules", {}, pass, {entity, port}, {entity, port}},
             row{"drop one", {tlv(drop, dlt_entity)}, pass, {entity, port, entity}, {port}},
             row{"only what is named", {tlv(pass, dlt_entity)}, drop, {entity, port}, {entity}},
             row{"what holds a text together stays", {}, drop, {entity, sar}, {sar}},
             row{"unless it is named", {tlv(drop, sar.tag)}, drop, {entity, sar}, {}},
             row{"add what is missing",
                 {tlv(add, dlt_entity, "9")},
                 pass,
                 {port},
                 {port, {dlt_entity, "9"}}},
             row{"add leaves what is there", {tlv(add, dlt_entity, "9")}, pass, {entity}, {entity}},
             row{"add and replace",
                 {tlv(add, dlt_entity, "9", true)},
                 pass,
                 {entity, port, entity},
                 {port, {dlt_entity, "9"}}},
             row{"required and there",
                 {tlv(require, dlt_entity), tlv(require, dlt_template)},
                 drop,
                 {entity, text, port},
                 {entity, text}},
             row{"required, missing, with a value",
                 {tlv(require, dlt_entity, "7")},
                 pass,
                 {},
                 {{dlt_entity, "7"}}},
             row{"required and missing",
                 {tlv(require, dlt_entity), tlv(require, dlt_template)},
                 pass,
                 {entity},
                 {},
                 tlv_fault::missing},
         }) {
        config::carrier carrier;
        carrier.tlv_rules = one.rules;
        carrier.tlv_default = one.otherwise;
        const written_tlvs given(one.given);
        std::vector<std::uint8_t> buffer;
        smpp::tlv_list list;
        EXPECT_EQ(write_tlvs(carrier, given.list, 0x34, buffer, list), one.fault) << one.what;
        EXPECT_EQ(read(list), one.written) << one.what;
        EXPECT_EQ(lacks_tlv(carrier, given.list), one.fault == tlv_fault::missing) << one.what;
    }
}

TEST(tlv_rules, a_bind_of_3_3_gets_none) {
    config::carrier carrier;
    std::vector<std::uint8_t> buffer;
    smpp::tlv_list list;
    const written_tlvs harmless({{dlt_entity, "1"}});
    EXPECT_EQ(write_tlvs(carrier, harmless.list, 0x33, buffer, list), tlv_fault::none);
    EXPECT_TRUE(list.empty());
    for (const std::uint16_t tag : {smpp::tag::message_payload, smpp::tag::sar_total_segments}) {
        const written_tlvs needed({{tag, "1"}});
        EXPECT_EQ(write_tlvs(carrier, needed.list, 0x33, buffer, list), tlv_fault::forbidden);
        EXPECT_EQ(write_tlvs(carrier, needed.list, 0x34, buffer, list), tlv_fault::none);
    }
}

TEST(tlv_rules, what_3_3_cannot_do_is_found_at_the_start) {
    const auto fault_of = [](auto change) {
        config::carrier carrier;
        carrier.version = 0x33;
        change(carrier);
        return dialect_fault(carrier).value_or("");
    };
    EXPECT_EQ(fault_of([](auto&) {}), "");
    EXPECT_EQ(fault_of([](auto& c) { c.text.segmentation = config::segmentation::udh16; }), "");
    EXPECT_EQ(fault_of([](auto& c) { c.tlv_rules = {tlv(tlv_action::drop, 1)}; }), "");
    for (const auto how : {config::segmentation::sar, config::segmentation::payload}) {
        EXPECT_TRUE(fault_of([&](auto& c) {
                        c.text.segmentation = how;
                    }).starts_with("text.segmentation needs TLVs"));
        EXPECT_EQ(fault_of([&](auto& c) {
                      c.text.segmentation = how;
                      c.version = 0x34;
                  }),
                  "");
    }
    EXPECT_TRUE(fault_of([](auto& c) {
                    c.tlv_rules = {tlv(tlv_action::require, 1)};
                }).starts_with("tlv_rules add or require"));
}

TEST(dialect, writes_into_the_same_buffers_again_and_again) {
    auto carrier = with_rules();
    carrier.tlv_rules = {tlv(tlv_action::add, dlt_entity, "1101234567890123456", true),
                         tlv(tlv_action::drop, 0x020A)};
    const written_tlvs given({{dlt_template, "1107"}, {0x020A, "x"}});
    std::string source, destination;
    std::vector<std::uint8_t> buffer;
    smpp::tlv_list list;
    const auto write = [&] {
        (void)write_address(carrier, side::source, {0, 0, "1234567890123456"}, source);
        (void)write_address(carrier, side::destination, {1, 1, "819012345678901234"}, destination);
        EXPECT_EQ(write_tlvs(carrier, given.list, 0x34, buffer, list), tlv_fault::none);
        return std::tuple{static_cast<const void*>(source.data()),
                          static_cast<const void*>(destination.data()),
                          static_cast<const void*>(buffer.data())};
    };
    const auto first = write();
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(write(), first);
}

}  // namespace
}  // namespace hikyaku::gateway
