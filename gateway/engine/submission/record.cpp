// The Message record of a submission, and those of its links.
#include <algorithm>

#include "gateway/engine/submission/submission.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> octets_in(flatbuffers::FlatBufferBuilder& fb,
                                                                 const std::string& value) {
    return fb.CreateVector(reinterpret_cast<const std::uint8_t*>(value.data()), value.size());
}

// All fields, so that the addresses of a message share what describes them.
auto address_in(flatbuffers::FlatBufferBuilder& fb, const phone_address& from) {
    fb.ForceDefaults(true);
    const auto made = record::CreateAddressDirect(fb, from.ton, from.npi, from.digits.c_str());
    fb.ForceDefaults(false);
    return made;
}

/// The codes of the message's links, those of the text it replaces first; null if there are none.
auto links_in(flatbuffers::FlatBufferBuilder& fb, const prepared_message& prepared)
    -> flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>> {
    std::vector<flatbuffers::Offset<flatbuffers::String>> codes;
    for (const auto& code : prepared.earlier_links)
        codes.push_back(fb.CreateString(code));
    for (const auto& link : prepared.planned.links)
        codes.push_back(fb.CreateString(link.code));
    if (codes.empty()) return {};
    return fb.CreateVector(codes);
}

/// What transliteration changed; null if it is nothing.
auto changes_in(flatbuffers::FlatBufferBuilder& fb, const planned_message& planned)
    -> flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<record::Replacement>>> {
    std::vector<flatbuffers::Offset<record::Replacement>> changes;
    for (const auto& change : planned.replaced) {
        changes.push_back(
            record::CreateReplacementDirect(fb, static_cast<std::uint32_t>(change.position),
                                            change.from.c_str(), change.to.c_str()));
    }
    if (changes.empty()) return {};
    return fb.CreateVector(changes);
}

/// Null if nothing of it is known.
flatbuffers::Offset<record::Contact> contact_in(flatbuffers::FlatBufferBuilder& fb,
                                                const contact_point& contact) {
    if (contact.empty()) return {};
    const auto list = [&fb](const std::vector<std::string>& words) {
        return words.empty() ? flatbuffers::Offset<
                                   flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>>{}
                             : fb.CreateVectorOfStrings(words);
    };
    const auto id = contact.id.empty() ? flatbuffers::Offset<flatbuffers::String>{}
                                       : fb.CreateString(contact.id);
    return record::CreateContact(fb, id, list(contact.zones), list(contact.tags));
}

/// How the text is written and cut.
/// The fields of one and two octets.
void add_small(record::MessageBuilder& made, const submission& message,
               const planned_message& planned) {
    made.add_concat_reference(planned.reference);
    made.add_languages(planned.languages);
    made.add_parts_max(static_cast<std::uint16_t>(planned.parts_max));
    made.add_parts(static_cast<std::uint16_t>(planned.parts));
    if (!message.text && !message.binary) made.add_submitted_data_coding(message.data_coding);
    made.add_origin(message.origin);
    made.add_encoding(static_cast<std::uint8_t>(planned.encoding));
    made.add_data_coding(planned.data_coding);
    made.add_esm_class(planned.esm_class);
    made.add_concatenation(static_cast<std::uint8_t>(planned.concatenation));
    made.add_choice(planned.choice);
    made.add_protocol_id(message.protocol_id);
    made.add_priority(planned.priority);
    made.add_registered_delivery(message.registered_delivery);
    made.add_at_most_once(message.at_most_once);
    made.add_callback_mask(message.callback.mask);
    made.add_callback_form(message.callback.form);
    made.add_callback_method(message.callback.method);
    made.add_purpose(message.purpose.value_or(Purpose::transactional));
    made.add_confirms_stop(message.confirms_stop);
}

}  // namespace

std::string_view submissions::build_record(account_id account, const submission& message,
                                           const prepared_message& prepared) {
    const auto& planned = prepared.planned;
    auto& fb = builder_;
    fb.Clear();
    const auto text = [&fb](const std::string& value) {
        return value.empty() ? flatbuffers::Offset<flatbuffers::String>{} : fb.CreateString(value);
    };
    fb.DedupVtables(true);  // few, and alike
    const auto source = address_in(fb, message.source);
    const auto destination = address_in(fb, message.destination);
    record_parts_.clear();
    for (const auto& segment : planned.segments)
        record_parts_.push_back(record::CreateOctets(fb, octets_in(fb, segment)));
    fb.DedupVtables(false);
    const auto segments = fb.CreateVector(record_parts_);
    const auto service_type = text(message.service_type);
    const auto reference = text(message.reference);
    const auto tag = text(message.tag);
    const auto callback = text(message.callback.url);
    const auto tlvs = message.tlvs.empty() ? 0 : octets_in(fb, message.tlvs);
    const auto links = links_in(fb, prepared);
    const auto group = prepared.group.empty() ? 0 : fb.CreateVector(prepared.group);
    const auto replaced = changes_in(fb, planned);
    const auto contact = contact_in(fb, message.contact);
    const auto debtor = text(message.debtor);
    const auto debt = text(message.debt);
    // The largest fields first, or octets between them are lost.
    record::MessageBuilder made(fb);
    made.add_not_before(planned.not_before_ms);
    made.add_expires(planned.expires_ms);
    made.add_plan(planned.profile);
    made.add_shown_id(prepared.shown_id);
    made.add_account(stored(account));
    made.add_route(stored(prepared.route));
    made.add_source(source);
    made.add_destination(destination);
    made.add_segments(segments);
    made.add_replaced(replaced);
    made.add_service_type(service_type);
    made.add_reference(reference);
    made.add_tag(tag);
    made.add_tlvs(tlvs);
    made.add_links(links);
    made.add_group(group);
    made.add_alias(prepared.alias);
    made.add_callback(callback);
    made.add_contact(contact);
    made.add_debtor(debtor);
    made.add_debt(debt);
    add_small(made, message, planned);
    fb.Finish(made.Finish());
    return built();
}

void submissions::store_links(const live_message& live, const planned_message& planned,
                              store::batch& into) {
    const auto lifetime =
        std::chrono::duration_cast<std::chrono::milliseconds>(settings_->links.expires_after);
    const auto expires = planned.link_expires_ms.value_or(now_.wall_ms + lifetime.count());
    // The record outlives the link by the retention, so that its hits can still be explained.
    const auto kept =
        std::chrono::duration_cast<std::chrono::milliseconds>(settings_->store.retention);
    const auto id = static_cast<std::uint64_t>(live.id);
    for (const auto& link : planned.links) {
        builder_.Clear();
        builder_.Finish(record::CreateLinkDirect(
            builder_, live.position.account, id, link.target.c_str(), now_.wall_ms, expires,
            planned.link_domain.c_str(), planned.link_max_uses));
        const auto key = model::link_record_key(id, link.code);
        into.put(table::link_records, key, built());
        into.add(table::link_index, {environment_.hash(link.code), id, 0});
        into.put(table::expiry,
                 model::expiry_key(expires + kept.count(), table::link_records, key));
    }
}

}  // namespace hikyaku::gateway
