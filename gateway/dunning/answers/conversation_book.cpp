#include "gateway/dunning/answers/conversation_book.hpp"

#include <algorithm>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/seal/words.hpp"

namespace hikyaku::gateway::dunning {
namespace {

suppression_position position_of(account_id account, const party_digest& name) {
    return {stored(account), name};
}

seal_place conversation_place(const party_digest& name) {
    store::key_reader digest({reinterpret_cast<const char*>(name.data()), 8});
    return {table::conversations.number, digest.u64(), 0};
}

}  // namespace

std::string conversation_book::key_of(account_id account, const party_digest& name) {
    return std::string(suppression_key(position_of(account, name)).view());
}

std::optional<party_digest> conversation_book::name_of(account_id account,
                                                       std::string_view contact) const {
    const auto* keys = gate_.keys().find(stored(account));
    if (keys == nullptr) return std::nullopt;
    return digest_of(*keys, model::party_scope::contact, contact);
}

party_digest conversation_book::name_for(account_id account, std::string_view contact,
                                         store::batch& rows) {
    return digest_of(gate_.keys().of(stored(account), rows), model::party_scope::contact, contact);
}

std::optional<conversation> conversation_book::find(account_id account,
                                                    const party_digest& name) const {
    const auto* keys = gate_.keys().find(stored(account));
    if (keys == nullptr) return std::nullopt;
    store::record_reader reader;
    const auto from = store_.read();
    const auto* known =
        from.get(table::conversations, suppression_key(position_of(account, name)), reader);
    if (known == nullptr) return std::nullopt;
    conversation made;
    made.replied_ms = known->replied();
    made.closed_ms = known->closed();
    made.helped_ms = known->helped();
    made.told_closed_ms = known->told_closed();
    if (known->tasks() != nullptr)
        std::copy_n(known->tasks()->begin(),
                    std::min<std::size_t>(known->tasks()->size(), made.tasks.size()),
                    made.tasks.begin());
    if (known->stop_holds() != nullptr)
        made.stop_holds.assign(known->stop_holds()->begin(), known->stop_holds()->end());
    auto said = open_words(*keys, conversation_place(name), view_of_octets(known->sealed()), 3);
    made.contact = std::move(said[0]);
    made.phone = std::move(said[1]);
    made.number = {known->number_ton(), 0, std::move(said[2])};
    return made;
}

bool conversation_book::is_changing(account_id account, const party_digest& name) const {
    const auto key = key_of(account, name);
    return std::ranges::any_of(changing_, [&key](const auto& each) { return each.second == key; });
}

void conversation_book::put(account_id account, const party_digest& name, const conversation& what,
                            reply_ticket ticket, instant now) {
    store::batch rows;
    const auto& keys = gate_.keys().of(stored(account), rows);
    const auto sealed =
        seal_words(keys, conversation_place(name), {what.contact, what.phone, what.number.digits});
    flatbuffers::FlatBufferBuilder fb;
    const auto tasks = fb.CreateVector(what.tasks.data(), what.tasks.size());
    const auto holds = fb.CreateVector(what.stop_holds);
    const auto words = octets_in(fb, sealed);
    fb.Finish(record::CreateConversation(fb, what.replied_ms, what.closed_ms, what.helped_ms,
                                         what.told_closed_ms, tasks, holds, what.number.ton,
                                         words));
    rows.put(table::conversations, suppression_key(position_of(account, name)), octets_of(fb));
    changing_.emplace(ticket_key{static_cast<std::uint64_t>(ticket.session), ticket.sequence},
                      key_of(account, name));
    engine_.keep(rows, ticket, now);
}

void conversation_book::rows_kept(reply_ticket ticket) {
    changing_.erase(ticket_key{static_cast<std::uint64_t>(ticket.session), ticket.sequence});
}

}  // namespace hikyaku::gateway::dunning
