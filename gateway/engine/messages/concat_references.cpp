#include "gateway/engine/messages/concat_references.hpp"

#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;

namespace {

/// FNV-1a. The slots of the store depend on it: it must stay as it is.
std::uint32_t slot_of(std::string_view destination) {
    std::uint64_t hash = 0xCBF29CE484222325;
    for (const char digit : destination)
        hash = (hash ^ static_cast<std::uint8_t>(digit)) * 0x100000001B3;
    return static_cast<std::uint32_t>((hash ^ hash >> 32) % model::concat_slot_count);
}

}  // namespace

concat_references::concat_references(engine_context& context) : room(context) {
    last_.resize(model::concat_slot_count);
    auto bits = random_();
    for (auto& slot : last_) {
        bits = bits * 6364136223846793005ULL + 1442695040888963407ULL;
        slot = static_cast<std::uint16_t>(bits >> 48);
    }
    const auto snapshot = environment_.read();
    snapshot.for_each(table::concat_slots, "", [&](std::string_view key, std::string_view value) {
        store::key_reader reader(key);
        const auto slot = reader.u32();
        const auto last = store::read_number<std::uint16_t>(value);
        if (reader.ok() && slot < last_.size() && last) last_[slot] = *last;
        return true;
    });
    snapshot.for_each(table::concat_pages, "", [&](std::string_view key, std::string_view value) {
        const auto page = model::concat_page_key::parse(key);
        if (!page || *page >= last_.size() / model::concat_page_slots) return true;
        store::key_reader reader(value);
        for (std::size_t i = 0; i < model::concat_page_slots && reader.remaining() > 1; ++i)
            last_[*page * model::concat_page_slots + i] = reader.u16();
        return true;
    });
}

std::uint16_t concat_references::next(std::string_view destination) const {
    return static_cast<std::uint16_t>(last_[slot_of(destination)] + 1);
}

void concat_references::take(std::string_view destination, std::uint16_t reference,
                             store::batch& into) {
    const auto slot = slot_of(destination);
    last_[slot] = reference;
    const auto page = slot / model::concat_page_slots;
    store::key octets;
    for (std::uint32_t i = 0; i < model::concat_page_slots; ++i)
        octets.u16(last_[page * model::concat_page_slots + i]);
    into.put(table::concat_pages, model::concat_page_key(page), octets.view());
}

}  // namespace hikyaku::gateway
