// The gate and the desk of the composition root: what they are made of, and what goes between the
// desk's thread and the engine.
#include <boost/asio/post.hpp>
#include <cstdlib>
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
    dunning::desk_outside outside;
    outside.post = [this](std::function<void()> call) {
        boost::asio::post(context_, std::move(call));
    };
    outside.keep = [this](const dunning::desk_rows& what) { keep_for_desk(what); };
    desk_ = std::make_unique<dunning::desk>(master_key_, *store_, std::move(outside));
    gate_->on_news([this] { desk_->wake(); });
}

// One transaction holds the rows and the end of the events that they are about.
void gateway::keep_for_desk(const dunning::desk_rows& what) {
    if (what.keyless != 0) (void)gate_->keys().of(what.keyless, *what.rows);
    engine_->keep(*what.rows, {desk_session, 0}, now());
    if (what.consumed != 0) engine_->on_consumed(consumer_id{0}, what.consumed, now());
    touched();
}

void gateway::rows_kept(reply_ticket ticket) {
    if (ticket.session == desk_session) {
        desk_->kept();
        return;
    }
    if (guard_kept(ticket)) return;
    protection_->rows_kept(ticket);
    http_->rows_kept(ticket);
    desk_->wake();
}

void gateway::consume(consumer_id, std::span<const outbox_item> items) {
    desk_->consume(items);
}

}  // namespace hikyaku::gateway::app
