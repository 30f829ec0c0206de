// A world for tests of texts: two carriers that want texts otherwise, and a phone that shows what
// was sent to it. Used by tests/unit/gateway/engine.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "smpp/pdu/tlv.hpp"
#include "smpp/text/gsm.hpp"
#include "smpp/text/ucs2.hpp"
#include "tests/support/phone.hpp"

namespace hikyaku::gateway::testing {

class texts : public ::testing::Test {
protected:
    /// Two segments.
    static inline const std::string long_text =
        "Your parcel " + std::string(180, 'x') + " is here {1}";

    engine_world world;
    testing::phone phone;

    config::carrier_text& text_of(carrier_id carrier) {
        return world.settings.carriers[static_cast<std::size_t>(carrier) - 1].text;
    }
    /// A route that tries alpha first, then beta.
    void both_carriers() {
        world.settings.routes[0].targets = {{.carrier = "alpha", .priority = 0},
                                            {.carrier = "beta", .priority = 1}};
    }
    [[nodiscard]] const config::carrier_text& text_of(bind_id bind) const {
        return world.settings.carriers[static_cast<std::size_t>(bind) % 2 == 1 ? 0 : 1].text;
    }
    /// The phone gets all that was sent; alpha has the odd binds, beta the even ones.
    void show_all() {
        for (const auto& sent : world.outputs->sent)
            phone.receive(sent, profile_of(text_of(sent.bind)));
    }
    std::string shown() {
        show_all();
        return phone.shown.empty() ? "" : phone.shown.back();
    }
    static submission octets_to(std::string_view octets, std::uint8_t data_coding,
                                std::uint8_t esm_class = 0) {
        auto message = engine_world::text_to("819012345678", "");
        message.text.reset();
        message.octets = octets;
        message.data_coding = data_coding;
        message.esm_class = esm_class;
        return message;
    }
    static std::string gsm(std::string_view text) {
        std::string out;
        EXPECT_EQ(smpp::text::encode_gsm(text, out).fault, smpp::text::gsm_fault::none);
        return out;
    }
    static std::string ucs2(std::string_view text) {
        std::u16string units;
        EXPECT_FALSE(smpp::text::append_utf16(text, units).has_value());
        std::string out;
        smpp::text::append_utf16be(units, out);
        return out;
    }
    static smpp::tlv_list tlvs_of(const sent_segment& sent) {
        return smpp::tlv_list::parse(smpp::text::octets_of(sent.tlvs)).value_or(smpp::tlv_list{});
    }
};

}  // namespace hikyaku::gateway::testing
