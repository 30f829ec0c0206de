// Everything that reads the octets of a message: user data headers, alphabets, national tables,
// packed septets, parts in any order. And the planner: for any text and any carrier, what fits is
// read back as it was, and no segment is longer than the air allows.
#include <algorithm>
#include <cassert>
#include <string>
#include <vector>

#include "smpp/text/packing.hpp"
#include "smpp/text/plan.hpp"
#include "smpp/text/reassembly.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku::smpp::text {
namespace {

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto character = decode_utf8(text, i);
        if (character.bytes == 0) return false;
        i += character.bytes;
    }
    return true;
}

void read_octets(octets bytes, std::uint8_t data_coding, default_alphabet alphabet) {
    national_shift shift;
    octets body = bytes;
    if (const auto parts = split_udh(bytes)) {
        assert(parts->elements.size() + parts->text.size() + 1 == bytes.size());
        std::size_t seen = 0;
        udh_reader reader(parts->elements);
        while (const auto element = reader.next())
            seen += 2 + element->data.size();
        assert(seen <= parts->elements.size());
        assert(reader.is_malformed() == (seen != parts->elements.size()));
        if (const auto info = concatenation_of(parts->elements))
            assert(info->total >= 1 && info->sequence >= 1 && info->sequence <= info->total);
        if (is_sound_udh(parts->elements)) assert(!reader.is_malformed());
        shift = shift_of(parts->elements);
        body = parts->text;
    }
    for (const auto fault : {on_fault::refuse, on_fault::replace})
        if (const auto text = decode_octets(body, data_coding, shift, alphabet, fault))
            assert(is_utf8(*text));
    for (const bool udhi : {false, true}) {
        const auto unpacked = unpack_segment(bytes, udhi);
        assert(unpacked.size() <= bytes.size() * 8 / 7 + 1);
        const bool header_fits = !udhi || split_udh(octets_of(unpacked)).has_value();
        if (header_fits && !unpacked.ends_with('\r')) {
            const auto packed = pack_segment(octets_of(unpacked), udhi);
            assert(unpack_segment(octets_of(packed), udhi) == unpacked);
        }
    }
}

text_profile profile_from(fuzz::fuzz_input& input) {
    text_profile made;
    const auto flags = input.u8();
    made.alphabet = static_cast<default_alphabet>(flags % 3);
    made.packed = made.alphabet == default_alphabet::gsm7 && (flags & 4) != 0;
    made.latin1_allowed = (flags & 8) != 0;
    made.ascii_allowed = (flags & 16) != 0;
    made.method = static_cast<segmentation>(input.choose(5));
    const auto languages = input.number(2);
    for (std::uint8_t language = 1; language <= language_max; ++language)
        if ((languages >> language & 1) != 0) made.languages.insert(language);
    made.parts_max = input.u8();
    const auto more = input.u8();
    made.class_in_f0 = (more & 1) != 0;
    if ((more & 2) != 0) made.ucs2_data_coding = 0x19;
    for (auto* limits : {&made.septets, &made.ucs2, &made.octets}) {
        if ((more & 4) == 0) break;
        *limits = {.single = input.u8(), .part = input.u8(), .total = 0};
    }
    return made;
}

/// The octets of a segment behind its header, and the tables it names.
segment_text segment_of(const plan& made, const std::string& segment) {
    const auto parts = made.udhi ? split_udh(octets_of(segment)) : std::nullopt;
    if (!parts) return {made.data_coding, segment, {}};
    return {made.data_coding, std::string(chars_of(parts->text)), shift_of(parts->elements)};
}

/// Whether the carrier takes more than goes on the air, since it cuts by itself.
bool is_raised(const plan& made, const text_profile& profile) {
    const bool several = made.parts > 1;
    const auto above = [several](const unit_limits& own, unsigned single, unsigned part) {
        return several ? own.part > part : own.single > single;
    };
    if (made.enc == encoding::ucs2) return above(profile.ucs2, 70, 67);
    if (made.enc == encoding::gsm7 || made.data_coding == 0)
        return above(profile.septets, 160, 153);
    return above(profile.octets, 140, 134);
}

/// Septets or octets of a segment on the air, with what a carrier adds to the header for SAR.
void check_length(const plan& made, const std::string& segment) {
    const auto parts = made.udhi ? split_udh(octets_of(segment)) : std::nullopt;
    const octets text = parts ? parts->text : octets_of(segment);
    std::size_t header = segment.size() - text.size();
    if (made.method == segmentation::sar) header += header == 0 ? 6 : 5;
    std::size_t septets = header_septets(header) + text.size();
    const bool eight_bit = made.enc == encoding::latin1 || made.enc == encoding::ascii;
    if (eight_bit && made.data_coding == 0) {
        for (const auto octet : text)
            septets += gsm_septets(octet) == 2 ? 1 : 0;
        assert(septets <= 160);
    } else if (made.enc == encoding::gsm7) {
        assert(septets <= 160);
    } else {
        assert(header + text.size() <= 140);
    }
}

void check_segments(const plan& made, const text_profile& profile) {
    assert(!made.segments.empty() && made.parts >= 1);
    for (const auto& segment : made.segments) {
        if (made.method == segmentation::payload) break;
        assert(segment.size() <= 254);
        if (!is_raised(made, profile)) check_length(made, segment);
        const bool septets = made.enc == encoding::gsm7;
        const bool all_septets = std::ranges::all_of(
            segment, [](char octet) { return static_cast<unsigned char>(octet) < 0x80; });
        if (profile.packed && septets && all_septets && !segment.ends_with('\r')) {
            const auto packed = pack_segment(octets_of(segment), made.udhi);
            assert(unpack_segment(octets_of(packed), made.udhi) == segment);
        }
    }
}

/// What a phone reads: it gets the last segment first, and knows only what the headers say (or, for
/// SAR, the values beside them).
std::string read_back(const plan& made, const plan_options& options, const text_profile& profile) {
    if (made.method == segmentation::none || made.method == segmentation::payload) {
        reassembled whole;
        whole.segments.emplace_back(segment_of(made, made.segments.front()));
        return whole.text(profile.alphabet);
    }
    const bool narrow = made.method == segmentation::udh8;
    assert(made.reference == (narrow ? options.reference & 0xFF : options.reference));
    reassembler phone;
    for (std::size_t i = made.segments.size(); i-- > 0;) {
        const auto read = segment_of(made, made.segments[i]);
        const auto parts = made.udhi ? split_udh(octets_of(made.segments[i])) : std::nullopt;
        const auto named = parts ? concatenation_of(parts->elements) : std::nullopt;
        assert(named.has_value() == (made.method != segmentation::sar));
        const auto info =
            named ? named
                  : concatenation_from_sar(made.reference, static_cast<std::uint8_t>(made.parts),
                                           static_cast<std::uint8_t>(i + 1));
        assert(info && info->reference == made.reference && info->wide == !narrow);
        assert(info->total == made.segments.size() && info->sequence == i + 1);
        auto added =
            phone.add("a", "b", *info, read.data_coding, octets_of(read.octets), {}, read.shift);
        assert(added.message.has_value() == (i == 0));
        if (added.message) return added.message->text(profile.alphabet);
    }
    return {};
}

void plan_and_read(const std::string& text, const plan_options& options,
                   const text_profile& profile) {
    const auto made = plan_text(text, options, profile);
    if (!made) return;
    assert(is_utf8(text));
    assert(made->parts <= std::max<std::uint32_t>(options.parts_max, 1));
    check_segments(*made, profile);
    assert(profile.parts_max == 0 || made->parts <= profile.parts_max);
    const std::string expected = text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
    // A further byte order mark, or U+FFFE, which is none but is read as one, says something else
    // at the start of a segment.
    const bool marked = expected.find("\xEF\xBB\xBF") != std::string::npos ||
                        expected.find("\xEF\xBF\xBE") != std::string::npos;
    const std::string read = read_back(*made, options, profile);
    if (made->replaced.empty() && !marked) assert(read == expected);
}

void put_together(fuzz::fuzz_input input) {
    reassembler parts({.sets_max = 4, .octets_max = 20, .timeout = std::chrono::seconds(9)});
    std::chrono::milliseconds now{0};
    while (!input.empty()) {
        now += std::chrono::milliseconds(input.u8() * 16);
        const concatenation_info info{static_cast<std::uint16_t>(input.choose(6)), input.choose(5),
                                      input.choose(6), input.choose(2) == 1};
        const auto added = parts.add("a", "b", info, input.choose(9), input.bytes(input.choose(24)),
                                     now, {input.choose(14), input.choose(14)});
        assert(parts.size() <= 4);
        if (added.message) assert(added.message->is_complete() && is_utf8(added.message->text()));
        if (added.evicted) assert(is_utf8(added.evicted->text()));
        for (const auto& late : parts.take_expired(now))
            assert(!late.is_complete() && is_utf8(late.text()));
    }
}

}  // namespace
}  // namespace hikyaku::smpp::text

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hikyaku;
    using namespace hikyaku::smpp::text;
    fuzz::fuzz_input input(data, size);
    const auto profile = profile_from(input);
    plan_options options;
    options.choice = static_cast<encoding_choice>(input.choose(3));
    options.parts_max = input.u8();
    options.reference = static_cast<std::uint16_t>(input.number(2));
    options.transliterate = static_cast<transliteration>(input.choose(3));
    if (const auto wanted = input.choose(5); wanted < 4) options.message_class = wanted;
    const std::uint8_t data_coding = input.u8();

    const octets rest = input.rest();
    read_octets(rest, data_coding, profile.alphabet);
    plan_and_read(std::string(chars_of(rest)), options, profile);
    if (const auto made = plan_octets(rest, data_coding, options, profile))
        check_segments(*made, profile);
    // Valid UTF-8 is hard to guess: the same bytes, read as UTF-16.
    std::string text;
    for (std::size_t i = 0; i + 1 < rest.size(); i += 2) {
        const char32_t unit = static_cast<char32_t>(rest[i] << 8 | rest[i + 1]);
        append_utf8(text, unit >= 0xD800 && unit < 0xE000 ? 0x1F000 + (unit & 0xFFF) : unit);
    }
    plan_and_read(text, options, profile);
    put_together(fuzz::fuzz_input(rest.data(), rest.size()));
    return 0;
}
