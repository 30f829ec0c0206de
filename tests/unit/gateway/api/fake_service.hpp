// The engine as the HTTP handlers see it, as small as it can be: takes submissions, remembers what
// it was asked, and answers what the test has laid down. Nothing settles by itself. Every call must
// name the one account that there is, and the time that the test has given to the handler.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class fake_service final : public service {
public:
    struct taken {
        submission message;
        reply_ticket ticket;
        message_id id{};
    };
    struct stored {
        std::string hash;
        bool complete = false;
        std::uint32_t status = 0;
        std::string content_type, body;
    };
    struct seen_hit {
        std::string code, method, network, user_agent;
        std::uint8_t hit_class = 0;
    };

    config::account account;
    std::vector<taken> submitted;
    std::size_t handed_in = 0;                // refused ones too
    std::vector<submit_result> next_results;  // for the next submissions; then accepted
    std::map<std::string, stored> replies;
    std::map<std::uint64_t, message_view> messages;
    std::map<std::string, link_view> known_links;
    std::vector<std::string> looked_up;
    std::vector<message_range> ranges;  // that were asked for
    message_page next_page;
    std::map<std::uint64_t, std::string> texts;
    std::vector<seen_hit> hits;
    struct told_seen {
        std::string code;
        std::int64_t at_ms = 0;
        reply_ticket ticket;
    };
    std::vector<told_seen> seen;
    reclassification_view reclassified;
    refusal cancel_answer = refusal::none;
    estimate_result estimate_answer;
    std::vector<carrier_view> carrier_list;
    std::vector<std::pair<std::string, bool>> pauses;
    std::size_t replay_limit = 0;
    unmatched_page page;
    std::vector<unmatched_query> unmatched_asked;
    std::vector<std::pair<model::unmatched_position, reply_ticket>> replays;
    unmatched_replay replay_answer;
    bool webhook_enabled = false;
    bool carrier_up = true;
    static constexpr account_id the_account{1};
    /// What the test gives to the handlers as the time.
    instant now{std::chrono::steady_clock::time_point(std::chrono::hours(1)), 1'800'000'000'000};

    fake_service() {
        account.name = "demo";
        account.api_tokens = {"secret"};
    }

    std::optional<known_token> find_token(std::string_view token) override {
        if (token == account.api_tokens.front()) return known_token{the_account, nullptr};
        for (const auto& each : account.tokens)
            if (each.hash == token) return known_token{the_account, &each};
        return {};
    }
    std::optional<account_id> account_by_username(std::string_view username) override {
        if (!account.sendsms || username != account.sendsms->username) return {};
        return the_account;
    }
    std::optional<account_id> account_by_jasmin_username(std::string_view username) override {
        if (!account.jasmin || username != account.jasmin->username) return {};
        return the_account;
    }
    std::optional<account_id> account_by_twilio_sid(std::string_view sid) override {
        if (!account.twilio) return {};
        const bool is_key =
            std::ranges::any_of(account.twilio->keys,
                                [sid](const config::twilio_key& each) { return each.sid == sid; });
        if (!is_key && sid != account.twilio->sid) return {};
        return the_account;
    }
    const config::account& settings_of(account_id of) override {
        check(of);
        return account;
    }
    submit_result submit(account_id by, submission&& message, reply_ticket ticket,
                         instant at) override {
        check(by, at);
        ++handed_in;
        submit_result result;
        if (!next_results.empty()) {
            result = next_results.front();
            next_results.erase(next_results.begin());
        } else {
            result.id = message_id{1000 + submitted.size()};
            result.segments = 1;
        }
        if (result.why == refusal::none)
            submitted.push_back({std::move(message), ticket, result.id});
        return result;
    }
    // What the next submission will meet.
    refusal refuses_now(account_id by, std::uint32_t, instant at) override {
        check(by, at);
        return next_results.empty() ? refusal::none : next_results.front().why;
    }
    bool has_carrier_up(message_id) override { return carrier_up; }
    estimate_result estimate(account_id by, submission&&, instant at) override {
        check(by, at);
        return estimate_answer;
    }
    refusal cancel(account_id by, message_id, reply_ticket, instant at) override {
        check(by, at);
        return cancel_answer;
    }
    std::optional<message_view> find(account_id by, message_id id) override {
        check(by);
        const auto at = messages.find(static_cast<std::uint64_t>(id));
        if (at == messages.end()) return {};
        return at->second;
    }
    std::vector<message_view> find_by_reference(account_id by, std::string_view reference,
                                                std::size_t) override {
        check(by);
        std::vector<message_view> found;
        for (const auto& [id, each] : messages)
            if (each.reference == reference) found.push_back(each);
        return found;
    }
    message_page list_messages(account_id by, const message_range& range) override {
        check(by);
        ranges.push_back(range);
        return next_page;
    }
    std::string text_of(account_id by, message_id id) override {
        check(by);
        return texts[static_cast<std::uint64_t>(id)];
    }
    idempotent_reply begin_idempotent(account_id by, std::string_view key, std::string_view hash,
                                      instant at_time) override {
        check(by, at_time);
        idempotent_reply reply;
        const auto [at, fresh] = replies.try_emplace(std::string{key}, stored{std::string{hash}});
        if (fresh) return reply;
        const stored& known = at->second;
        if (known.hash != hash)
            reply.what = idempotent_reply::kind::mismatch;
        else if (!known.complete)
            reply.what = idempotent_reply::kind::in_flight;
        else
            reply = {idempotent_reply::kind::replay, known.status, known.content_type, known.body};
        return reply;
    }
    void store_reply(account_id by, std::string_view key, std::uint32_t status,
                     std::string_view content_type, std::string_view body, instant at) override {
        check(by, at);
        stored& into = replies[std::string{key}];
        into.complete = true;
        into.status = status;
        into.content_type = content_type;
        into.body = body;
    }
    void forget_reply(account_id by, std::string_view key) override {
        check(by);
        replies.erase(std::string{key});
    }
    std::size_t replay_dead_letters(account_id by, std::size_t limit, instant at) override {
        check(by, at);
        replay_limit = limit;
        return 7;
    }
    void enable_webhook(account_id by, instant at) override {
        check(by, at);
        webhook_enabled = true;
    }
    std::vector<account_view> accounts() override {
        account_view view;
        view.name = account.name;
        view.settings = &account;
        return {view};
    }
    shown_names names() override { return {}; }
    std::vector<carrier_view> carriers() override { return carrier_list; }
    void pause_carrier(std::string_view name, bool paused, instant at) override {
        check(the_account, at);
        pauses.emplace_back(name, paused);
    }
    unmatched_page unmatched(const unmatched_query& query) override {
        unmatched_asked.push_back(query);
        return page;
    }
    std::optional<unmatched_view> find_unmatched(const model::unmatched_position& id) override {
        for (const auto& one : page.found)
            if (one.id == id) return one;
        return {};
    }
    unmatched_replay replay_unmatched(const model::unmatched_position& id, reply_ticket ticket,
                                      instant) override {
        replays.emplace_back(id, ticket);
        return replay_answer;
    }
    std::optional<link_view> find_link(std::string_view code) override {
        looked_up.emplace_back(code);
        const auto at = known_links.find(std::string{code});
        if (at == known_links.end()) return {};
        return at->second;
    }
    std::uint64_t hits_taken() const override { return hits.size(); }
    std::uint64_t hits_safe() const override { return safe; }
    std::uint64_t safe = ~std::uint64_t{0};  // hits that may be answered
    void on_hit(const hit_facts& hit, const link_view&, instant at) override {
        check(the_account, at);
        hits.push_back({std::string{hit.code}, std::string{hit.method}, std::string{hit.network},
                        std::string{hit.user_agent}, hit.hit_class});
    }
    seen_answer tell_seen(account_id account, std::string_view code, std::int64_t at_ms,
                          reply_ticket ticket, instant at) override {
        check(account, at);
        if (known_links.find(std::string{code}) == known_links.end()) return {refusal::not_found};
        seen.push_back({std::string{code}, at_ms, ticket});
        return {refusal::none, at_ms};
    }
    void begin_reclassification(instant) override { reclassified.running = true; }
    reclassification_view reclassification() override { return reclassified; }

private:
    static void check(account_id given) { EXPECT_EQ(given, the_account); }
    void check(account_id given, instant at) const {
        check(given);
        EXPECT_EQ(at.steady, now.steady);
        EXPECT_EQ(at.wall_ms, now.wall_ms);
    }
};

}  // namespace hikyaku::gateway::api
