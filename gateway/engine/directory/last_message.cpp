#include "gateway/engine/directory/last_message.hpp"

#include <algorithm>

#include "gateway/model/tables.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway {
namespace {

constexpr std::size_t messages_max = 256;  // of one account to one phone

std::string_view digits_of(std::string_view phone) {
    return phone.starts_with('+') ? phone.substr(1) : phone;
}

bool was_written(const model::record::Message& message, const writing& what) {
    const auto sender = digits_of(what.sender);
    return digits_of(message.destination()->digits()->string_view()) == digits_of(what.phone) &&
           (sender.empty() || digits_of(message.source()->digits()->string_view()) == sender);
}

/// Of messages younger than `than`, all purposes.
std::optional<account_id> writer_among_the_youngest(const store::snapshot& from,
                                                    const writing& what, std::uint64_t than) {
    store::record_reader reader;
    store::cursor at(from, model::table::messages);
    std::size_t looked_at = 0;
    for (bool there = at.seek_before({}); there && looked_at < looked_back_max;
         there = at.previous(), ++looked_at) {
        const auto id = model::message_key::parse(at.key());
        if (!id || *id <= than) break;
        const auto* message = reader.read<model::record::Message>(at.value());
        if (message == nullptr || !was_written(*message, what)) continue;
        const account_id writer{message->account()};
        if (std::ranges::find(what.among, writer) != what.among.end()) return writer;
    }
    return std::nullopt;
}

}  // namespace

void for_each_message_to(
    store::environment& environment, const store::snapshot& from, account_id account,
    std::string_view phone, std::int64_t since_ms,
    const std::function<bool(std::uint64_t, const model::record::Message&)>& visit) {
    const auto digits = digits_of(phone);
    const auto key = model::party_key(stored(account), model::party_scope::contact, digits);
    std::vector<store::index_entry> found;
    from.find(model::table::party_index, environment.hash(key), messages_max, found);
    store::record_reader reader;
    for (const auto& entry : found) {
        if (store::id_milliseconds(entry.id) < since_ms) return;
        const auto* message =
            from.get(model::table::messages, model::message_key(entry.id), reader);
        if (message == nullptr || message->account() != stored(account) ||
            digits_of(message->destination()->digits()->string_view()) != digits)
            continue;
        if (!visit(entry.id, *message)) return;
    }
}

std::optional<account_id> last_writer_of(store::environment& environment, const writing& what) {
    const auto from = environment.read();
    std::optional<account_id> last;
    auto youngest = store::first_id_at(what.since_ms) - 1;
    for (const auto account : what.among)
        for_each_message_to(environment, from, account, what.phone, what.since_ms,
                            [&](std::uint64_t id, const model::record::Message& message) {
                                if (id <= youngest) return false;
                                if (!was_written(message, what)) return true;
                                youngest = id;
                                last = account;
                                return false;
                            });
    const auto later = writer_among_the_youngest(from, what, youngest);
    return later ? later : last;
}

}  // namespace hikyaku::gateway
