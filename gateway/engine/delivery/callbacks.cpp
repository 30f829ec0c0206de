#include "gateway/engine/delivery/callbacks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/engine/delivery/callback_url.hpp"
#include "gateway/model/tables.hpp"
#include "smpp/text/receipt.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;
namespace text = smpp::text;

namespace {

constexpr std::size_t looked_at_max = 1000;  // events of one turn

std::string phone_of(const address_view& address) {
    constexpr std::uint8_t ton_international = 1;
    const bool plus = address.ton == ton_international && !address.digits.starts_with('+');
    std::string phone(plus ? "+" : "");
    text::append_mended_utf8(phone, address.digits);
    return phone;
}

std::string foreign_id_of(const callback_view& callback) {
    std::string found(callback.carrier_message_id);
    text::mend_utf8(found);
    return found;
}

std::chrono::sys_seconds seconds_of(std::int64_t wall_ms) {
    return std::chrono::sys_seconds(std::chrono::seconds(wall_ms / 1000));
}

/// `%A` of a report: what the carrier says, in the words in which Kannel hands it on.
std::string report_text(const receipt_event& event, std::uint8_t type,
                        const std::string& foreign_id) {
    if (type == callback_type::accepted) return "ACK/";
    const auto code = event.error.error;
    if (type == callback_type::refused) {
        const auto status = static_cast<smpp::command_status>(code);
        return code == 0 ? fmt::format("NACK/{}", record::EnumNameState(event.state))
                         : fmt::format("NACK/{:#010x}/{}", code, smpp::name_of(status));
    }
    text::receipt_fields fields;
    // A carrier may answer without an id, and a message may end without an answer.
    constexpr std::size_t id_octets_max = 64;
    fields.id =
        foreign_id.empty() ? std::string_view("0") : text::cut_utf8(foreign_id, id_octets_max);
    fields.sub = event.parts;
    fields.dlvrd = event.parts_delivered;
    fields.submit_date = seconds_of(event.submitted_ms);
    fields.done_date = seconds_of(event.done_ms);
    fields.stat = stat_of(event.state);
    fields.stat_word = event.error.stat;  // as Kannel: what reads %A knows its carriers' words
    const auto number = fmt::format("{:03}", code);
    fields.err = event.error.error_text.empty() ? number : event.error.error_text;
    std::array<char, text::receipt_octets_max> space{};
    return std::string(text::write_receipt(space, fields).value_or(std::string_view{}));
}

std::string report_meta_data(const error_view& told, std::uint8_t type) {
    if (type == callback_type::accepted || type == callback_type::refused) return "?smpp_resp?";
    std::string octets(told.network_code);
    const bool is_number = told.error != 0 || told.error_text.empty();
    if (octets.empty() && is_number && told.error <= 0xFFFF) {
        constexpr char gsm = 3;  // what Kannel takes a code of the text for
        octets = {gsm, static_cast<char>(told.error >> 8), static_cast<char>(told.error)};
    }
    if (octets.empty()) return "?smpp?";
    std::string out("?smpp?dlr_err=");
    for (const unsigned char octet : octets)
        fmt::format_to(std::back_inserter(out), "%{:02X}", octet);
    out.push_back('&');
    return out;
}

/// What a reply's octets are for `%a`, with what the values' views point to.
struct reply_content {
    callback_coding coding = callback_coding::text;
    std::string octets;
    std::string header;
};

reply_content content_of(const reply_event& event) {
    reply_content out;
    auto body = event.octets;
    if (smpp::esm_class::has_udh(event.esm_class)) {
        if (const auto parts = text::split_udh(body)) {
            out.header = text::chars_of(body.first(body.size() - parts->text.size()));
            body = parts->text;
        }
    }
    switch (text::encoding_of(event.data_coding)) {
        case text::encoding::binary:
            out.coding = callback_coding::binary;
            out.octets = text::chars_of(body);
            break;
        case text::encoding::ucs2: {
            std::u16string units;
            (void)text::append_utf16(event.text, units);
            text::append_utf16be(units, out.octets);
            out.coding = callback_coding::utf16;
            break;
        }
        default:
            out.octets = event.text;
    }
    return out;
}

void describe_coding(callback_values& values, std::uint8_t data_coding) {
    values.data_coding = data_coding;
    if (const auto kind = text::message_class_of(data_coding)) values.message_class = *kind;
    if (const auto waiting = text::message_waiting_of(data_coding))
        values.message_waiting = waiting->kind + (waiting->active ? 0 : 4);
}

}  // namespace

void callbacks::add(account_id account, outbox& from) {
    accounts_.emplace(account).from = &from;
}

outbox* callbacks::outbox_of(account_id account) const {
    const auto* known = accounts_.find(account);
    return known == nullptr || !is_configured(*known) ? nullptr : known->from;
}

/// What the URL of an event begins with; empty = it has none.
std::string_view callbacks::template_of(const account_callbacks& of,
                                        const outbox_event& event) const {
    if (std::holds_alternative<reply_event>(event)) return settings_of(of).reply_url;
    const auto* receipt = std::get_if<receipt_event>(&event);
    return receipt != nullptr && receipt->callback ? receipt->callback->url : std::string_view{};
}

std::string callbacks::url_of(const account_callbacks& of, std::uint64_t sequence,
                              const reply_event& event) const {
    const auto source = phone_of(event.source);
    const auto destination = phone_of(event.destination);
    const auto content = content_of(event);
    callback_values values;
    describe_origin(values, of, event.carrier);
    values.at_ms = event.at_ms;
    values.coding = content.coding;
    values.text = content.octets;
    values.header = content.header;
    values.phone = source;
    values.number = destination;
    values.id = sequence;
    values.meta_data = "?smpp?";
    describe_coding(values, event.data_coding);
    values.url = settings_of(of).reply_url;
    return expand_callback(values.url, values);
}

std::string callbacks::url_of(const account_callbacks& of, std::uint64_t /*sequence*/,
                              const receipt_event& event) const {
    const auto callback = event.callback.value_or(callback_view{});
    const auto source = phone_of(event.source);
    const auto destination = phone_of(event.destination);
    const auto foreign_id = foreign_id_of(callback);
    const auto told = report_text(event, callback.type, foreign_id);
    const auto meta_data = report_meta_data(event.error, callback.type);
    callback_values values;
    describe_origin(values, of, event.carrier);
    values.at_ms = event.at_ms;
    values.type = callback.type;
    values.text = told;
    values.foreign_id = foreign_id;
    values.phone = destination;
    values.number = source;
    values.id = static_cast<std::uint64_t>(event.message);
    values.meta_data = meta_data;
    values.url = callback.url;
    return expand_callback(values.url, values);
}

void callbacks::describe_origin(callback_values& values, const account_callbacks& of,
                                carrier_id carrier) const {
    values.service = settings_of(of).username;
    if (const auto* known = directory_.find(carrier)) values.carrier = known->settings->name;
}

void callbacks::on_added(outbox& to, std::uint64_t sequence) {
    auto& account = accounts_[to.account];
    to.busy.erase(sequence);
    account.scanned_to = std::min(account.scanned_to, sequence - 1);
    to.more_on_disk = true;
}

void callbacks::pump(outbox& from) {
    if (turn_.draining || turn_.store_failing) return;
    auto& account = accounts_[from.account];
    if (!is_in_use(account)) return;
    scan(account);
    refill(account);
    while (const auto sequence = account.queue.next(now_.steady))
        request(account, *sequence);
    if (const auto due = account.queue.next_due(now_.steady)) turn_.want_tick(*due);
    if (account.queue.wanted_refill()) turn_.want_tick(now_.steady);
}

/// Reads on in the store where the last time ended, and sorts what is there by hosts.
void callbacks::scan(account_callbacks& account) {
    auto& from = *account.from;
    if (!from.more_on_disk) return;
    from.more_on_disk = false;
    std::size_t looked_at = 0;
    visit(account, account.scanned_to + 1, [&](std::uint64_t sequence, std::string_view host) {
        if (++looked_at > looked_at_max) {
            from.more_on_disk = true;
            turn_.want_tick(now_.steady);
            return false;
        }
        const auto answer = account.queue.offer(host, sequence);
        if (answer == callback_queue::offered::full) {
            from.more_on_disk = true;
            return false;
        }
        if (answer == callback_queue::offered::taken) from.busy.insert(sequence);
        account.scanned_to = sequence;
        return true;
    });
}

/// A host whose events in memory are used up gets more of those that were passed over.
void callbacks::refill(account_callbacks& account) {
    auto& queue = account.queue;
    const auto wanted = queue.wanted_refill();
    if (!wanted) return;
    queue.refilled(wanted->host, 0, false);
    std::size_t looked_at = 0;
    visit(account, wanted->from, [&](std::uint64_t sequence, std::string_view host) {
        if (sequence > account.scanned_to) return false;
        if (++looked_at > looked_at_max) {
            queue.refilled(wanted->host, sequence, true);
            return false;
        }
        if (host != wanted->host) return true;
        if (queue.offer(host, sequence) != callback_queue::offered::taken) return false;
        account.from->busy.insert(sequence);
        return true;
    });
}

/// Calls seen(sequence, host) for what lies in the outbox from `first` on and is in nobody's hands.
/// What cannot be read has no host; request() buries it.
template <typename Seen>
void callbacks::visit(const account_callbacks& account, std::uint64_t first, Seen seen) const {
    const auto& from = *account.from;
    const auto snapshot = environment_.read();
    store::record_reader reader;
    snapshot.for_each(table::outbox, model::outbox_key(stored(from.id), first),
                      [&](std::string_view key, std::string_view value) {
                          const auto position = model::outbox_key::parse(key);
                          if (!position || position->endpoint != stored(from.id)) return false;
                          if (from.busy.contains(position->sequence)) return true;
                          const auto event = read_event(reader, value);
                          const auto url =
                              event ? template_of(account, *event) : std::string_view{};
                          return seen(position->sequence, std::string_view(callback_host(url)));
                      });
}

void callbacks::request(account_callbacks& account, std::uint64_t sequence) {
    auto& from = *account.from;
    std::string url;
    {
        const auto snapshot = environment_.read();
        store::record_reader reader;
        const auto value =
            snapshot.get(table::outbox, model::outbox_key(stored(from.id), sequence));
        const auto event = value ? read_event(reader, *value) : std::nullopt;
        if (const auto* reply = event ? std::get_if<reply_event>(&*event) : nullptr)
            url = url_of(account, sequence, *reply);
        else if (const auto* told = event ? std::get_if<receipt_event>(&*event) : nullptr)
            url = url_of(account, sequence, *told);
    }
    if (!is_callback_url(url)) {  // of an older configuration, or damaged
        account.queue.dropped(sequence);
        outboxes_.bury(from, sequence);
        return;
    }
    outputs_.request_callback(from.account, sequence, url);
}

void callbacks::on_answer(account_id id, std::uint64_t sequence, const http_answer& answer) {
    auto* const account = accounts_.find(id);
    if (account == nullptr || !account->queue.is_running(sequence)) return;
    outboxes_.want(*account->from);
    if (answer.status >= 200 && answer.status < 300) {
        account->queue.succeeded(sequence);
        ++count_.delivered_callback;
        outboxes_.remove(*account->from, sequence);
        return;
    }
    ++count_.deliveries_failed;
    constexpr std::uint32_t too_many_requests = 429;
    constexpr std::uint32_t unavailable = 503;
    callback_queue::failure how;
    how.host_is_dead =
        answer.status == 0 || answer.status == too_many_requests || answer.status == unavailable;
    how.retry_after = answer.retry_after;
    how.jitter = static_cast<std::uint32_t>(random_() >> 32);
    const auto verdict = account->queue.failed(sequence, how, now_.steady, now_.wall_ms);
    if (!is_configured(*account)) return;
    const auto give_up =
        std::chrono::duration_cast<std::chrono::milliseconds>(settings_of(*account).give_up_after);
    const auto too_old = now_.wall_ms - give_up.count();
    // As with webhooks: old enough, and failing all that time.
    if (verdict.failing_since_ms <= too_old && store::id_milliseconds(sequence) <= too_old) {
        (void)account->queue.withdraw(sequence);
        outboxes_.bury(*account->from, sequence);
    }
}

bool callbacks::idle() const {
    return std::ranges::none_of(
        accounts_.all(),
        [](const account_callbacks& account) { return account.queue.running() > 0; });
}

}  // namespace hikyaku::gateway
