#include "tests/session/script.hpp"

#include <algorithm>
#include <optional>

#include "smpp/pdu/encode.hpp"

namespace hikyaku::smpp::test {

namespace {
int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

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
        case session_event_kind::unbind_requested:
            return "unbind_requested";
        case session_event_kind::closed:
            return "closed";
    }
    return "?";
}
}  // namespace

bytes from_hex(std::string_view hex) {
    bytes out;
    int high = -1;
    for (const char c : hex) {
        if (c == ' ') continue;
        const int value = nibble(c);
        EXPECT_GE(value, 0) << "not hex: " << hex;
        if (high < 0) {
            high = value;
        } else {
            out.push_back(static_cast<std::uint8_t>(high * 16 + value));
            high = -1;
        }
    }
    EXPECT_LT(high, 0) << "half an octet: " << hex;
    return out;
}

std::string to_hex(const bytes& octets) {
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (i > 0 && i % 4 == 0) out += ' ';
        out += digits[octets[i] >> 4];
        out += digits[octets[i] & 15];
    }
    return out;
}

bytes raw(command_id id, command_status status, std::uint32_t sequence, std::string_view body) {
    bytes out;
    const auto put = [&](std::uint32_t value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            out.push_back(static_cast<std::uint8_t>(value >> shift));
        }
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

submit_sm a_submit() {
    return a_message<submit_sm>();
}
deliver_sm a_deliver() {
    return a_message<deliver_sm>();
}

std::string line_of(const session_event& event) {
    std::string line(kind_name(event.kind));
    if (event.kind == session_event_kind::closed) {
        return line + " " + std::string(name_of(event.reason));
    }
    const pdu_header& header = event.value.header;
    line += " " + std::string(name_of(header.command_id));
    line += " " + std::to_string(header.sequence_number);
    switch (event.kind) {
        case session_event_kind::response:
        case session_event_kind::late_response:
            line += " " + std::string(name_of(header.command_status));
            line += " token=" + std::to_string(event.token);
            if (const auto* body = event.body_if<submit_sm_resp>()) {
                line += " id=" + std::string(body->message_id);
            }
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
            if (const auto* body = event.body_if<submit_sm>()) {
                line += " to=" + std::string(body->destination_addr);
            }
            break;
        default:
            break;
    }
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

script& script::bound_client(command_id bind) {
    const auto resp = static_cast<command_id>(static_cast<std::uint32_t>(bind) | response_bit);
    then([bind](session& s, session_time now) {
        bind_request request;
        request.system_id = "app";
        request.password = "secret";
        ASSERT_EQ(*s.bind(bind, request, now), 1U);
    });
    reply_with(raw(bind, 1, bind_body()));
    expect(raw(resp, 1, cstring("smsc") + std::string("\x02\x10\x00\x01\x34", 5)));
    return told({"bound " + std::string(name_of(resp)) + " 1"});
}

/// One run of a script: pieces of at most `piece` bytes, or one cut after `cut` bytes of each step.
class script::play {
public:
    play(const session_settings& settings, std::size_t piece, std::optional<std::size_t> cut)
        : session_(settings, now_), piece_(piece), cut_(cut) {}

    void operator()(const send_step& step) {
        std::size_t at = 0;
        while (at < step.octets.size()) {
            std::size_t count = std::min(piece_, step.octets.size() - at);
            if (cut_ && at == 0) count = std::min(std::max<std::size_t>(*cut_, 1), count);
            session_.receive(std::span(step.octets).subspan(at, count), now_);
            at += count;
            collect_events();
        }
    }
    void operator()(const reply_step& step) {
        collect_output();
        EXPECT_EQ(to_hex(written_), to_hex(step.octets));
        written_.clear();
    }
    void operator()(const told_step& step) {
        collect_events();
        EXPECT_EQ(events_, step.lines);
        events_.clear();
    }
    void operator()(const action_step& step) {
        step.action(session_, now_);
        collect_events();
    }
    void operator()(const time_step& step) {
        const session_time end = now_ + step.passed;
        for (int ticks = 0;; ++ticks) {
            ASSERT_LT(ticks, 1000) << "a deadline that does not move";
            const auto next = session_.next_deadline();
            if (!next || *next > end) break;
            now_ = std::max(now_, *next);
            session_.tick(now_);
            collect_output();
            collect_events();
        }
        now_ = end;
        session_.tick(now_);
        collect_events();
    }
    void operator()(const state_step& step) {
        collect_output();
        EXPECT_EQ(name_of(session_.state()), name_of(step.state));
    }

private:
    void collect_events() {
        for (const session_event& event : session_.take_events()) {
            events_.push_back(line_of(event));
        }
    }
    void collect_output() {
        for (auto out = session_.output(); !out.empty(); out = session_.output()) {
            const auto some = out.first(std::min(piece_, out.size()));
            written_.insert(written_.end(), some.begin(), some.end());
            session_.consume_output(some.size());
        }
    }

    session_time now_{std::chrono::hours(1)};
    session session_;
    std::size_t piece_;
    std::optional<std::size_t> cut_;
    bytes written_;
    std::vector<std::string> events_;
};

void script::run() const {
    constexpr std::size_t whole = 1 << 20;
    std::size_t longest = 1;
    for (const step& one : steps_) {
        if (const auto* send = std::get_if<send_step>(&one)) {
            longest = std::max(longest, send->octets.size());
        }
    }
    const auto run_once = [&](std::size_t piece, std::optional<std::size_t> cut) {
        play once(settings_, piece, cut);
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            std::visit(once, steps_[i]);
            if (::testing::Test::HasFailure()) {
                ADD_FAILURE() << "in step " << i << ", pieces of " << piece << ", cut at "
                              << (cut ? std::to_string(*cut) : "none");
                return false;
            }
        }
        return true;
    };
    if (!run_once(whole, std::nullopt)) return;
    for (std::size_t size = 1; size < longest; ++size) {
        if (!run_once(size, std::nullopt) || !run_once(whole, size)) return;
    }
}

}  // namespace hikyaku::smpp::test
