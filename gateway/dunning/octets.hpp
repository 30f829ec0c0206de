// Octets in and out of the records of this domain. Pure, any thread; views live as long as what
// they were made of.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <string_view>

#include "gateway/dunning/model/records_generated.h"
#include "gateway/gate/decision.hpp"

namespace hikyaku::gateway::dunning {

[[nodiscard]] inline flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> octets_in(
    flatbuffers::FlatBufferBuilder& fb, std::string_view octets) {
    return fb.CreateVector(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size());
}

[[nodiscard]] inline std::string_view view_of_octets(
    const flatbuffers::Vector<std::uint8_t>* from) {
    return from == nullptr
               ? std::string_view{}
               : std::string_view(reinterpret_cast<const char*>(from->data()), from->size());
}

/// The record in `fb`, which is finished.
[[nodiscard]] inline std::string_view octets_of(const flatbuffers::FlatBufferBuilder& fb) {
    return {reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()};
}

[[nodiscard]] constexpr record::Verdict verdict_of(gate::outcome says) {
    switch (says) {
        case gate::outcome::delay:
            return record::Verdict::delay;
        case gate::outcome::require:
            return record::Verdict::require;
        case gate::outcome::block:
            return record::Verdict::block;
        case gate::outcome::allow:
            break;
    }
    return record::Verdict::allow;
}

[[nodiscard]] constexpr gate::outcome outcome_of(record::Verdict verdict) {
    switch (verdict) {
        case record::Verdict::delay:
            return gate::outcome::delay;
        case record::Verdict::require:
            return gate::outcome::require;
        case record::Verdict::block:
            return gate::outcome::block;
        case record::Verdict::allow:
            break;
    }
    return gate::outcome::allow;
}

}  // namespace hikyaku::gateway::dunning
