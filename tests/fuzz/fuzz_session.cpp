// The whole session machine in either role, driven by the input: bytes and whole PDUs of the peer,
// everything an owner and a driver may do, and time. Kept beside it are an owner's own books, which
// must agree: each request has exactly one end and the right one, the windows hold, the output
// stays bounded as long as the driver stops reading when it is told to, and nothing comes after the
// end.
#include <array>
#include <cassert>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "smpp/pdu/encode.hpp"
#include "smpp/session/session.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku::smpp {
namespace {

using fuzz::fuzz_input;
using std::chrono::milliseconds;

constexpr std::size_t pdu_bytes_max = 600;
constexpr std::size_t output_bytes_max = 2000;
constexpr std::uint32_t window_max = 6;
constexpr std::uint32_t peer_window_max = 5;
constexpr std::size_t read_bytes_max = 300;
// What was there when reading stopped, the answers to one more read, and both windows. A peer's PDU
// of 16 octets makes at most an answer of 20, but a bind one with system_id and TLV.
constexpr std::size_t output_bound =
    2 * output_bytes_max + 2 * read_bytes_max + (window_max + peer_window_max + 10) * pdu_bytes_max;

session_settings settings_from(fuzz_input& in) {
    session_settings out;
    const std::uint8_t bits = in.u8();
    out.role = (bits & 1) != 0 ? session_role::client : session_role::server;
    out.assume_tlvs = (bits & 2) != 0;
    out.interface_version = std::array<std::uint8_t, 4>{0x33, 0x34, 0x50, 0x50}[bits >> 2 & 3];
    out.system_id = "hikyaku";
    out.pdu_bytes_max = pdu_bytes_max;
    out.deliver_bytes_max = 400;
    out.output_bytes_max = output_bytes_max;
    out.window_max = 1 + (bits >> 4 & 3);
    out.peer_window_max = 1 + (bits >> 6 & 3);
    out.expired_max = 3;
    const std::uint8_t timers = in.u8();
    out.sequence_max = (timers & 1) != 0 ? 40 : 0x7FFFFFFF;
    out.session_init_timeout = milliseconds((timers & 2) != 0 ? 3000 : 0);
    out.enquire_link_interval = milliseconds((timers & 4) != 0 ? 2000 : 0);
    out.inactivity_timeout = milliseconds((timers & 8) != 0 ? 5000 : 0);
    out.response_timeout = milliseconds((timers & 16) != 0 ? 1000 : 0);
    out.strict_pdus = (timers & 32) != 0;
    return out;
}

constexpr std::array commands{
    command_id::bind_transceiver,
    command_id::bind_receiver,
    command_id::bind_transmitter,
    command_id::bind_transceiver_resp,
    command_id::bind_receiver_resp,
    command_id::bind_transmitter_resp,
    command_id::submit_sm,
    command_id::submit_sm_resp,
    command_id::deliver_sm,
    command_id::deliver_sm_resp,
    command_id::data_sm,
    command_id::data_sm_resp,
    command_id::enquire_link,
    command_id::enquire_link_resp,
    command_id::unbind,
    command_id::unbind_resp,
    command_id::generic_nack,
    command_id::outbind,
    command_id::alert_notification,
    command_id::query_sm,
    command_id::query_sm_resp,
    command_id::cancel_sm,
    command_id::cancel_sm_resp,
    command_id::replace_sm,
    command_id::submit_multi,
    command_id::submit_multi_resp,
    command_id::broadcast_sm,
    command_id::broadcast_sm_resp,
    command_id::query_broadcast_sm,
    command_id::cancel_broadcast_sm,
    static_cast<command_id>(0x777),
    static_cast<command_id>(0x80000777),
};

/// An empty body of the command, or none for a command that is not known.
template <std::size_t Index = 1>
pdu_body empty_body(command_id id) {
    if constexpr (Index < std::variant_size_v<pdu_body>) {
        using body = std::variant_alternative_t<Index, pdu_body>;
        if (is_body_of<body>(id)) return body{};
        return empty_body<Index + 1>(id);
    } else {
        return {};
    }
}

class run {
public:
    run(const session_settings& settings, fuzz_input& in) : session_(settings, now_), in_(in) {}

    void play() {
        for (int steps = 0; !in_.empty() && steps < 500; ++steps) {
            step(in_.choose(16));
            take_events();
            check();
        }
        finish();
    }

private:
    bool is_client() const { return session_.settings().role == session_role::client; }

    void step(std::uint8_t what) {
        switch (what) {
            case 0:
                return receive(in_.bytes(in_.u8()));
            case 1:
            case 2:
            case 3:
                return receive_pdu();
            case 4:
            case 5:
                return write(in_.u8());
            case 6:
                return write(output_bound);
            case 7:
            case 8:
                return submit();
            case 9:
            case 10:
                return respond();
            case 11:
                return decide_bind();
            case 12:
                return pass(milliseconds(in_.u8() * 20));
            case 13:
                return pass_to_deadline();
            case 14:
                return set();
            default:
                return leave(in_.choose(24));
        }
    }

    // The driver.

    void receive(std::span<const std::uint8_t> bytes) {
        if (!session_.wants_input()) return;
        take_events();
        session_.receive(bytes.first(std::min(bytes.size(), read_bytes_max)), now_);
    }

    void receive_pdu() {
        const command_id id = commands[in_.choose(commands.size())];
        const std::uint8_t form = in_.u8();
        const std::uint32_t sequence =
            (form & 1) != 0 ? 1 + in_.choose(12) : in_.u8() * 0x01010101U;
        const auto status = (form & 6) != 0 ? command_status::esme_rok : command_status{in_.u8()};
        pdu whole{{0, id, status, sequence}, empty_body(id), {}};
        static std::vector<std::uint8_t> tlv_bytes;
        tlv_writer tlvs(tlv_bytes);
        if (auto* bind = std::get_if<bind_request>(&whole.body)) bind->interface_version = in_.u8();
        if ((form & 8) != 0) tlvs.u8(tag::sc_interface_version, in_.u8());
        if ((form & 16) != 0) tlvs.u8(tag::congestion_state, in_.u8());
        whole.tlvs = tlvs.list();
        std::vector<std::uint8_t> bytes;
        const auto written = encode(bytes, whole);
        assert(written.has_value());
        if ((form & 32) != 0 && bytes.size() > header_octets)
            bytes[header_octets + in_.u8() % (bytes.size() - header_octets)] = in_.u8();
        receive(bytes);
    }

    void write(std::size_t count) {
        const auto out = session_.output();
        if (staged_ == 0)
            see_staged(out);
        else if (!session_.is_closed())
            assert(out.size() == staged_);
        staged_ = out.size();
        assert(staged_ <= output_bound);
        const std::size_t some = std::min(count, staged_);
        if (some == 0) return;
        session_.consume_output(some);
        staged_ -= some;
    }

    void see_staged(octet_view out) {
        while (!out.empty()) {
            const decode_result one = decode(out, {pdu_bytes_max});
            assert(one.ok());
            const pdu_header& header = one.value.header;
            // The machine's own enquire_link may still stand in the output when, with the few
            // numbers of this test, a request of the owner has got its number.
            if (!is_response(header.command_id) && header.command_id != command_id::enquire_link)
                shown_.insert(header.sequence_number);
            // Nobody below 3.4 gets a TLV.
            assert(session_.tlvs_allowed() || one.value.tlvs.empty() || !session_.is_bound());
            out = out.subspan(one.consumed);
        }
    }

    void pass(milliseconds time) {
        now_ += time;
        session_.tick(now_);
    }
    void pass_to_deadline() {
        const auto next = session_.next_deadline();
        if (!next) return;
        now_ = std::max(now_, *next);
        session_.tick(now_);
        take_events();
        // It must have moved, else a driver would spin.
        const auto after = session_.next_deadline();
        assert(!after || *after > now_);
    }

    // The owner.

    void submit() {
        constexpr std::array kinds{
            command_id::submit_sm, command_id::deliver_sm,         command_id::data_sm,
            command_id::query_sm,  command_id::alert_notification, command_id::broadcast_sm};
        const command_id id = kinds[in_.choose(kinds.size())];
        static std::vector<std::uint8_t> tlv_bytes;
        tlv_writer tlvs(tlv_bytes);
        const std::size_t octets = in_.u8();
        if (octets > 200)
            tlvs.octets(tag::message_payload, std::vector<std::uint8_t>((octets - 200) * 10, 'x'));
        else if (octets > 100)
            tlvs.u8(tag::user_response_code, 1);
        const bool has_end = id != command_id::alert_notification;
        const auto sequence =
            session_.submit({{0, id, {}, 0}, empty_body(id), tlvs.list()}, token_, now_);
        if (!sequence) return;
        assert(*sequence >= 1 && *sequence <= session_.settings().sequence_max);
        assert(!has_end || session_.in_flight() <= session_.settings().window_max);
        shown_.erase(*sequence);
        if (has_end) open_[token_++] = *sequence;
    }

    void respond() {
        if (pending_.empty()) return;
        const std::size_t at = in_.u8() % pending_.size();
        const peer_request request = pending_[at];
        pending_.erase(pending_.begin() + static_cast<std::ptrdiff_t>(at));
        const std::uint8_t status = in_.u8();
        bool sent = false;
        const command_id id = response_of(request.command);
        if (status % 3 == 0)
            sent = session_.respond(request, command_status{status}, now_);
        else
            sent = session_.respond(request, empty_body(id), {}, now_);
        assert(sent == (state_before_ < session_state::closing));
    }

    void decide_bind() {
        const std::uint8_t choice = in_.u8();
        if (is_client()) {
            bind_request request;
            request.interface_version = in_.u8();
            (void)session_.bind(commands[choice % 3], request, now_);
        } else if (session_.state() == session_state::binding) {
            if (choice % 4 == 0)
                session_.refuse_bind(command_status::esme_rbindfail, now_);
            else
                session_.accept_bind(now_);
        } else {
            (void)session_.send_outbind({"smsc", "pw"}, now_);
        }
    }

    void set() {
        session_.set_windows(1 + in_.choose(window_max), 1 + in_.choose(peer_window_max));
        const std::uint8_t congestion = in_.choose(120);
        if (congestion <= 100) session_.set_congestion_state(congestion);
        if (congestion > 110) session_.set_congestion_state(std::nullopt);
    }

    void leave(std::uint8_t how) {
        if (how == 0) session_.close(now_);
        if (how == 1) session_.abort(close_reason::connection_error);
        if (how > 1 && how < 5) session_.unbind(now_);
        if (how > 12) session_.probe(milliseconds(500), now_);
    }

    // The books.

    void take_events() {
        for (const session_event& event : session_.take_events()) {
            assert(!closed_);
            on_event(event);
        }
    }

    void on_event(const session_event& event) {
        switch (event.kind) {
            case session_event_kind::request:
                if (response_of(event.value.header.command_id) != command_id::generic_nack)
                    pending_.push_back(event.request());
                break;
            case session_event_kind::response:
                assert(open_.contains(event.token) && shown_.contains(open_.at(event.token)));
                open_.erase(event.token);
                break;
            case session_event_kind::late_response:
                assert(timed_out_.erase(event.token) == 1);
                break;
            case session_event_kind::request_failed:
                on_failed(event);
                break;
            case session_event_kind::closed:
                assert(open_.empty() && event.reason != close_reason::none);
                closed_ = true;
                break;
            default:
                break;
        }
    }

    void on_failed(const session_event& event) {
        assert(open_.contains(event.token));
        const std::uint32_t sequence = open_.at(event.token);
        if (event.failure == request_failure::response_timeout) {
            assert(session_.settings().response_timeout.count() > 0);
            timed_out_.insert(event.token);
        } else {
            assert((event.failure == request_failure::closed_unknown) == shown_.contains(sequence));
        }
        open_.erase(event.token);
    }

    void check() {
        assert(session_.in_flight() == open_.size());
        assert(session_.is_closed() == closed_);
        const std::uint32_t served = session_.peer_pending();
        assert(session_.state() >= session_state::closing || served == pending_.size() ||
               session_.state() == session_state::peer_unbinding);
        state_before_ = session_.state();
        if (closed_) assert(!session_.next_deadline() && session_.output().empty());
    }

    // A session that its owner leaves comes to an end, whatever the peer does, in bounded time.
    void finish() {
        const bool peaceful = (in_.u8() & 1) == 0;
        if (!peaceful) session_.abort(close_reason::peer_closed);
        session_.unbind(now_);
        take_events();
        for (int i = 0; i < 50 && !closed_; ++i) {
            if (i % 2 == 0) write(output_bound);
            take_events();
            pass_to_deadline();
            take_events();
        }
        assert(closed_);
        check();
    }

    session_time now_{std::chrono::hours(1)};
    session session_;
    fuzz_input& in_;
    std::vector<peer_request> pending_;            // of the peer, not answered
    std::map<std::uint64_t, std::uint32_t> open_;  // own ones: token to sequence number
    std::set<std::uint64_t> timed_out_;
    std::set<std::uint32_t> shown_;  // numbers that output() has shown
    std::uint64_t token_ = 1;
    std::size_t staged_ = 0;
    session_state state_before_ = session_state::open;
    bool closed_ = false;
};

}  // namespace
}  // namespace hikyaku::smpp

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace hikyaku;
    fuzz::fuzz_input input(data, size);
    const auto settings = smpp::settings_from(input);
    smpp::run(settings, input).play();
    return 0;
}
