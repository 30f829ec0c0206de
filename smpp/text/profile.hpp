// What one carrier can take, as far as the octets of a message depend on it: its alphabets, how
// segments find each other, its own limits and what it counts when it bills. The planner and the
// estimate take a profile; carriers' settings and the shipped profiles of Japan's carriers make
// one. Values only, no allocation, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "smpp/text/data_coding.hpp"

namespace hikyaku::smpp::text {

/// How the segments of one message find each other. The values are stored: append only.
enum class segmentation : std::uint8_t {
    udh8 = 0,     // user data header, element 0x00: 8-bit reference
    udh16 = 1,    // user data header, element 0x08: 16-bit reference
    sar = 2,      // sar_msg_ref_num, sar_total_segments, sar_segment_seqnum beside each segment
    payload = 3,  // the whole text in message_payload, cut by the carrier
    none = 4      // one segment or refused
};

/// "udh8", "udh16", "sar", "payload", "none".
[[nodiscard]] std::string_view name_of(segmentation value) noexcept;

/// National language identifiers of TS 23.038, 6.2.1.2.4: 1 Turkish, 2 Spanish, 3 Portuguese,
/// 4 Bengali, 5 Gujarati, 6 Hindi, 7 Kannada, 8 Malayalam, 9 Oriya, 10 Punjabi, 11 Tamil,
/// 12 Telugu, 13 Urdu.
inline constexpr std::uint8_t language_max = 13;

/// A set of national languages.
class language_set {
public:
    constexpr language_set() = default;
    constexpr language_set(std::initializer_list<std::uint8_t> languages) {
        for (const std::uint8_t language : languages)
            insert(language);
    }
    /// Identifiers outside 1 to 13 are ignored.
    constexpr void insert(std::uint8_t language) {
        if (language >= 1 && language <= language_max)
            bits_ = static_cast<std::uint16_t>(bits_ | 1u << language);
    }
    [[nodiscard]] constexpr bool contains(std::uint8_t language) const {
        return language <= language_max && (bits_ >> language & 1u) != 0;
    }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    [[nodiscard]] constexpr std::uint16_t bits() const { return bits_; }
    bool operator==(const language_set&) const = default;

private:
    std::uint16_t bits_ = 0;
};

/// A carrier's own limits in one alphabet; 0 stands for the standard's (single, part) or for no
/// limit (total). A limit above the standard's is for a carrier that cuts by itself: it holds up to
/// the 254 octets of short_message, less what a header with national tables takes. `part` counts
/// the text beside the header of one of several segments, and is at most `single`; `total` that of
/// a whole message.
struct unit_limits {
    std::uint16_t single = 0;
    std::uint16_t part = 0;
    std::uint16_t total = 0;
    bool operator==(const unit_limits&) const = default;
};

/// What one message costs in a carrier's units. `ucs2` and `septets` say where the steps are;
/// a step of 0 bills by segments.
struct billing_steps {
    struct steps {
        std::uint16_t first = 0;  // so many units of text are one billed unit
        std::uint16_t next = 0;   // a longer text is one for every so many units, from its start
        bool operator==(const steps&) const = default;
    };
    steps ucs2{};
    steps septets{};
    bool operator==(const billing_steps&) const = default;
};

/// One alphabet and its code for all texts.
struct fixed_coding {
    encoding charset = encoding::latin1;  // one of fixed_charset.hpp
    std::uint8_t data_coding = 0;
    bool operator==(const fixed_coding&) const = default;
};

struct text_profile {
    default_alphabet alphabet = default_alphabet::gsm7;  // behind data_coding 0
    bool packed = false;          // GSM goes on the air as pack_segment writes it
    bool latin1_allowed = false;  // data_coding 3 for what does not fit in the default alphabet
    bool ascii_allowed = false;   // and data_coding 1
    std::uint8_t ucs2_data_coding = 0x08;
    bool class_in_f0 = false;  // GSM with a message class is 0xF0 to 0xF3 instead of 0x10 to 0x13
    segmentation method = segmentation::udh8;
    language_set languages{};     // national languages that may be used to save segments
    unit_limits ucs2{};           // in UTF-16 units
    unit_limits septets{};        // GSM, and whatever stands behind data_coding 0, counted as GSM
    unit_limits octets{};         // Latin-1 and ASCII with a data_coding of their own, and binary
    std::uint16_t parts_max = 0;  // beside the one of plan_options; 0 = no own limit
    billing_steps billing{};
    std::optional<fixed_coding> fixed{};  // all texts are written so; no alphabet above counts
    bool operator==(const text_profile&) const = default;
};

/// Whether a plan made for one carrier is, octet for octet, the plan for the other: all but the
/// billing steps and `packed`, which is applied when a segment is sent.
[[nodiscard]] bool same_octets(const text_profile& a, const text_profile& b) noexcept;

/// Equal for profiles with the same octets, otherwise different (the fields themselves, mixed).
[[nodiscard]] std::uint64_t fingerprint(const text_profile& profile) noexcept;

/// What a text of `units` in `enc` costs that went out as `parts` segments.
[[nodiscard]] std::uint32_t billed_units(const text_profile& profile, encoding enc,
                                         std::size_t units, std::uint32_t parts) noexcept;

struct shipped_profile {
    std::string_view name;
    text_profile profile;
};

/// Japan's carriers: "docomo", "au", "softbank", "rakuten". Lengths and billing steps as
/// aggregators publish them (one vendor's price list; others may differ, then a carrier's settings
/// say so).
[[nodiscard]] std::span<const shipped_profile> shipped_profiles() noexcept;

/// One of shipped_profiles(), or null.
[[nodiscard]] const text_profile* find_profile(std::string_view name) noexcept;

}  // namespace hikyaku::smpp::text
