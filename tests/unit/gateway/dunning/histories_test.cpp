// Random histories of messages, holds, suppressions, stops, carriers that come and go, and crashes,
// in the real engine with the real store. An auditor that knows the rules by itself, as lists that
// it walks through, looks at every segment that leaves: none may leave that should not, and at the
// end each message has gone out or has ended for a reason that there was.
#include <algorithm>
#include <random>

#include "tests/unit/gateway/dunning/protected_world.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;
using testing::engine_world;
using testing::protected_world;
using namespace std::chrono_literals;

struct known_message {
    message_id id{};
    Purpose purpose{};
    std::int64_t accepted_ms = 0;
    std::string phone, contact, debtor, debt;
};
struct known_hold {
    std::uint64_t id = 0;
    party_scope scope{};
    std::string reference;
    std::int64_t begins_ms = 0, ends_ms = 0;
};
struct known_suppression {
    std::string contact;
    Purpose purpose{};
    std::int64_t begins_ms = 0, ends_ms = without_end;
};
struct known_stop {
    std::uint8_t purpose = 0;
    std::int64_t begins_ms = 0, ends_ms = without_end;
};

class auditor {
public:
    std::vector<known_message> messages;
    std::vector<known_hold> holds;
    std::vector<known_suppression> suppressions;
    std::vector<known_stop> stops;

    static bool is_on(const known_hold& hold, const known_message& message) {
        switch (hold.scope) {
            case party_scope::contact:
                return hold.reference == "+" + message.phone || hold.reference == message.contact;
            case party_scope::debtor:
                return hold.reference == message.debtor;
            case party_scope::debt:
                return hold.reference == message.debt;
            case party_scope::account:
                return true;
        }
        return true;
    }
    static bool is_held_at_all(Purpose purpose) {
        return purpose == Purpose::dunning || purpose == Purpose::marketing;
    }

    /// Why the message may not leave at this time; empty = it may.
    [[nodiscard]] std::string why_not(const known_message& message, std::int64_t at_ms) const {
        for (const auto& hold : holds)
            if (is_held_at_all(message.purpose) && is_on(hold, message) &&
                hold.begins_ms < hold.ends_ms && hold.begins_ms <= at_ms &&
                (at_ms < hold.ends_ms || hold.begins_ms >= message.accepted_ms))
                return "held: " + hold.reference;
        for (const auto& each : suppressions)
            if (message.purpose == each.purpose &&
                (each.contact == "+" + message.phone || each.contact == message.contact) &&
                each.begins_ms <= at_ms && at_ms < each.ends_ms)
                return "suppressed: " + each.contact;
        for (const auto& stop : stops)
            if ((stop.purpose == stop_position::every_purpose ||
                 stop.purpose == static_cast<std::uint8_t>(message.purpose)) &&
                stop.begins_ms <= at_ms && at_ms < stop.ends_ms)
                return "stopped";
        return {};
    }
    /// Whether there was a reason to end it unsent between its acceptance and now.
    [[nodiscard]] bool may_have_ended(const known_message& message, std::int64_t now_ms) const {
        const auto overlaps = [&](std::int64_t begins, std::int64_t ends) {
            return begins <= now_ms && ends > message.accepted_ms;
        };
        return std::ranges::any_of(holds,
                                   [&](const known_hold& hold) {
                                       return is_held_at_all(message.purpose) &&
                                              is_on(hold, message) &&
                                              (overlaps(hold.begins_ms, hold.ends_ms) ||
                                               hold.begins_ms >= message.accepted_ms);
                                   }) ||
               std::ranges::any_of(suppressions, [&](const known_suppression& each) {
                   return message.purpose == each.purpose &&
                          (each.contact == "+" + message.phone ||
                           each.contact == message.contact) &&
                          overlaps(each.begins_ms, each.ends_ms);
               });
    }
};

class histories : public protected_world {
protected:
    auditor audit;
    std::mt19937_64 random;
    std::size_t audited = 0, left = 0, violations = 0;
    bool is_up = false;

    std::uint64_t below(std::uint64_t bound) { return random() % bound; }
    std::int64_t now_ms() { return world.now().wall_ms; }

    void look() {
        for (; audited < world.outputs->sent.size(); ++audited) {
            const auto& segment = world.outputs->sent[audited];
            const auto at = std::ranges::find_if(audit.messages, [&](const known_message& each) {
                const auto place = static_cast<std::size_t>(&each - audit.messages.data());
                return names[place] == segment.octets;
            });
            ASSERT_NE(at, audit.messages.end());
            const auto why = audit.why_not(*at, segment.at.wall_ms);
            violations += why.empty() ? 0 : 1;
            if (expects_none) EXPECT_EQ(why, "") << segment.octets;
            ++left;
        }
    }
    void submit() {
        known_message message;
        message.purpose = static_cast<Purpose>(below(4));
        message.phone = "81901234567" + std::to_string(below(3));
        if (below(2) == 0) message.contact = "c-" + std::to_string(below(3));
        if (below(2) == 0) message.debtor = "d-" + std::to_string(below(3));
        if (below(3) == 0) message.debt = "e-" + std::to_string(below(3));
        message.accepted_ms = now_ms();
        names.push_back("m" + std::to_string(names.size()));
        auto made = engine_world::text_to(message.phone, names.back());
        made.purpose = message.purpose;
        made.contact.id = message.contact;
        made.debtor = message.debtor;
        made.debt = message.debt;
        if (below(4) == 0) made.send_at_ms = now_ms() + static_cast<std::int64_t>(below(90'000));
        audit.messages.push_back(message);
        audit.messages.back().id = world.submit(std::move(made));
    }
    void hold_somebody() {
        known_hold hold;
        hold.scope = below(12) == 0 ? party_scope::account : static_cast<party_scope>(below(3));
        switch (hold.scope) {
            case party_scope::contact:
                hold.reference = below(2) == 0 ? "+81901234567" + std::to_string(below(3))
                                               : "c-" + std::to_string(below(3));
                break;
            case party_scope::debtor:
                hold.reference = "d-" + std::to_string(below(3));
                break;
            case party_scope::debt:
                hold.reference = "e-" + std::to_string(below(3));
                break;
            case party_scope::account:
                break;
        }
        auto wanted = hold_on(hold.scope, hold.reference,
                              static_cast<gate::hold_kind>(below(gate::hold_kinds)));
        if (below(3) == 0) wanted.from_ms = now_ms() + static_cast<std::int64_t>(below(60'000));
        hold.begins_ms = std::max(now_ms(), wanted.from_ms);
        if (below(2) == 0)
            wanted.until_ms = hold.begins_ms + 1 + static_cast<std::int64_t>(below(60'000));
        hold.ends_ms = wanted.until_ms;
        hold.id = place(std::move(wanted)).hold.id;
        audit.holds.push_back(hold);
    }
    void lift_some() {
        if (audit.holds.empty()) return;
        auto& hold = audit.holds[below(audit.holds.size())];
        lift(hold.id);
        hold.ends_ms = std::min(hold.ends_ms, now_ms());
    }
    void suppress_some() {
        const auto purpose = below(2) == 0 ? Purpose::dunning : Purpose::service;
        const std::string contact =
            below(2) == 0 ? "+81901234567" + std::to_string(below(3)) : "c-1";
        if (below(3) != 0) {
            suppress(contact, gate::set_of(purpose));
            audit.suppressions.push_back({contact, purpose, now_ms()});
            return;
        }
        (void)desk->allow_again(engine_world::shop, contact, gate::set_of(purpose), next_ticket(),
                                world.now());
        settle();
        for (auto& each : audit.suppressions)
            if (each.contact == contact && each.purpose == purpose)
                each.ends_ms = std::min(each.ends_ms, now_ms());
    }
    void stop_or_resume() {
        const auto purpose = below(2) == 0 ? stop_position::every_purpose
                                           : static_cast<std::uint8_t>(Purpose::dunning);
        const stop_position of{stored(engine_world::shop), purpose};
        if (below(3) == 0) {
            (void)desk->stop({of, now_ms(), ""}, next_ticket(), world.now());
            audit.stops.push_back({purpose, now_ms()});
        } else {
            (void)desk->resume(of, next_ticket(), world.now());
            for (auto& each : audit.stops)
                if (each.purpose == purpose) each.ends_ms = std::min(each.ends_ms, now_ms());
        }
        settle();
    }
    void carrier_up_or_down() {
        if (std::exchange(is_up, !is_up))
            world.bind_down(binds, attempt_failure::not_sent, {});
        else
            world.bind_up(++binds);
    }
    void die() {
        crash_and_start();
        audited = 0;
        is_up = false;
        binds += 10;
        world.accept_everything();
    }
    void run(std::uint64_t seed, int steps) {
        random.seed(seed);
        world.cancel_responder = [this](const auto& asked) {
            const auto said = below(2) == 0 ? smpp::command_status::esme_rok
                                            : smpp::command_status::esme_rcancelfail;
            world.gateway->on_response(asked.bind, asked.token, said, "", world.now());
        };
        start(false);
        for (int step = 0; step < steps && !HasFatalFailure(); ++step) {
            switch (below(16)) {
                case 0:
                case 1:
                    hold_somebody();
                    break;
                case 2:
                    lift_some();
                    break;
                case 3:
                    suppress_some();
                    break;
                case 4:
                    stop_or_resume();
                    break;
                case 5:
                case 6:
                    carrier_up_or_down();
                    break;
                case 7:
                    if (below(6) == 0) die();
                    break;
                case 8:
                    world.advance(std::chrono::milliseconds(below(40'000)));
                    break;
                default:
                    submit();
                    break;
            }
            look();
            world.advance(5ms);  // no two facts have one time
            look();
        }
    }
    /// Nothing is stopped, the carrier is there, and all has its time.
    void end() {
        for (const auto& each : std::vector(desk->stops())) {
            (void)desk->resume(each.of, next_ticket(), world.now());
            for (auto& stop : audit.stops)
                if (stop.purpose == each.of.purpose)
                    stop.ends_ms = std::min(stop.ends_ms, now_ms());
        }
        settle();
        if (!is_up) carrier_up_or_down();
        for (int i = 0; i < 12; ++i) {
            world.advance(1min);
            look();
        }
        std::size_t ended = 0;
        for (const auto& message : audit.messages) {
            const auto state = world.state_of(message.id);
            if (state == State::submitted) continue;
            ++ended;
            EXPECT_TRUE(state == State::rejected || state == State::deleted)
                << "it waits although nothing keeps it back";
            EXPECT_TRUE(audit.may_have_ended(message, now_ms()))
                << why(message.id) << " without a reason";
        }
        EXPECT_GT(left, 0U);
        RecordProperty("left", static_cast<int>(left));
        RecordProperty("ended", static_cast<int>(ended));
    }

    std::vector<std::string> names;
    std::uint64_t binds = 0;
    bool expects_none = true;
};

class seeds : public histories, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(seeds, nothing_leaves_that_should_not) {
    run(GetParam(), 300);
    end();
}

INSTANTIATE_TEST_SUITE_P(all, seeds, ::testing::Range(std::uint64_t{1}, std::uint64_t{25}));

/// The auditor sees what a gate would let through that knows nothing.
TEST_F(histories, the_auditor_finds_what_an_open_gate_lets_out) {
    open_gate nothing;
    const auto usual = world.make_gate;
    world.make_gate = [&](store::environment& store) -> gate_port* {
        (void)usual(store);
        return &nothing;
    };
    expects_none = false;
    run(7, 300);
    EXPECT_GT(violations, 5U);
    world.gateway.reset();
}

}  // namespace
}  // namespace hikyaku::gateway::dunning
