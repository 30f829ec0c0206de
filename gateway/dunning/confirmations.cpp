#include "gateway/dunning/confirmations.hpp"

#include "gateway/dunning/octets.hpp"

namespace hikyaku::gateway::dunning {

void put_confirmation(const confirmation& what, std::uint64_t id, store::batch& rows) {
    flatbuffers::FlatBufferBuilder fb;
    const auto by = fb.CreateString(what.by), why = fb.CreateString(what.why);
    fb.Finish(record::CreateConfirmation(fb, what.at_ms, what.doubts, by, why));
    rows.put(table::confirmations, id_key(id), octets_of(fb));
}

std::optional<confirmation> last_confirmation(const store::snapshot& from) {
    const auto entry = from.last(table::confirmations);
    store::record_reader reader;
    const auto* stored = entry ? reader.read<record::Confirmation>(entry->value) : nullptr;
    if (stored == nullptr) return std::nullopt;
    confirmation what{stored->at(), stored->doubts(), {}, {}};
    if (stored->by() != nullptr) what.by = stored->by()->str();
    if (stored->why() != nullptr) what.why = stored->why()->str();
    return what;
}

}  // namespace hikyaku::gateway::dunning
