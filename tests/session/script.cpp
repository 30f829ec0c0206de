#include "tests/session/script.hpp"

#include <utility>

#include "smpp/pdu/decode.hpp"

namespace hikyaku::smpp::test {

namespace {
std::string_view kind_name(session_event_kind kind) {
    switch (kind) {
        case session_event_kind::bind_requested:
            return "bind_requested";
        case session_event_kind::bound:
            return "bound";
        case session_event_kind::bind_refused:
            return "bind_refused";
        case session_event_kind::outbind:
            return "outbind";
        case session_event_kind::request:
            return "request";
        case session_event_kind::response:
            return "response";
        case session_event_kind::late_response:
            return "late_response";
        case session_event_kind::request_failed:
            return "request_failed";
        case session_event_kind::request_refused:
            return "request_refused";
        case session_event_kind::unbind_requested:
            return "unbind_requested";
        case session_event_kind::closed:
            return "closed";
    }
    return "?";
}
}  // namespace

std::string in_words(const bytes& octets) {
    auto text = to_hex(octets);
    for (std::size_t at = 8; at < text.size(); at += 9)
        text.insert(at, 1, ' ');
    return text;
}

bytes raw(command_id id, command_status status, std::uint32_t sequence, std::string_view body) {
    bytes out;
    const auto put = [&](std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8)
            out.push_back(static_cast<std::uint8_t>(value >> shift));
    };
    put(static_cast<std::uint32_t>(16 + body.size()));
    put(static_cast<std::uint32_t>(id));
    put(static_cast<std::uint32_t>(status));
    put(sequence);
    out.insert(out.end(), body.begin(), body.end());
    return out;
}

bytes raw(command_id id, std::uint32_t sequence, std::string_view body) {
    return raw(id, command_status::esme_rok, sequence, body);
}

bytes operator+(bytes left, const bytes& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

std::string cstring(std::string_view text) {
    return std::string(text) + '\0';
}

std::string bind_body(char version) {
    return cstring("app") + cstring("secret") + cstring("") + version + '\0' + '\0' + cstring("");
}

std::string message_body() {
    return cstring("") + '\1' + '\1' + cstring("100") + '\1' + '\1' + cstring("200") +
           std::string(3, '\0') + cstring("") + cstring("") + std::string(4, '\0') + '\2' + "hi";
}
std::string data_body() {
    return cstring("") + '\1' + '\1' + cstring("100") + '\1' + '\1' + cstring("200") +
           std::string(3, '\0');
}

namespace {
constexpr std::uint8_t text_hi[] = {'h', 'i'};
template <class Body>
Body a_message() {
    Body body;
    body.source_addr_ton = body.source_addr_npi = body.dest_addr_ton = body.dest_addr_npi = 1;
    body.source_addr = "100";
    body.destination_addr = "200";
    body.short_message = octet_view(text_hi);
    return body;
}
}  // namespace

smpp::submit_sm a_submit() {
    return a_message<smpp::submit_sm>();
}
smpp::deliver_sm a_deliver() {
    return a_message<smpp::deliver_sm>();
}

std::string line_of(const session_event& event) {
    std::string line(kind_name(event.kind));
    if (event.kind == session_event_kind::closed)
        return line + " " + std::string(name_of(event.reason));
    const pdu_header& header = event.value.header;
    line += " " + std::string(name_of(header.command_id));
    line += " " + std::to_string(header.sequence_number);
    switch (event.kind) {
        case session_event_kind::response:
        case session_event_kind::late_response:
            line += " " + std::string(name_of(header.command_status));
            line += " token=" + std::to_string(event.token);
            if (const auto* body = event.body_if<smpp::submit_sm_resp>())
                line += " id=" + std::string(body->message_id);
            if (const auto congestion = event.congestion_state())
                line += " congestion=" + std::to_string(int{*congestion});
            break;
        case session_event_kind::bind_refused:
            line += " " + std::string(name_of(header.command_status));
            break;
        case session_event_kind::request_failed:
            line += " " + std::string(name_of(event.failure));
            line += " token=" + std::to_string(event.token);
            break;
        case session_event_kind::bind_requested:
            line += " " + std::string(event.body_if<bind_request>()->system_id);
            break;
        case session_event_kind::request:
            if (const auto* body = event.body_if<smpp::submit_sm>())
                line += " to=" + std::string(body->destination_addr);
            break;
        default:
            break;
    }
    if (event.kind == session_event_kind::request_refused)
        line += " " + std::string(name_of(event.fault)) + " " + std::string(event.field);
    if (event.trailing > 0) line += " trailing=" + std::to_string(event.trailing);
    if (!event.body_valid) line += " (malformed)";
    return line;
}

session_settings quiet(session_role role) {
    session_settings out;
    out.role = role;
    out.system_id = "smsc";
    out.session_init_timeout = 0ms;
    out.enquire_link_interval = 0ms;
    out.inactivity_timeout = 0ms;
    out.response_timeout = 10s;
    out.window_max = 3;
    out.peer_window_max = 4;
    out.pdu_bytes_max = 1000;
    return out;
}

script& script::expect(bytes from_peer) {
    steps_.push_back(send_step{std::move(from_peer)});
    return *this;
}
script& script::reply_with(bytes to_peer) {
    steps_.push_back(reply_step{std::move(to_peer)});
    return *this;
}
script& script::told(std::vector<std::string> lines) {
    steps_.push_back(told_step{std::move(lines)});
    return *this;
}
script& script::then(std::function<void(session&, session_time)> action) {
    steps_.push_back(action_step{std::move(action)});
    return *this;
}
script& script::after(milliseconds passed) {
    steps_.push_back(time_step{passed});
    return *this;
}
script& script::in_state(session_state state) {
    steps_.push_back(state_step{state});
    return *this;
}

script& script::bound(command_id bind, char version) {
    std::string body = cstring("smsc");
    if (version >= 0x34) body += std::string("\x02\x10\x00\x01", 4) + version;
    const auto resp = static_cast<command_id>(static_cast<std::uint32_t>(bind) | response_bit);
    expect(raw(bind, 1, bind_body(version)));
    told({"bind_requested " + std::string(name_of(bind)) + " 1 app"});
    then([](session& s, session_time now) { s.accept_bind(now); });
    return reply_with(raw(resp, 1, body));
}

script& script::bound_client(command_id bind, char version) {
    const auto resp = static_cast<command_id>(static_cast<std::uint32_t>(bind) | response_bit);
    std::string body = cstring("smsc");
    if (version >= 0x34) body += std::string("\x02\x10\x00\x01", 4) + version;
    then([bind, version](session& s, session_time now) {
        bind_request request;
        request.system_id = "app";
        request.password = "secret";
        request.interface_version = static_cast<std::uint8_t>(version);
        ASSERT_EQ(*s.bind(bind, request, now), 1U);
    });
    reply_with(raw(bind, 1, bind_body(version)));
    expect(raw(resp, 1, body));
    return told({"bound " + std::string(name_of(resp)) + " 1"});
}

namespace {
/// Is `wanted` true of every PDU in these bytes? What cannot be read ends the list.
template <class Predicate>
bool all_pdus(std::span<const std::uint8_t> octets, Predicate wanted) {
    while (!octets.empty()) {
        const decode_result one = decode(octets, {1 << 20});
        if (one.consumed == 0) break;
        if (!wanted(one.value.header.command_id)) return false;
        octets = octets.subspan(one.consumed);
    }
    return true;
}
}  // namespace

// A reply that holds a request of ours divides: only then can what follows be the answer to it. So
// does a bind, which holds back every answer until the owner has decided.
std::vector<script::step> script::merged() const {
    std::vector<step> out;
    std::vector<step> group;  // as it was written
    send_step sent;
    reply_step replied;
    told_step said;
    std::size_t sends = 0;
    bool checks_output = false;
    const auto flush = [&] {
        if (sends > 1) {
            out.emplace_back(sent);
            if (checks_output) out.emplace_back(replied);
            if (!said.lines.empty()) out.emplace_back(said);
        } else {
            out.insert(out.end(), group.begin(), group.end());
        }
        group.clear();
        sends = 0;
        checks_output = false;
        sent = {};
        replied = {};
        said = {};
    };
    for (const step& one : steps_) {
        const auto* send = std::get_if<send_step>(&one);
        const auto* reply = std::get_if<reply_step>(&one);
        const auto* told_here = std::get_if<told_step>(&one);
        const bool joins =
            (send != nullptr && all_pdus(send->octets, [](auto id) { return !is_bind(id); })) ||
            (reply != nullptr && sends > 0 && all_pdus(reply->octets, is_response)) ||
            (told_here != nullptr && sends > 0);
        if (!joins) {
            flush();
            out.push_back(one);
            continue;
        }
        group.push_back(one);
        if (send != nullptr) {
            ++sends;
            sent.octets = std::move(sent.octets) + send->octets;
        } else if (reply != nullptr) {
            checks_output = true;
            replied.octets = std::move(replied.octets) + reply->octets;
        } else {
            said.lines.insert(said.lines.end(), told_here->lines.begin(), told_here->lines.end());
        }
    }
    flush();
    return out;
}

}  // namespace hikyaku::smpp::test
