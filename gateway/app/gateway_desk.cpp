// The gate and the desk of the composition root: what they are made of, and what goes between the
// desk's thread and the engine.
#include <boost/asio/post.hpp>
#include <cstdlib>
#include <map>
#include <set>
#include <utility>

#include "config/policy.hpp"
#include "gateway/app/gateway.hpp"
#include "gateway/dunning/seal/master_key.hpp"
#include "gateway/gate/compile.hpp"

namespace hikyaku::gateway::app {
namespace {

/// In the tickets of what the desk has written; no request has it.
constexpr session_id desk_session{1ULL << 62};
/// In those of what follows from replies, and of the answers to them.
constexpr session_id following_session{(1ULL << 62) + 1};
constexpr session_id answers_session{(1ULL << 62) + 2};

}  // namespace

bool gateway::open_gate(std::string& fault) {
    dunning::master_key_source from;
    from.file = settings_.dunning.master_key_file;
    from.store_folder = settings_.store.path;
    if (const char* const key = std::getenv("HIKYAKU_MASTER_KEY")) from.environment = key;
    from.is_store_new = store_->read().count(dunning::table::account_keys) == 0;
    const auto master = dunning::read_master_key(from);
    if (!master) {
        fault = master.error();
        return false;
    }
    master_key_ = *master;
    gate_ = std::make_unique<dunning::policy_gate>(*store_, settings_.store.node);
    if (gate_->load(*master)) return true;
    fault = "the master key is not the one that the store was sealed with";
    return false;
}

void gateway::take_policies(const config::settings& settings) {
    boost::unordered_flat_map<std::uint32_t, gate::policy> all;
    std::set<std::uint32_t> known;
    for (const auto& each : engine_->accounts()) {
        known.insert(stored(each.id));
        if (each.settings == nullptr || each.settings->policy.empty()) continue;
        if (const auto* pack = config::find_pack(settings.packs, each.settings->policy))
            all.emplace(stored(each.id), gate::compile(*pack, *each.settings));
    }
    gate_->take_policies(std::move(all),
                         [&known](std::uint32_t account) { return known.contains(account); });
}

void gateway::open_desk() {
    take_policies(settings_);
    protection_ = std::make_unique<dunning::protection>(*engine_, *gate_, *store_);
    conversations_ = std::make_unique<dunning::conversation_book>(*engine_, *gate_, *store_);
    follower_of_replies_ = std::make_unique<dunning::reply_follower>(
        *engine_, *gate_, *protection_, *conversations_, following_session);
    answers_ = std::make_unique<dunning::answer_sender>(*engine_, *gate_, *protection_, *store_,
                                                        answers_session);
    dunning::desk_outside outside;
    outside.post = [this](std::function<void()> call) {
        boost::asio::post(context_, std::move(call));
    };
    outside.keep = [this](const dunning::desk_rows& what) { keep_for_desk(what); };
    desk_ = std::make_unique<dunning::desk>(master_key_, *store_, std::move(outside));
    take_reply_settings(settings_);
    gate_->on_news([this] { desk_->wake(); });
}

void gateway::take_reply_settings(const config::settings& settings) {
    std::map<std::string, std::uint32_t> numbers;
    for (const auto& each : engine_->accounts())
        numbers.emplace(each.name, stored(each.id));
    reading_ = dunning::reading_settings_of(
        settings, [&numbers](const std::string& name) { return numbers[name]; }, reading_.get());
    follower_of_replies_->use(reading_);
    desk_->read_by(reading_);
}

bool gateway::is_of_answers(reply_ticket ticket) {
    return ticket.session == answers_session;
}

void gateway::keep_for_desk(dunning::desk_rows what) {
    desk_rows_ = std::move(what);
    touched();
}

// One transaction holds the rows, the end of the events that they are about, and what follows from
// replies among them.
void gateway::keep_desk_rows() {
    if (!desk_rows_ || follower_of_replies_->must_wait(desk_rows_->replies)) return;
    const auto what = std::move(*desk_rows_);
    desk_rows_.reset();
    const auto time = now();
    if (what.keyless != 0) (void)gate_->keys().of(what.keyless, *what.rows);
    engine_->keep(*what.rows, {desk_session, 0}, time);
    if (what.consumed != 0) engine_->on_consumed(consumer_id{0}, what.consumed, time);
    for (const auto& each : what.replies)
        follower_of_replies_->follow(each, time);
}

void gateway::rows_kept(reply_ticket ticket) {
    if (ticket.session == desk_session) {
        desk_->kept();
        return;
    }
    if (guard_kept(ticket)) return;
    protection_->rows_kept(ticket);
    conversations_->rows_kept(ticket);
    if (ticket.session == following_session)
        answers_->wake();
    else if (ticket.session == answers_session)
        answers_->rows_kept(ticket);
    else
        http_->rows_kept(ticket);
    desk_->wake();
}

void gateway::consume(consumer_id, std::span<const outbox_item> items) {
    desk_->consume(items);
}

}  // namespace hikyaku::gateway::app
