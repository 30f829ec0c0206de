// Plays scripts: see script.hpp for the ways in which each of them is played.
#include <algorithm>
#include <optional>

#include "tests/session/script.hpp"
#include "tests/session/script_audit.hpp"

namespace hikyaku::smpp::test {

namespace {

constexpr std::size_t no_limit = 1 << 30;

/// How one play differs from the plain one.
struct run_mode {
    std::size_t piece = no_limit;              // most bytes of one read or write
    std::optional<std::size_t> cut = {};       // where the first read of each step ends
    std::size_t lost_before_step = no_limit;   // the connection is lost...
    std::size_t lost_after_input = no_limit;   // ...after so many bytes from the peer
    std::size_t lost_after_output = no_limit;  // ...or to it

    [[nodiscard]] std::string text() const {
        const auto number = [](std::size_t value) {
            return value == no_limit ? std::string("none") : std::to_string(value);
        };
        return "pieces of " + number(piece) + ", cut at " + number(cut.value_or(no_limit)) +
               ", connection lost before step " + number(lost_before_step) + ", after input byte " +
               number(lost_after_input) + ", after output byte " + number(lost_after_output);
    }
};

script_audit* running_audit = nullptr;  // of the script that is being played

}  // namespace

boost::system::result<std::uint32_t, submit_error> submit_on(session& s, const pdu& request,
                                                             std::uint64_t token,
                                                             session_time now) {
    const auto sequence = s.submit(request, token, now);
    const bool answered = response_of(request.header.command_id) != command_id::generic_nack;
    if (sequence && answered && running_audit != nullptr)
        running_audit->on_submitted(*sequence, token);
    return sequence;
}

/// One play of a script.
class script_player {
public:
    script_player(const session_settings& settings, const run_mode& mode)
        : session_(settings, now_), mode_(mode), audit_(settings.pdu_bytes_max) {
        running_audit = &audit_;
    }
    ~script_player() { running_audit = nullptr; }
    script_player(const script_player&) = delete;
    script_player& operator=(const script_player&) = delete;

    /// False if an expectation failed.
    bool play(const std::vector<script::step>& steps) {
        for (std::size_t i = 0; i < steps.size() && !lost_; ++i) {
            if (i == mode_.lost_before_step)
                lose_connection();
            else
                std::visit(*this, steps[i]);
            collect_events();
            EXPECT_EQ(session_.in_flight(), audit_.open()) << "a request past the auditor";
            if (::testing::Test::HasFailure()) {
                ADD_FAILURE() << "in step " << i << ": " << mode_.text();
                return false;
            }
        }
        if (!lost_) lose_connection();
        check_the_end();
        if (::testing::Test::HasFailure()) ADD_FAILURE() << "at the end: " << mode_.text();
        return !::testing::Test::HasFailure();
    }
    [[nodiscard]] std::size_t input_bytes() const { return received_; }
    [[nodiscard]] std::size_t output_bytes() const { return sent_; }

    void operator()(const script::send_step& step) {
        std::size_t at = 0;
        while (at < step.octets.size() && !lost_) {
            std::size_t count = std::min(mode_.piece, step.octets.size() - at);
            if (mode_.cut && at == 0) count = std::min(std::max<std::size_t>(*mode_.cut, 1), count);
            count = std::min(count, mode_.lost_after_input - received_);
            session_.receive(std::span(step.octets).subspan(at, count), now_);
            at += count;
            received_ += count;
            collect_events();
            if (received_ == mode_.lost_after_input) lose_connection();
        }
    }
    void operator()(const script::reply_step& step) {
        collect_output();
        if (lost_) return;
        EXPECT_EQ(in_words(written_), in_words(step.octets));
        written_.clear();
    }
    void operator()(const script::told_step& step) {
        collect_events();
        EXPECT_EQ(events_, step.lines);
        events_.clear();
    }
    void operator()(const script::action_step& step) {
        step.action(session_, now_);
        collect_events();
    }
    void operator()(const script::time_step& step) {
        const session_time end = now_ + step.passed;
        for (int ticks = 0; !lost_; ++ticks) {
            ASSERT_LT(ticks, 1000) << "a deadline that does not move";
            const auto next = session_.next_deadline();
            if (!next || *next > end) break;
            now_ = std::max(now_, *next);
            session_.tick(now_);
            collect_output();
            collect_events();
        }
        if (lost_) return;
        now_ = end;
        session_.tick(now_);
        collect_events();
    }
    void operator()(const script::state_step& step) {
        collect_output();
        if (lost_) return;
        EXPECT_EQ(name_of(session_.state()), name_of(step.state));
    }

private:
    void collect_events() {
        for (const session_event& event : session_.take_events()) {
            audit_.on_event(event);
            events_.push_back(line_of(event));
        }
    }
    void collect_output() {
        while (!lost_) {
            const auto out = session_.output();
            audit_.on_output(out);
            if (out.empty()) break;
            const auto some =
                out.first(std::min({mode_.piece, out.size(), mode_.lost_after_output - sent_}));
            written_.insert(written_.end(), some.begin(), some.end());
            sent_ += some.size();
            audit_.on_consumed(some.size());
            session_.consume_output(some.size());
            if (sent_ == mode_.lost_after_output) lose_connection();
        }
    }
    void lose_connection() {
        lost_ = true;
        session_.abort(close_reason::connection_error);
        collect_events();
    }

    // Whatever is done to a session that has ended: it says and does nothing.
    void check_the_end() {
        EXPECT_TRUE(audit_.closed());
        EXPECT_EQ(session_.in_flight(), 0U);
        EXPECT_TRUE(session_.is_closed());
        if (audit_.staged_left() > 0) session_.consume_output(audit_.staged_left());
        const pdu request = make_pdu(0, smpp::enquire_link{});
        session_.receive(raw(command_id::enquire_link, 1), now_);
        session_.receive(raw(command_id::submit_sm, 2, message_body()), now_);
        session_.tick(now_ + std::chrono::hours(24));
        EXPECT_EQ(session_.submit(request, 1, now_).error(), submit_error::closing);
        EXPECT_FALSE(session_.respond({1, command_id::submit_sm}, command_status::esme_rok, now_));
        session_.unbind(now_);
        session_.close(now_);
        session_.probe(std::chrono::seconds(1), now_);
        session_.abort(close_reason::internal_error);
        EXPECT_FALSE(session_.wants_input());
        EXPECT_TRUE(session_.output().empty());
        EXPECT_EQ(session_.next_deadline(), std::nullopt);
        EXPECT_TRUE(session_.take_events().empty());
    }

    session_time now_{std::chrono::hours(1)};
    session session_;
    run_mode mode_;
    script_audit audit_;
    bytes written_;
    std::vector<std::string> events_;
    std::size_t received_ = 0;
    std::size_t sent_ = 0;
    bool lost_ = false;
};

void script::run() const {
    const auto play_once = [&](const std::vector<step>& steps, const run_mode& mode) {
        return script_player(settings_, mode).play(steps);
    };
    script_player plain(settings_, {});
    if (!plain.play(steps_)) return;

    std::size_t longest = 1;
    for (const step& one : steps_)
        if (const auto* send = std::get_if<send_step>(&one))
            longest = std::max(longest, send->octets.size());
    for (std::size_t size = 1; size < longest; ++size)
        if (!play_once(steps_, {.piece = size}) || !play_once(steps_, {.cut = size})) return;
    const std::vector<step> together = merged();
    if (!play_once(together, {}) || !play_once(together, {.piece = 1})) return;

    for (std::size_t i = 0; i < steps_.size(); ++i)
        if (!play_once(steps_, {.lost_before_step = i})) return;
    for (std::size_t i = 1; i <= plain.input_bytes(); ++i)
        if (!play_once(steps_, {.lost_after_input = i})) return;
    for (std::size_t i = 1; i <= plain.output_bytes(); ++i)
        if (!play_once(steps_, {.lost_after_output = i})) return;
}

}  // namespace hikyaku::smpp::test
