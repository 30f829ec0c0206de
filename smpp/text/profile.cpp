#include "smpp/text/profile.hpp"

#include <array>
#include <limits>

namespace hikyaku::smpp::text {

namespace {

constexpr text_profile japanese(segmentation method, std::uint16_t part, std::uint16_t septets_part,
                                billing_steps billing) {
    constexpr std::uint16_t parts = 10;
    const auto ten_times = [](std::uint16_t units) {
        return static_cast<std::uint16_t>(units * parts);
    };
    return {.method = method,
            .ucs2 = {.single = 70, .part = part, .total = ten_times(part)},
            .septets = {.single = 160, .part = septets_part, .total = ten_times(septets_part)},
            .parts_max = parts,
            .billing = billing};
}

constexpr std::uint16_t whole = std::numeric_limits<std::uint16_t>::max();

// docomo counts in steps of 66, which is what a 16-bit reference leaves; the others in steps of 67.
// SoftBank bills a message as one, whatever its length.
constexpr std::array<shipped_profile, 4> shipped{
    {{"docomo", japanese(segmentation::udh16, 66, 152, {.ucs2 = {70, 66}, .septets = {160, 152}})},
     {"au", japanese(segmentation::udh8, 67, 153, {.ucs2 = {70, 67}, .septets = {160, 153}})},
     {"softbank",
      japanese(segmentation::udh8, 67, 153, {.ucs2 = {whole, whole}, .septets = {whole, whole}})},
     {"rakuten",
      japanese(segmentation::udh8, 67, 153, {.ucs2 = {70, 67}, .septets = {160, 153}})}}};

/// FNV-1a over values, least significant octet first. Stored messages hold the result: it must stay
/// as it is.
class mixer {
public:
    void add(std::uint64_t value) {
        for (int i = 0; i < 8; ++i, value >>= 8)
            state_ = (state_ ^ (value & 0xFF)) * 0x100000001B3;
    }
    void add(const unit_limits& limits) {
        add(std::uint64_t{limits.single} << 32 | std::uint64_t{limits.part} << 16 | limits.total);
    }
    [[nodiscard]] std::uint64_t value() const { return state_; }

private:
    std::uint64_t state_ = 0xCBF29CE484222325;
};

}  // namespace

std::string_view name_of(segmentation value) noexcept {
    switch (value) {
        case segmentation::udh8:
            return "udh8";
        case segmentation::udh16:
            return "udh16";
        case segmentation::sar:
            return "sar";
        case segmentation::payload:
            return "payload";
        case segmentation::none:
            break;
    }
    return "none";
}

bool same_octets(const text_profile& a, const text_profile& b) noexcept {
    text_profile adapted = b;
    adapted.billing = a.billing;
    adapted.packed = a.packed;
    return a == adapted;
}

std::uint64_t fingerprint(const text_profile& profile) noexcept {
    mixer mixed;
    mixed.add(static_cast<std::uint64_t>(profile.alphabet) << 24 |
              static_cast<std::uint64_t>(profile.method) << 16 |
              std::uint64_t{profile.ucs2_data_coding} << 8 |
              std::uint64_t{profile.latin1_allowed} << 2 |
              std::uint64_t{profile.ascii_allowed} << 1 | std::uint64_t{profile.class_in_f0});
    mixed.add(std::uint64_t{profile.languages.bits()} << 16 | profile.parts_max);
    mixed.add(profile.ucs2);
    mixed.add(profile.septets);
    mixed.add(profile.octets);
    if (profile.fixed) {
        mixed.add(static_cast<std::uint64_t>(profile.fixed->charset) << 8 |
                  profile.fixed->data_coding);
    }
    return mixed.value();
}

std::uint32_t billed_units(const text_profile& profile, encoding enc, std::size_t units,
                           std::uint32_t parts) noexcept {
    billing_steps::steps steps{};
    if (enc == encoding::ucs2) steps = profile.billing.ucs2;
    if (enc == encoding::gsm7) steps = profile.billing.septets;
    if (steps.first == 0 || steps.next == 0) return parts;
    if (units <= steps.first) return 1;
    return static_cast<std::uint32_t>((units + steps.next - 1) / steps.next);
}

std::span<const shipped_profile> shipped_profiles() noexcept {
    return shipped;
}

const text_profile* find_profile(std::string_view name) noexcept {
    for (const shipped_profile& entry : shipped)
        if (entry.name == name) return &entry.profile;
    return nullptr;
}

}  // namespace hikyaku::smpp::text
