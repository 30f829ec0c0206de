#include "gateway/api/engine_service.hpp"

#include <fmt/format.h>

#include <utility>

#include "gateway/dunning/protection.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {

std::optional<known_token> engine_service::find_token(std::string_view token) {
    return engine_.find_token(token);
}
std::optional<account_id> engine_service::account_by_username(std::string_view username) {
    return engine_.account_by_username(username);
}

std::optional<account_id> engine_service::account_by_jasmin_username(std::string_view username) {
    return engine_.account_by_jasmin_username(username);
}

std::optional<account_id> engine_service::account_by_twilio_sid(std::string_view sid) {
    return engine_.account_by_twilio_sid(sid);
}

message_page engine_service::list_messages(account_id account, const message_range& range) {
    return engine_.list_messages(account, range);
}

std::string engine_service::text_of(account_id account, message_id id) {
    return engine_.text_of(account, id);
}

const config::account& engine_service::settings_of(account_id account) {
    return engine_.settings_of(account);
}
submit_result engine_service::submit(account_id account, submission&& message, reply_ticket ticket,
                                     instant now) {
    return engine_.submit(account, std::move(message), ticket, now);
}
refusal engine_service::refuses_now(account_id account, std::uint32_t segments, instant now) {
    return engine_.refuses_now(account, segments, now);
}
bool engine_service::has_carrier_up(message_id id) {
    return engine_.has_carrier_up(id);
}
estimate_result engine_service::estimate(account_id account, submission&& message, instant now) {
    return engine_.estimate(account, std::move(message), now);
}
refusal engine_service::cancel(account_id account, message_id id, reply_ticket ticket,
                               instant now) {
    return engine_.cancel(account, id, ticket, now);
}
std::optional<message_view> engine_service::find(account_id account, message_id id) {
    return engine_.find(account, id);
}
std::vector<message_view> engine_service::find_by_reference(account_id account,
                                                            std::string_view reference,
                                                            std::size_t limit) {
    return engine_.find_by_reference(account, reference, limit);
}
idempotent_reply engine_service::begin_idempotent(account_id account, std::string_view key,
                                                  std::string_view body_hash, instant now) {
    return engine_.begin_idempotent(account, key, body_hash, now);
}
void engine_service::store_reply(account_id account, std::string_view key, std::uint32_t status,
                                 std::string_view content_type, std::string_view body,
                                 instant now) {
    engine_.store_reply(account, key, status, content_type, body, now);
}
void engine_service::forget_reply(account_id account, std::string_view key) {
    engine_.forget_reply(account, key);
}
std::size_t engine_service::replay_dead_letters(account_id account, std::size_t limit,
                                                instant now) {
    return engine_.replay_dead_letters(account, limit, now);
}
void engine_service::enable_webhook(account_id account, instant now) {
    engine_.enable_webhook(account, now);
}
std::vector<account_view> engine_service::accounts() {
    return engine_.accounts();
}
std::vector<carrier_view> engine_service::carriers() {
    return engine_.carriers();
}
shown_names engine_service::names() {
    return engine_.names();
}
void engine_service::pause_carrier(std::string_view name, bool paused, instant now) {
    engine_.pause_carrier(engine_.carrier_by_name(name), paused, now);
}
unmatched_page engine_service::unmatched(const unmatched_query& query) {
    return engine_.unmatched(query);
}
std::optional<unmatched_view> engine_service::find_unmatched(const model::unmatched_position& id) {
    return engine_.find_unmatched(id);
}
unmatched_replay engine_service::replay_unmatched(const model::unmatched_position& id,
                                                  reply_ticket ticket, instant now) {
    return engine_.replay_unmatched(id, ticket, now);
}
std::optional<link_view> engine_service::find_link(std::string_view code) {
    return engine_.find_link(code);
}
void engine_service::on_hit(const hit_facts& hit, const link_view& link, instant now) {
    engine_.on_hit(hit, link, now);
}

seen_answer engine_service::tell_seen(account_id account, std::string_view code, std::int64_t at_ms,
                                      reply_ticket ticket, instant now) {
    return engine_.tell_seen(account, code, at_ms, ticket, now);
}

void engine_service::begin_reclassification(instant now) {
    engine_.begin_reclassification(now);
}

reclassification_view engine_service::reclassification() {
    return engine_.reclassification();
}

refusal engine_service::report_abuse(std::string_view host, std::string_view code,
                                     std::string_view text, reply_ticket ticket, instant now) {
    if (desk_ == nullptr) return refusal::shutting_down;
    const auto link = code.empty() ? std::nullopt : engine_.find_link_at(host, code);
    const auto owner = link ? std::optional(link->account) : engine_.domain_owner(host);
    dunning::task_view task;
    task.kind = "abuse_report";
    task.what = "look at a report of abuse";
    if (link)
        task.what += fmt::format(" about the link {} of message {}", code,
                                 store::format_id(static_cast<std::uint64_t>(link->message)));
    task.why = text;
    return desk_->open_task(owner.value_or(account_id{}), task, ticket, now);
}

void engine_service::tell_operator(std::string_view kind, std::string_view what,
                                   std::string_view why, reply_ticket ticket, instant now) {
    if (desk_ == nullptr) return;
    dunning::task_view task;
    task.kind = kind;
    task.what = what;
    task.why = why;
    (void)desk_->open_task(account_id{}, task, ticket, now);
}

}  // namespace hikyaku::gateway::api
