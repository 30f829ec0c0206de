#include "smpp/text/character_counts.hpp"

#include <algorithm>

#include "smpp/text/utf8.hpp"

namespace hikyaku::smpp::text {

character_counts::character_counts(std::string_view utf8) {
    std::vector<char32_t> characters;
    for (std::size_t i = 0; i < utf8.size();) {
        const utf8_character character = decode_utf8(utf8, i);
        if (character.bytes == 0) break;
        if (character.code_point < ascii_.size())
            ++ascii_[character.code_point];
        else
            characters.push_back(character.code_point);
        i += character.bytes;
    }
    std::ranges::sort(characters);
    for (const char32_t character : characters) {
        if (others_.empty() || others_.back().first != character)
            others_.emplace_back(character, 0);
        ++others_.back().second;
    }
    // A language is ruled out by what GSM does not have, so that is looked at first.
    std::stable_partition(others_.begin(), others_.end(),
                          [](const auto& entry) { return gsm_septets(entry.first) == 0; });
}

std::optional<std::size_t> character_counts::septets(national_shift shift) const noexcept {
    std::size_t total = 0;
    const auto add = [&](char32_t character, std::size_t count) {
        const std::uint16_t code = to_septets(character, shift);
        total += code > 0x7F ? 2 * count : count;
        return code != not_in_gsm;
    };
    for (const auto& [character, count] : others_)
        if (!add(character, count)) return {};
    for (char32_t character = 0; character < ascii_.size(); ++character)
        if (ascii_[character] != 0 && !add(character, ascii_[character])) return {};
    return total;
}

}  // namespace hikyaku::smpp::text
