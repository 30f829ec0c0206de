// Pages of an account's messages by the time of their acceptance, and the text of one, read from
// the store. No index is kept by account: a page looks at a bounded number of messages, those of
// other accounts too, and says where it has stopped.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/record_values.hpp"
#include "gateway/engine/sending/carrier_text.hpp"
#include "gateway/model/tables.hpp"
#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway {

namespace {

namespace messages_of = model::record;

struct id_range {
    std::uint64_t first = 0, last = 0;  // inclusive
    [[nodiscard]] bool contains(std::uint64_t id) const { return id >= first && id <= last; }
};

id_range ids_in(const message_range& range) {
    constexpr auto greatest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    id_range ids{store::first_id_at(range.from_ms), greatest};
    if (range.to_ms < std::numeric_limits<std::int64_t>::max())
        ids.last = store::first_id_at(range.to_ms + 1) - 1;
    if (!range.beyond) return ids;
    const auto beyond = static_cast<std::uint64_t>(*range.beyond);
    if (range.newest_first)
        ids.last = std::min(ids.last, beyond - 1);
    else
        ids.first = std::max(ids.first, beyond + 1);
    return ids;
}

bool is_address(const std::optional<std::string>& wanted, const messages_of::Address& address) {
    if (!wanted) return true;
    auto digits = address.digits()->string_view();
    if (digits.starts_with('+')) digits.remove_prefix(1);
    return digits == *wanted;
}

cut_message cut_in(const messages_of::Message& message) {
    cut_message cut{.encoding = static_cast<smpp::text::encoding>(message.encoding()),
                    .data_coding = message.data_coding(),
                    .udhi = smpp::esm_class::has_udh(message.esm_class()),
                    .method = static_cast<smpp::text::segmentation>(message.concatenation()),
                    .shift = shift_from(message.languages()),
                    .choice = message.choice()};
    for (const auto* segment : *message.segments())
        cut.segments.push_back(view_of(segment->bytes()));
    return cut;
}

}  // namespace

message_page engine::list_messages(account_id account, const message_range& range) const {
    const auto ids = ids_in(range);
    std::vector<message_id> found;
    message_page page;
    if (ids.first <= ids.last) {
        const auto snapshot = impl_->context_.environment.read();
        store::record_reader reader;
        store::cursor at(snapshot, model::table::messages);
        bool there = range.newest_first ? at.seek_before(model::message_key(ids.last + 1))
                                        : at.seek(model::message_key(ids.first));
        for (std::size_t looked_at = 0; there; ++looked_at) {
            const auto id = model::message_key::parse(at.key());
            if (!id || !ids.contains(*id)) break;
            if (found.size() == range.limit || looked_at == range.looked_at_max) break;
            page.looked_to = message_id{*id};
            const auto* message = reader.read<messages_of::Message>(at.value());
            if (message != nullptr && message->account() == stored(account) &&
                is_address(range.source, *message->source()) &&
                is_address(range.destination, *message->destination()))
                found.push_back(message_id{*id});
            there = range.newest_first ? at.previous() : at.next();
        }
        const auto next = there ? model::message_key::parse(at.key()) : std::nullopt;
        if (!next || !ids.contains(*next)) page.looked_to = {};
    }
    for (const auto id : found)
        if (auto view = impl_->view(account, id)) page.messages.push_back(std::move(*view));
    return page;
}

std::string engine::text_of(account_id account, message_id id) const {
    const auto snapshot = impl_->context_.environment.read();
    const auto value =
        snapshot.get(model::table::messages, model::message_key(static_cast<std::uint64_t>(id)));
    store::record_reader reader;
    const auto* message = value ? reader.read<messages_of::Message>(*value) : nullptr;
    if (message == nullptr || message->account() != stored(account)) return {};
    return gateway::text_of(cut_in(*message)).value_or(std::string{});
}

}  // namespace hikyaku::gateway
