// Everything of the gateway that speaks HTTP, built together by the composition root: the API for
// applications, the admin pages, the redirector for tracked links and the sender of webhooks, each
// with its own listener where it has one. Io thread only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/api/engine_service.hpp"
#include "gateway/app/metrics.hpp"
#include "gateway/engine/delivery/events.hpp"
#include "gateway/io/api_driver.hpp"
#include "gateway/io/callback_sender.hpp"
#include "gateway/io/host.hpp"
#include "gateway/io/http_server.hpp"
#include "gateway/io/reader_pool.hpp"
#include "gateway/io/redirector.hpp"
#include "gateway/io/tls.hpp"
#include "gateway/io/webhook_sender.hpp"

namespace hikyaku::gateway::app {

/// What the admin pages show, from the composition root.
struct http_sources {
    std::function<std::string()> metrics;
    std::function<std::optional<std::string>()> not_ready;
    std::function<std::optional<api::bind_end_view>(std::string_view carrier)> last_bind_end;
    std::function<void(reply_ticket)> reload;
    api::clock_source clock;
    api::store_source store;
    io::reader_pool* readers = nullptr;                   // outlives the parts
    dunning::protection* desk = nullptr;                  // likewise
    dunning::desk* chronicler = nullptr;                  // likewise
    dunning::conversation_book* conversations = nullptr;  // likewise
};

class http_parts {
public:
    /// `around` and `settings` outlive it. The engine must be there.
    http_parts(io::host& around, const config::settings& settings, http_sources sources);

    /// Opens every listener of the configuration, or says in one sentence what cannot be.
    [[nodiscard]] bool open(std::string& fault);
    /// "http listening on 127.0.0.1:8080" and so on, one for each listener.
    [[nodiscard]] const std::vector<std::string>& announcements() const { return announcements_; }

    // Commands of the engine.
    void submission_settled(reply_ticket ticket, message_id id, refusal why);
    void cancellation_settled(reply_ticket ticket, message_id id);
    void replay_settled(reply_ticket ticket);
    void rows_kept(reply_ticket ticket);
    /// Of an admin page.
    void answer(reply_ticket ticket, api::http_response response);
    void post_webhook(account_id account, std::uint64_t token, std::span<const outbox_item> items);
    void request_callback(account_id account, std::uint64_t token, const callback_request& what);

    /// After each flush of the engine.
    void end_turn();
    /// Hits have become safe that redirects wait for.
    void answer_safe() { redirector_->answer_safe(); }

    /// Other settings: the files of the certificates, which reload_tls() reads. The rest needs a
    /// restart, or the engine has it.
    void apply(const config::settings& settings) {
        certificates_ = settings.http.tls;
        service_.use_packs(settings.packs);
        use_lists(settings);
    }
    /// Reads the certificates again; connections stay. False: a file is at fault (logged), and the
    /// listeners go on with what they have.
    bool reload_tls();

    /// No request waits for the disk.
    [[nodiscard]] bool idle() const { return api_->pending() + admin_->pending() == 0; }
    /// Accepts no more; requests under way get their answers.
    void stop();
    /// No connection is open.
    [[nodiscard]] bool quiet() const;

    [[nodiscard]] std::vector<plain_metric> metrics() const;

private:
    /// One server with its name in the configuration.
    struct part {
        std::string name;
        std::unique_ptr<io::http_server> server;
    };

    void use_lists(const config::settings& settings);
    void end_callback(const io::callback_sender::end& how);
    void add_listeners(std::vector<plain_metric>& rows) const;
    void add_links(std::vector<plain_metric>& rows) const;
    [[nodiscard]] std::string clock_header() const;
    [[nodiscard]] bool open_api(std::string& fault);
    [[nodiscard]] bool listen(part& at, const config::address& where, const io::tls_door* tls,
                              std::string& fault);
    part& add(std::string name, const io::http_limits& limits, io::http_handler& handler);

    io::host& host_;
    const config::settings& settings_;
    api::engine_service service_;
    io::reader_pool* readers_;
    std::unique_ptr<io::tls_door> tls_;
    std::optional<config::tls_server> certificates_;  // other files than those of the start
    std::unique_ptr<io::api_driver> api_;
    std::unique_ptr<io::admin_driver> admin_;
    std::unique_ptr<io::redirector> redirector_;
    std::weak_ptr<const links::hit_lists> lists_;  // those of the redirector
    config::agent_rules lists_of_;                 // what they were made of
    std::vector<config::link_network> networks_of_;
    std::unique_ptr<io::webhook_sender> webhooks_;
    std::unique_ptr<io::callback_sender> callbacks_;
    std::vector<std::unique_ptr<part>> parts_;  // last: connections end before their handlers
    std::vector<std::string> announcements_;
};

}  // namespace hikyaku::gateway::app
