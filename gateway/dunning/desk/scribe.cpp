#include "gateway/dunning/desk/scribe.hpp"

#include <algorithm>
#include <charconv>

#include "gateway/model/tables.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::dunning {
namespace {

// In meta: hand-offs up to this row of contacts are in the timeline.
constexpr std::string_view contacts_told = "contacts_told";

happening happening_of(const read_reply& reply) {
    happening what;
    what.account = reply.account;
    what.at_ms = reply.at_ms;
    what.kind = record::TimelineKind::reply;
    what.subject = reply.event;
    what.contact = reply.contact;
    what.phone = reply.phone;
    what.debtor = reply.debtor;
    what.debt = reply.debt;
    what.detail = replies::name_of(reply.said.intents.front().what);
    what.text = reply.text;
    what.read = reply.said_json;
    return what;
}

}  // namespace

scribe::scribe(const secret_octets& master, store::environment& store)
    : store_(store), chronicle_(master, store), listener_(store) {
    const auto from = store_.read();
    contacts_to_ = from.get(table::meta, contacts_told).value_or(0);
    if (const auto last = from.last(table::timeline))
        last_id_ = id_key::parse(last->key).value_or(0);
}

heard_event scribe::heard(const outbox_item& item) {
    happening what;
    if (const auto* receipt = std::get_if<receipt_event>(&item.event)) {
        what.kind = record::TimelineKind::receipt;
        what.at_ms = receipt->at_ms;
        what.subject = static_cast<std::uint64_t>(receipt->message);
        what.detail = model::record::EnumNameState(receipt->state);
    }
    std::optional<heard_reply> reply;
    if (const auto* came = std::get_if<reply_event>(&item.event))
        reply = heard_in(item.sequence, *came);
    return {item.sequence, std::move(what), std::move(reply)};
}

desk_rows scribe::compose(std::vector<heard_event>& events) {
    desk_rows made{std::make_shared<store::batch>(), 0, 0, {}};
    const auto from = store_.read();
    take_contacts(*made.rows, from);  // a message is handed over before anything is heard of it
    take_intake(*made.rows, from);
    take_events(events, from, made);
    return made;
}

/// Who the message of a happening was for.
void scribe::describe(happening& what, const store::snapshot& from) {
    const auto* message =
        from.get(model::table::messages, model::message_key(what.subject), messages_);
    if (message == nullptr) return;
    const auto text = [](const flatbuffers::String* of) {
        return of == nullptr ? std::string() : of->str();
    };
    what.account = message->account();
    what.phone = message->destination()->digits()->str();
    if (message->contact() != nullptr) what.contact = text(message->contact()->id());
    what.debtor = text(message->debtor());
    what.debt = text(message->debt());
}

/// `id` tells the time as the message ids do. Ids of events rise, also behind those of a process
/// before.
bool scribe::append(happening& what, std::uint64_t id, const store::snapshot& from,
                    store::batch& rows) {
    what.id = std::max(last_id_ + 1, id);
    if (!chronicle_.append(what, from, rows)) return false;
    last_id_ = what.id;
    return true;
}

void scribe::take_events(std::vector<heard_event>& events, const store::snapshot& from,
                         desk_rows& made) {
    std::size_t done = 0;
    for (auto& [sequence, what, reply] : events) {
        if (reply && reply->account == 0) {  // of nobody whose replies are read
            made.consumed = sequence;
            ++done;
            continue;
        }
        if (reply) {
            auto read = listener_.read(*reply, from);
            // What follows from one is to be in force when the next one is looked at.
            if (std::ranges::any_of(made.replies, [&read](const read_reply& each) {
                    return each.account == read.account && each.phone == read.phone;
                }))
                break;
            what = happening_of(read);
            if (!append(what, sequence, from, *made.rows)) {
                made.keyless = what.account;
                break;
            }
            made.replies.push_back(std::move(read));
            made.consumed = sequence;
            ++done;
            continue;
        }
        describe(what, from);
        const bool is_gone = what.account == 0;  // the message
        if (!is_gone && !append(what, sequence, from, *made.rows)) {
            made.keyless = what.account;
            break;
        }
        made.consumed = sequence;
        ++done;
    }
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(done));
}

void scribe::take_intake(store::batch& rows, const store::snapshot& from) {
    std::size_t count = 0;
    from.scan(table::intake, {}, [&](std::uint64_t id, const record::Intake& row) {
        if (++count > written_at_once) return false;
        rows.erase(table::intake, id_key(id));
        happening what;
        what.account = row.account();
        what.at_ms = row.at();
        what.kind = row.kind();
        what.subject = row.subject();
        if (row.note() != nullptr) what.detail = row.note()->str();
        if (row.sealed() != nullptr)
            chronicle_.open_intake(id, row, from, what);
        else
            describe(what, from);
        if (what.kind != record::TimelineKind::not_handed_over || has_told_hand_off(what))
            (void)append(what, id, from, rows);  // whoever wrote the row has made the key
        return true;
    });
}

/// Whether the timeline tells of the hand-off at `detail` (milliseconds) that did not take place.
bool scribe::has_told_hand_off(happening& what) {
    constexpr std::size_t looked_at_max = 64;  // events of one phone within a minute or so
    std::int64_t at_ms = 0;
    (void)std::from_chars(what.detail.data(), what.detail.data() + what.detail.size(), at_ms);
    what.detail.clear();
    const auto events = chronicle_.find(what.account, model::party_scope::contact, what.phone,
                                        ~std::uint64_t{0}, looked_at_max);
    return std::ranges::any_of(events, [&](const timeline_view& each) {
        return each.kind == record::TimelineKind::handed_over && each.subject == what.subject &&
               each.at_ms == at_ms;
    });
}

void scribe::take_contacts(store::batch& rows, const store::snapshot& from) {
    std::size_t count = 0;
    const auto begin = contacts_to_;
    from.scan(
        table::contacts, id_key(begin + 1), [&](std::uint64_t id, const record::Contact& row) {
            if (++count > written_at_once) return false;
            contacts_to_ = id;
            if (row.again()) return true;
            happening what;
            what.account = row.account();
            what.at_ms = store::id_milliseconds(id);
            what.kind = record::TimelineKind::handed_over;
            what.subject = row.message();
            what.detail =
                model::record::EnumNamePurpose(static_cast<model::record::Purpose>(row.purpose()));
            describe(what, from);
            (void)append(what, id, from, rows);  // likewise
            return true;
        });
    if (contacts_to_ != begin) rows.put(table::meta, contacts_told, contacts_to_);
}

}  // namespace hikyaku::gateway::dunning
