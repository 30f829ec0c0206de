// The small parts of stored records, FlatBuffers on one side and plain values on the other: texts
// that may be missing, octets, addresses. Views live as long as the record's bytes. Pure, any
// thread.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "config/settings.hpp"
#include "gateway/engine/sending/carrier_dialect.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/model/records.hpp"
#include "smpp/text/octets.hpp"

namespace hikyaku::gateway {

/// A missing text is an empty one.
[[nodiscard]] inline std::string_view view_of(const flatbuffers::String* from) {
    return from == nullptr ? std::string_view{} : from->string_view();
}

[[nodiscard]] inline smpp::text::octets view_of(const flatbuffers::Vector<std::uint8_t>* from) {
    return from == nullptr ? smpp::text::octets{} : smpp::text::octets(from->data(), from->size());
}

[[nodiscard]] inline carrier_address view_of(const model::record::Address& stored) {
    return {stored.ton(), stored.npi(), stored.digits()->string_view()};
}

[[nodiscard]] inline phone_address address_of(const model::record::Address& stored) {
    return {stored.ton(), stored.npi(), stored.digits()->str()};
}

[[nodiscard]] inline contact_point contact_of(const model::record::Message& stored) {
    contact_point contact;
    if (stored.contact() == nullptr) return contact;
    const auto append = [](const auto* from, std::vector<std::string>& into) {
        if (from != nullptr)
            for (const auto* word : *from)
                into.push_back(word->str());
    };
    contact.id = view_of(stored.contact()->id());
    append(stored.contact()->zones(), contact.zones);
    append(stored.contact()->tags(), contact.tags);
    return contact;
}

/// When the message came to its end; 0 = it has not. The record leaves it out where it is the
/// latest end of a segment.
[[nodiscard]] inline std::int64_t done_of(const model::record::Outcome& stored) {
    std::int64_t done = stored.done();
    if (done != 0 || !is_final(stored.state()) || stored.segments() == nullptr) return done;
    for (const auto* segment : *stored.segments())
        done = std::max(done, segment->done());
    return done;
}

[[nodiscard]] constexpr Purpose purpose_of(config::purpose said) {
    static_assert(static_cast<int>(config::purpose::marketing) ==
                  static_cast<int>(Purpose::marketing));
    return static_cast<Purpose>(said);
}

}  // namespace hikyaku::gateway
