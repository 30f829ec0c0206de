// Reading the FlatBuffers that the store holds. LMDB gives values at any address, FlatBuffers wants
// them aligned: a record_reader copies a value that is not, and checks every value before it is
// used, so that a damaged one is "not there" instead of a wild read. One object per thread and use.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace hikyaku::store {

class record_reader {
public:
    // The record in `value`, or nullptr when it is no sound record of that kind. Valid until the
    // next call and while `value` is.
    template <class Record>
    [[nodiscard]] const Record* read(std::string_view value) {
        if (value.size() > FLATBUFFERS_MAX_BUFFER_SIZE) return nullptr;
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(value.data());
        if (reinterpret_cast<std::uintptr_t>(bytes) % sizeof(std::uint64_t) != 0) {
            words_.resize((value.size() + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t));
            if (!value.empty()) std::memcpy(words_.data(), value.data(), value.size());
            bytes = reinterpret_cast<const std::uint8_t*>(words_.data());
        }
        flatbuffers::Verifier verifier(bytes, value.size());
        if (!verifier.VerifyBuffer<Record>(nullptr)) return nullptr;
        return flatbuffers::GetRoot<Record>(bytes);
    }

private:
    std::vector<std::uint64_t> words_;
};

}  // namespace hikyaku::store
