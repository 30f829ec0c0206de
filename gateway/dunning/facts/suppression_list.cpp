#include "gateway/dunning/facts/suppression_list.hpp"

#include <flatbuffers/flatbuffers.h>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/seal/words.hpp"

namespace hikyaku::gateway::dunning {

seal_place place_of(const suppression_position& at) {
    store::key_reader digest({reinterpret_cast<const char*>(at.contact.data()), 8});
    return {table::suppressions.number, digest.u64(), 0};
}

void put_suppression(const suppression_position& at, const suppression_words& what,
                     const account_secret& keys, store::batch& rows) {
    const auto sealed = seal_words(keys, place_of(at), {what.contact, what.reason});
    flatbuffers::FlatBufferBuilder fb;
    const auto words = octets_in(fb, sealed);
    fb.Finish(record::CreateSuppression(fb, what.purposes, what.at_ms, what.source, words,
                                        what.by_reply));
    rows.put(table::suppressions, suppression_key(at), octets_of(fb));
}

gate::purpose_set suppression_list::find(const store::snapshot& from,
                                         const suppression_position& whose) const {
    const suppression_key key(whose);
    gate::purpose_set purposes = 0;
    if (const auto* row = from.get(table::suppressions, key, reader_)) purposes = row->purposes();
    const auto at = fresh_.find(key.view());
    if (at != fresh_.end()) purposes |= at->second.purposes;
    return purposes;
}

gate::purpose_set suppression_list::find_by_reply(const store::snapshot& from,
                                                  const suppression_position& whose) const {
    const auto* row = from.get(table::suppressions, suppression_key(whose), reader_);
    return row == nullptr ? gate::purpose_set{} : row->by_reply();
}

void suppression_list::note_added(const suppression_position& whose, gate::purpose_set purposes) {
    auto& row = fresh_[std::string(suppression_key(whose).view())];
    row.purposes |= purposes;
    ++row.writes;
}

bool suppression_list::is_pending(const suppression_position& whose) const {
    return fresh_.contains(suppression_key(whose).view());
}

void suppression_list::note_stored(const suppression_position& whose) {
    const auto at = fresh_.find(suppression_key(whose).view());
    if (at != fresh_.end() && --at->second.writes == 0) fresh_.erase(at);
}

}  // namespace hikyaku::gateway::dunning
