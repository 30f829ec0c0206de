#include "gateway/engine/unmatched/unmatched_entry.hpp"

namespace hikyaku::gateway {

std::string_view word_of(UnmatchedWhy why) {
    return model::record::EnumNameUnmatchedWhy(why);
}

carrier_message message_of(const model::record::Unmatched& stored) {
    carrier_message out;
    if (const auto* source = stored.source(); source != nullptr && source->digits() != nullptr) {
        out.source_ton = source->ton();
        out.source_npi = source->npi();
        out.source = source->digits()->string_view();
    }
    if (const auto* to = stored.destination(); to != nullptr && to->digits() != nullptr) {
        out.destination_ton = to->ton();
        out.destination_npi = to->npi();
        out.destination = to->digits()->string_view();
    }
    out.esm_class = stored.esm_class();
    out.data_coding = stored.data_coding();
    if (const auto* octets = stored.short_message()) out.octets = {octets->data(), octets->size()};
    if (const auto* raw = stored.tlvs())
        out.tlvs = smpp::tlv_list::parse({raw->data(), raw->size()}).value_or(smpp::tlv_list{});
    return out;
}

bool unmatched_entry::read() {
    record = reader.read<model::record::Unmatched>(bytes);
    message = record == nullptr ? carrier_message{} : message_of(*record);
    return record != nullptr;
}

UnmatchedWhy unmatched_entry::why() const {
    if (record->why() != UnmatchedWhy::not_recorded) return record->why();
    if (record->is_reply()) return UnmatchedWhy::no_owner;
    return record->carrier_message_id() == nullptr ? UnmatchedWhy::unreadable
                                                   : UnmatchedWhy::not_recorded;
}

}  // namespace hikyaku::gateway
