// Callbacks: what applications made for Kannel are told by requests to URLs of theirs. An event of
// this kind lies in an outbox of its own and is removed when its URL was answered with 2xx.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/engine/callback_url.hpp"
#include "gateway/engine/engine_impl.hpp"
#include "gateway/engine/record_values.hpp"
#include "smpp/text/receipt.hpp"
#include "smpp/text/ucs2.hpp"
#include "smpp/text/udh.hpp"
#include "smpp/text/utf8.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;
namespace text = smpp::text;

namespace {

constexpr std::size_t events_looked_at_max = 1000;  // of one turn

std::string phone_of(const record::Address* address) {
    constexpr std::uint8_t ton_international = 1;
    if (address == nullptr) {
        return {};
    }
    const auto digits = address->digits()->string_view();
    const bool plus = address->ton() == ton_international && !digits.starts_with('+');
    std::string phone(plus ? "+" : "");
    text::append_mended_utf8(phone, digits);
    return phone;
}

bool reached_carrier(const live_segment& segment) {
    return segment.submitted_ms != 0 || !segment.carrier_message_id.empty();
}

std::uint8_t type_of(State state, const live_segment& telling) {
    if (state == State::delivered) {
        return callback_type::delivered;
    }
    return reached_carrier(telling) || state == State::unknown ? callback_type::failed
                                                               : callback_type::refused;
}

std::string foreign_id_of(const record::Event& event) {
    const auto tlvs = smpp::tlv_list::parse(view_of(event.tlvs()));
    const auto id = tlvs ? tlvs->find(smpp::tag::receipted_message_id) : std::nullopt;
    auto found = id ? std::string(text::chars_of(*id)) : std::string();
    text::mend_utf8(found);
    return found;
}

std::chrono::sys_seconds seconds_of(std::int64_t wall_ms) {
    return std::chrono::sys_seconds(std::chrono::seconds(wall_ms / 1000));
}

/// `%A` of a report: what the carrier says, in the words in which Kannel hands it on.
std::string report_text(const record::Event& event, const std::string& foreign_id) {
    if (event.callback_type() == callback_type::accepted) {
        return "ACK/";
    }
    if (event.callback_type() == callback_type::refused) {
        const auto status = static_cast<smpp::command_status>(event.error());
        return event.error() == 0
                   ? fmt::format("NACK/{}", record::EnumNameState(event.state()))
                   : fmt::format("NACK/{:#010x}/{}", event.error(), smpp::name_of(status));
    }
    text::receipt_fields fields;
    // A carrier may answer without an id, and a message may end without an answer.
    constexpr std::size_t id_octets_max = 64;
    fields.id =
        foreign_id.empty() ? std::string_view("0") : text::cut_utf8(foreign_id, id_octets_max);
    fields.sub = event.parts();
    fields.dlvrd = event.parts_delivered();
    fields.submit_date = seconds_of(event.submitted());
    fields.done_date = seconds_of(event.done());
    fields.stat = stat_of(event.state());
    fields.stat_word = stat_in(event);  // as Kannel does: what reads %A knows its carriers' words
    const auto number = fmt::format("{:03}", event.error());
    fields.err = view_of(event.error_text()).empty() ? number : view_of(event.error_text());
    std::array<char, text::receipt_octets_max> space{};
    return std::string(text::write_receipt(space, fields).value_or(std::string_view{}));
}

std::string report_meta_data(const record::Event& event) {
    if (event.callback_type() == callback_type::accepted ||
        event.callback_type() == callback_type::refused) {
        return "?smpp_resp?";
    }
    std::string octets(network_code_in(event));
    const bool is_number = event.error() != 0 || view_of(event.error_text()).empty();
    if (octets.empty() && is_number && event.error() <= 0xFFFF) {
        constexpr char gsm = 3;  // what Kannel takes a code of the text for
        octets = {gsm, static_cast<char>(event.error() >> 8), static_cast<char>(event.error())};
    }
    if (octets.empty()) {
        return "?smpp?";
    }
    std::string out("?smpp?dlr_err=");
    for (const unsigned char octet : octets) {
        fmt::format_to(std::back_inserter(out), "%{:02X}", octet);
    }
    out.push_back('&');
    return out;
}

/// What a reply's octets are for `%a`, with what the values' views point to.
struct reply_content {
    callback_coding coding = callback_coding::text;
    std::string octets;
    std::string header;
};

reply_content content_of(const record::Event& event) {
    reply_content out;
    auto body = view_of(event.short_message());
    if (smpp::esm_class::has_udh(event.esm_class())) {
        if (const auto parts = text::split_udh(body)) {
            out.header = text::chars_of(body.first(body.size() - parts->text.size()));
            body = parts->text;
        }
    }
    switch (text::encoding_of(event.data_coding())) {
        case text::encoding::binary:
            out.coding = callback_coding::binary;
            out.octets = text::chars_of(body);
            break;
        case text::encoding::ucs2: {
            std::u16string units;
            (void)text::append_utf16(view_of(event.text()), units);
            text::append_utf16be(units, out.octets);
            out.coding = callback_coding::utf16;
            break;
        }
        default:
            out.octets = view_of(event.text());
    }
    return out;
}

void describe_coding(callback_values& values, std::uint8_t data_coding) {
    values.data_coding = data_coding;
    if (const auto kind = text::message_class_of(data_coding)) {
        values.message_class = *kind;
    }
    if (const auto waiting = text::message_waiting_of(data_coding)) {
        values.message_waiting = waiting->kind + (waiting->active ? 0 : 4);
    }
}

}  // namespace

/// Writes the event of one report, if the application asked for this type.
void engine::impl::put_callback(const live_message& live, const live_segment& telling,
                                const told_error& said, std::uint8_t type, State state) {
    const auto& message = live.record();
    auto* const account = directory_.find(account_id{message.account()});
    if ((message.callback_mask() & type) == 0 || account == nullptr ||
        !account->callback_endpoint) {
        return;
    }
    auto& fb = builder_;
    fb.Clear();
    const auto source = copy_of(fb, *message.source());
    const auto destination = copy_of(fb, *message.destination());
    const auto error_text = fb.CreateString(said.error_text);
    const auto details = build_details(fb, said);
    const auto url = fb.CreateString(message.callback()->string_view());
    std::vector<std::uint8_t> raw;
    smpp::tlv_writer writer(raw);
    if (!telling.carrier_message_id.empty()) {
        writer.octets(smpp::tag::receipted_message_id, text::octets_of(telling.carrier_message_id));
    }
    const auto tlvs = fb.CreateVector(raw);
    const auto delivered =
        std::count_if(live.segments.begin(), live.segments.end(),
                      [](const auto& segment) { return segment.state == State::delivered; });
    record::EventBuilder event(fb);
    event.add_kind(EventKind::receipt);
    event.add_at(now_.wall_ms);
    event.add_message(static_cast<std::uint64_t>(live.id));
    event.add_source(source);
    event.add_destination(destination);
    event.add_state(state);
    event.add_final(is_final(state));
    event.add_submitted(store::id_milliseconds(static_cast<std::uint64_t>(live.id)));
    event.add_done(now_.wall_ms);
    event.add_error(said.error);
    event.add_error_text(error_text);
    event.add_details(details);
    event.add_parts(static_cast<std::uint16_t>(live.segments.size()));
    event.add_parts_delivered(static_cast<std::uint16_t>(delivered));
    event.add_carrier(stored(telling.carrier));
    event.add_tlvs(tlvs);
    event.add_callback(url);
    event.add_callback_type(type);
    put_event(*account->callback_endpoint, event.Finish());
}

/// The carrier has taken all of the message: told once, before everything else about it.
void engine::impl::emit_accepted_callback(live_message& live) {
    if (!has_callback(live) || std::exchange(live.announced, true)) {
        return;
    }
    const auto& last = live.segments.back();
    put_callback(live, last, last, callback_type::accepted, State::submitted);
}

/// The end of the message; false if it has no callback and is told in another way.
bool engine::impl::emit_final_callback(live_message& live) {
    if (!has_callback(live)) {
        return false;
    }
    if (std::all_of(live.segments.begin(), live.segments.end(), reached_carrier)) {
        emit_accepted_callback(live);
    }
    const auto telling =
        std::find_if(live.segments.begin(), live.segments.end() - 1,
                     [&](const auto& segment) { return segment.state == live.state; });
    put_callback(live, *telling, *telling, type_of(live.state, *telling), live.state);
    return true;
}

bool engine::impl::emit_buffered_callback(const live_message& live, const live_segment& segment,
                                          const told_error& said) {
    if (!has_callback(live)) {
        return false;
    }
    put_callback(live, segment, said, callback_type::buffered, State::submitted);
    return true;
}

std::string engine::impl::callback_url_of(const endpoint_state& endpoint, std::uint64_t sequence,
                                          const record::Event& event) const {
    const auto& settings = *directory_[endpoint.account].settings->sendsms;
    const bool reply = event.kind() == EventKind::reply;
    auto* const carrier = directory_.find(carrier_id{event.carrier()});
    const auto source = phone_of(event.source());
    const auto destination = phone_of(event.destination());
    const auto url = reply ? std::string_view(settings.reply_url) : view_of(event.callback());
    callback_values values;
    values.at_ms = event.at();
    values.url = url;
    values.service = settings.username;
    values.carrier =
        carrier == nullptr ? std::string_view{} : std::string_view(carrier->settings->name);
    if (reply) {
        const auto content = content_of(event);
        values.coding = content.coding;
        values.text = content.octets;
        values.header = content.header;
        values.phone = source;
        values.number = destination;
        values.id = sequence;
        values.meta_data = "?smpp?";
        describe_coding(values, event.data_coding());
        return expand_callback(url, values);
    }
    const auto foreign_id = foreign_id_of(event);
    const auto told = report_text(event, foreign_id);
    const auto meta_data = report_meta_data(event);
    values.type = event.callback_type();
    values.text = told;
    values.foreign_id = foreign_id;
    values.phone = destination;
    values.number = source;
    values.id = event.message();
    values.meta_data = meta_data;
    return expand_callback(url, values);
}

void engine::impl::pump_callbacks(endpoint_id index) {
    auto& endpoint = endpoints_[index];
    if (turn_.draining || turn_.store_failing) {
        return;
    }
    scan_callbacks(endpoint);
    refill_callbacks(endpoint);
    auto& queue = *endpoint.callbacks;
    while (const auto sequence = queue.next(now_.steady)) {
        request_callback(index, *sequence);
    }
    if (const auto due = queue.next_due(now_.steady)) {
        want_tick(*due);
    }
    if (queue.wanted_refill()) {
        want_tick(now_.steady);
    }
}

/// Reads on in the store where the last time ended, and sorts what is there by hosts.
void engine::impl::scan_callbacks(endpoint_state& endpoint) {
    if (!endpoint.more_on_disk) {
        return;
    }
    endpoint.more_on_disk = false;
    std::size_t looked_at = 0;
    visit_callbacks(endpoint, endpoint.scanned_to + 1,
                    [&](std::uint64_t sequence, std::string_view host) {
                        if (++looked_at > events_looked_at_max) {
                            endpoint.more_on_disk = true;
                            want_tick(now_.steady);
                            return false;
                        }
                        const auto answer = endpoint.callbacks->offer(host, sequence);
                        if (answer == callback_queue::offered::full) {
                            endpoint.more_on_disk = true;
                            return false;
                        }
                        if (answer == callback_queue::offered::taken) {
                            endpoint.busy.insert(sequence);
                        }
                        endpoint.scanned_to = sequence;
                        return true;
                    });
}

/// A host whose events in memory are used up gets more of those that were passed over.
void engine::impl::refill_callbacks(endpoint_state& endpoint) {
    auto& queue = *endpoint.callbacks;
    const auto wanted = queue.wanted_refill();
    if (!wanted) {
        return;
    }
    queue.refilled(wanted->host, 0, false);
    std::size_t looked_at = 0;
    visit_callbacks(endpoint, wanted->from, [&](std::uint64_t sequence, std::string_view host) {
        if (sequence > endpoint.scanned_to) {
            return false;
        }
        if (++looked_at > events_looked_at_max) {
            queue.refilled(wanted->host, sequence, true);
            return false;
        }
        if (host != wanted->host) {
            return true;
        }
        if (queue.offer(host, sequence) != callback_queue::offered::taken) {
            return false;
        }
        endpoint.busy.insert(sequence);
        return true;
    });
}

/// Calls visit(sequence, host) for what lies in the outbox from `from` on and is in nobody's hands.
template <typename Visit>
void engine::impl::visit_callbacks(const endpoint_state& endpoint, std::uint64_t from,
                                   Visit visit) const {
    const auto snapshot = environment_.read();
    store::record_reader reader;
    snapshot.for_each(
        table::outbox, store::outbox_key(stored(endpoint.id), from),
        [&](std::string_view key, std::string_view value) {
            const auto position = store::parse_outbox_key(key);
            if (!position || position->endpoint != stored(endpoint.id)) {
                return false;
            }
            const auto* event = endpoint.busy.contains(position->sequence)
                                    ? nullptr
                                    : reader.read<record::Event>(value);
            if (event == nullptr) {
                return true;
            }
            const auto url =
                event->kind() == EventKind::reply
                    ? std::string_view(directory_[endpoint.account].settings->sendsms->reply_url)
                    : view_of(event->callback());
            return visit(position->sequence, std::string_view(callback_host(url)));
        });
}

void engine::impl::request_callback(endpoint_id index, std::uint64_t sequence) {
    auto& endpoint = endpoints_[index];
    std::string url;
    {
        const auto snapshot = environment_.read();
        store::record_reader reader;
        const auto value =
            snapshot.get(table::outbox, store::outbox_key(stored(endpoint.id), sequence));
        if (const auto* event = value ? reader.read<record::Event>(*value) : nullptr) {
            url = callback_url_of(endpoint, sequence, *event);
        }
    }
    if (!is_callback_url(url)) {  // of an older configuration, or damaged
        endpoint.callbacks->dropped(sequence);
        bury(index, sequence);
        return;
    }
    outputs_.request_callback(endpoint.account, sequence, url);
}

void engine::impl::on_callback_answer(account_id account, std::uint64_t sequence,
                                      const webhook_answer& answer) {
    const auto& owner = directory_[account];
    if (!owner.callback_endpoint) {
        return;
    }
    const auto index = *owner.callback_endpoint;
    auto& endpoint = endpoints_[index];
    if (!endpoint.callbacks->is_running(sequence)) {
        return;
    }
    want_endpoint(index);
    if (answer.status >= 200 && answer.status < 300) {
        endpoint.callbacks->succeeded(sequence);
        ++count_.delivered_callback;
        remove_event(index, sequence);
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
    const auto verdict = endpoint.callbacks->failed(sequence, how, now_.steady, now_.wall_ms);
    const auto give_up = std::chrono::duration_cast<std::chrono::milliseconds>(
        owner.settings->sendsms->give_up_after);
    const auto too_old = now_.wall_ms - give_up.count();
    // As with webhooks: old enough, and failing all that time.
    if (verdict.failing_since_ms <= too_old && store::id_milliseconds(sequence) <= too_old) {
        (void)endpoint.callbacks->withdraw(sequence);
        bury(index, sequence);
    }
}

}  // namespace hikyaku::gateway
