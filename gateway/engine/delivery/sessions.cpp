#include "gateway/engine/delivery/sessions.hpp"

#include <algorithm>

#include "gateway/engine/delivery/events.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway {

using smpp::command_status;
namespace table = model::table;

namespace {

constexpr std::chrono::milliseconds session_pause_min{1000};
constexpr std::chrono::milliseconds session_pause_max{30000};
constexpr std::uint32_t odd_answers_max = 10;  // deliveries answered with a status we don't know

bool is_temporary(command_status status) {
    return status == command_status::esme_rmsgqful || status == command_status::esme_rx_t_appn ||
           status == command_status::esme_rthrottled || status == command_status::esme_rsyserr;
}

}  // namespace

void application_sessions::add(account_id account, outbox& from) {
    accounts_.emplace(account).from = &from;
}

void application_sessions::set_window(account_id account, std::uint32_t receipt_window) {
    for (const auto id : accounts_[account].sessions)
        sessions_.at(id).window = receipt_window;
}

void application_sessions::on_up(session_id session, const session_facts& facts) {
    auto& state = sessions_[session];
    state.id = session;
    state.account = facts.account;
    state.can_receive = facts.can_receive;
    state.window = facts.receipt_window;
    state.version = facts.version;
    auto& account = accounts_[facts.account];
    account.sessions.push_back(session);
    outboxes_.want(*account.from);
}

void application_sessions::on_down(session_id id) {
    const auto at = sessions_.find(id);
    if (at == sessions_.end()) return;
    auto& account = accounts_[at->second.account];
    for (const auto sequence : at->second.outstanding)
        outboxes_.give_back(*account.from, sequence);
    std::erase(account.sessions, id);
    sessions_.erase(at);
    outboxes_.want(*account.from);
}

void application_sessions::on_answer(session_id id, std::uint64_t sequence, command_status status,
                                     bool timed_out) {
    const auto at = sessions_.find(id);
    if (at == sessions_.end() || at->second.outstanding.erase(sequence) == 0)
        return;  // a late answer: the entry is somebody else's by now
    auto& session = at->second;
    auto& from = outbox_of(session.account);
    outboxes_.want(from);
    if (status == command_status::esme_rok) {
        ++count_.delivered_smpp;
        session.pause = std::chrono::milliseconds{0};
        outboxes_.remove(from, sequence);
        return;
    }
    if (status == command_status::esme_rx_p_appn || status == command_status::esme_rx_r_appn) {
        ++count_.deliveries_dropped;
        outboxes_.remove(from, sequence);
        return;
    }
    ++count_.deliveries_failed;
    if (!is_temporary(status) && !timed_out && ++from.failures[sequence] >= odd_answers_max) {
        outboxes_.bury(from, sequence);
        return;
    }
    outboxes_.give_back(from, sequence);
    if (session.paused_until > now_.steady)
        return;  // of the same window as the one that began the pause
    session.pause = std::clamp(session.pause * 2, session_pause_min, session_pause_max);
    pause(session, session.pause);
}

void application_sessions::on_unfit(session_id session, std::uint64_t sequence) {
    const auto at = sessions_.find(session);
    if (at != sessions_.end() && at->second.outstanding.erase(sequence) != 0) {
        auto& from = outbox_of(at->second.account);
        outboxes_.bury(from, sequence);
        outboxes_.want(from);
    }
}

application_sessions::session_state* application_sessions::roomiest(const account_sessions& of) {
    session_state* best = nullptr;
    for (const auto id : of.sessions) {
        auto& session = sessions_.at(id);
        if (session.can_receive && session.outstanding.size() < session.window &&
            session.paused_until <= now_.steady &&
            (best == nullptr || session.outstanding.size() < best->outstanding.size()))
            best = &session;
    }
    return best;
}

void application_sessions::pause(session_state& session, std::chrono::milliseconds how_long) {
    session.paused_until = now_.steady + how_long;
    turn_.want_tick(session.paused_until);
}

void application_sessions::pump(outbox& from) {
    const auto& account = accounts_[from.account];
    // While the disk refuses, acknowledgements could not be stored: everything would come twice.
    if (turn_.draining || turn_.store_failing || account.sessions.empty()) return;
    outboxes_.reload(from);
    if (from.ready.empty()) return;
    const auto snapshot = environment_.read();
    store::record_reader reader;
    while (!from.ready.empty()) {
        auto* session = roomiest(account);
        if (session == nullptr) return;
        const auto sequence = from.ready.front();
        from.ready.pop_front();
        const auto value =
            snapshot.get(table::outbox, model::outbox_key(stored(from.id), sequence));
        const auto event = value ? read_event(reader, *value) : std::nullopt;
        if (!event) {
            outboxes_.bury(from, sequence);
            continue;
        }
        if (!outputs_.deliver(session->id, sequence, *event)) {
            from.ready.push_front(sequence);
            pause(*session, session_pause_min);
            continue;
        }
        session->outstanding.insert(sequence);
        from.busy.insert(sequence);
    }
    if (from.more_on_disk) turn_.want_tick(now_.steady);
}

void application_sessions::tick() {
    for (const auto& [id, session] : sessions_)
        if (session.paused_until > now_.steady) turn_.want_tick(session.paused_until);
}

void application_sessions::alert(account_id account, const smpp::alert_notification& alert,
                                 const smpp::tlv_list& tlvs) {
    for (const auto id : accounts_[account].sessions)
        if (sessions_.at(id).can_receive) outputs_.alert(id, alert, tlvs);
}

std::size_t application_sessions::count(account_id account) const {
    return accounts_[account].sessions.size();
}

bool application_sessions::has_receiver(account_id account) const {
    return std::ranges::any_of(
        accounts_[account].sessions, [&](session_id id) { return sessions_.at(id).can_receive; });
}

bool application_sessions::has_receiver_of_3_3(account_id account) const {
    return std::ranges::any_of(
        accounts_[account].sessions,
        [&](session_id id) {
            const auto& session = sessions_.at(id);
            return session.can_receive && session.version < 0x34;
        });
}

bool application_sessions::idle() const {
    return std::none_of(
        sessions_.begin(), sessions_.end(),
        [](const auto& entry) { return !entry.second.outstanding.empty(); });
}

}  // namespace hikyaku::gateway
