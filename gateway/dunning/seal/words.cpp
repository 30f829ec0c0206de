#include "gateway/dunning/seal/words.hpp"

#include <flatbuffers/flatbuffers.h>

#include "gateway/dunning/model/records_generated.h"
#include "store/record_reader.hpp"

namespace hikyaku::gateway::dunning {

std::string seal_words(const account_secret& by, const seal_place& at,
                       std::initializer_list<std::string_view> texts) {
    flatbuffers::FlatBufferBuilder fb;
    std::vector<flatbuffers::Offset<flatbuffers::String>> made;
    for (const auto text : texts)
        made.push_back(fb.CreateString(text.data(), text.size()));
    fb.Finish(record::CreateWords(fb, fb.CreateVector(made)));
    return seal(by, at, {reinterpret_cast<const char*>(fb.GetBufferPointer()), fb.GetSize()});
}

std::vector<std::string> open_words(const account_secret& by, const seal_place& at,
                                    std::string_view sealed, std::size_t count) {
    std::vector<std::string> texts(count);
    const auto plain = open(by, at, sealed);
    if (!plain) return texts;
    store::record_reader reader;
    const auto* words = reader.read<record::Words>(*plain);
    if (words == nullptr || words->texts() == nullptr) return texts;
    for (std::size_t i = 0; i < count && i < words->texts()->size(); ++i)
        texts[i] = words->texts()->Get(static_cast<flatbuffers::uoffset_t>(i))->str();
    return texts;
}

}  // namespace hikyaku::gateway::dunning
