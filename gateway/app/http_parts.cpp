#include "gateway/app/http_parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "gateway/api/openapi/openapi.hpp"
#include "gateway/api/policy_resource.hpp"
#include "gateway/io/logging.hpp"

namespace hikyaku::gateway::app {

http_parts::http_parts(io::host& around, const config::settings& settings, http_sources sources)
    : host_(around),
      settings_(settings),
      service_(around.core(), around.zones(), sources.desk, sources.chronicler,
               sources.conversations),
      readers_(sources.readers) {
    service_.use_packs(settings_.packs);
    (void)api::openapi_text();  // made now, not while a client waits
    io::engine_turn turn;
    turn.now = [this] { return host_.now(); };
    turn.touched = [this] { host_.touched(); };
    api_ = std::make_unique<io::api_driver>(
        host_.running().context(), service_, settings_.http, turn,
        io::long_body_places{.scans = readers_, .folder = settings_.store.path});
    api::admin_sources pages;
    pages.metrics = std::move(sources.metrics);
    pages.not_ready = std::move(sources.not_ready);
    pages.hosts = settings_.admin.hosts;
    pages.token_required = settings_.admin.token_required;
    pages.last_bind_end = std::move(sources.last_bind_end);
    pages.reload = std::move(sources.reload);
    if (readers_ != nullptr)
        pages.report = [this](api::report_question question, reply_ticket ticket) {
            return api::begin_report(std::move(question), *readers_,
                                     [this, ticket](api::http_response response) {
                                         admin_->answer(ticket, std::move(response));
                                     });
        };
    pages.clock = std::move(sources.clock);
    pages.store = std::move(sources.store);
    pages.guessing = [this] { return redirector_->guessing(); };
    admin_ = std::make_unique<io::admin_driver>(host_.running().context(), service_,
                                                std::move(pages), turn);
    redirector_ = std::make_unique<io::redirector>(host_.running().context(), service_,
                                                   settings_.links, turn);
    use_lists(settings_);
    io::webhook_options posting;
    posting.names = &host_.lookups().accounts;
    posting.tls = std::make_shared<io::client_trust>();
    webhooks_ = std::make_unique<io::webhook_sender>(
        host_.running(), posting,
        [this](account_id account, std::uint64_t token, const http_answer& answer) {
            host_.core().on_webhook_answer(account, token, answer, host_.now());
            host_.touched();
        });
    callbacks_ = std::make_unique<io::callback_sender>(
        host_.running(), posting,
        [this](const io::callback_sender::end& how) { end_callback(how); });
    api_->on_reply_answered([this](account_id account, std::uint64_t sequence, bool is_done) {
        http_answer answer;
        answer.status = 200;
        answer.is_refused = !is_done;
        host_.core().on_callback_answer(account, sequence, answer, host_.now());
        host_.touched();
    });
}

/// Lists of user agents and networks, made anew only where the configuration has others: that takes
/// some milliseconds.
void http_parts::use_lists(const config::settings& settings) {
    const auto made = lists_.lock();
    if (made && lists_of_ == settings.agents && networks_of_ == settings.links.networks) return;
    lists_of_ = settings.agents;
    networks_of_ = settings.links.networks;
    auto next = std::make_shared<const links::hit_lists>(settings);
    lists_ = next;
    host_.core().use_hit_lists(next, host_.now());
    redirector_->use(std::move(next));
}

/// A reply is done when what its application has answered is on disk.
void http_parts::end_callback(const io::callback_sender::end& how) {
    const auto& answer = how.answer;
    const bool good = answer.status >= 200 && answer.status < 300 && !answer.is_refused;
    if (how.reply && good) {
        api_->answer_reply(how.account, how.token, *how.reply, answer.body);
        return;
    }
    host_.core().on_callback_answer(how.account, how.token, answer, host_.now());
    host_.touched();
}

http_parts::part& http_parts::add(std::string name, const io::http_limits& limits,
                                  io::http_handler& handler) {
    auto made = std::make_unique<part>();
    made->server = std::make_unique<io::http_server>(host_.running(), name, limits, handler);
    made->name = std::move(name);
    parts_.push_back(std::move(made));
    return *parts_.back();
}

bool http_parts::listen(part& at, const config::address& where, const io::tls_door* tls,
                        std::string& fault) {
    const auto opened = at.server->listen(where, tls);
    if (opened.has_error()) {
        fault = fmt::format("server.{} cannot listen on {}:{}: {}", at.name, where.host, where.port,
                            opened.error().message());
        return false;
    }
    std::ostringstream line;
    line << at.name << (tls == nullptr ? "" : " (tls)") << " listening on " << *opened;
    announcements_.push_back(line.str());
    return true;
}

/// Nobody shall take a sandbox for the real thing.
std::string http_parts::clock_header() const {
    const bool is_moved = settings_.sandbox.clock == config::clock_kind::moved_by_hand;
    return is_moved ? "Hikyaku-Clock: virtual" : "";
}

bool http_parts::open_api(std::string& fault) {
    const auto& wanted = settings_.http;
    if (!wanted.tls_listen.empty()) {
        if (!wanted.tls) {
            fault = "server.http.tls_listen needs a certificate and a private key";
            return false;
        }
        auto made = io::tls_door::open(*wanted.tls);
        if (made.has_error()) {
            fault = made.error();
            return false;
        }
        tls_ = std::move(*made);
    }
    auto limits = io::limits_of(wanted);
    limits.also = clock_header();
    auto& server = add("http", limits, *api_);
    for (const auto& where : wanted.listen)
        if (!listen(server, where, nullptr, fault)) return false;
    for (const auto& where : wanted.tls_listen)
        if (!listen(server, where, tls_.get(), fault)) return false;
    return true;
}

bool http_parts::reload_tls() {
    if (!tls_) return true;
    if (const auto fault = certificates_ ? tls_->reload(*certificates_) : tls_->reload()) {
        io::log(io::log_level::error,
                "certificates of server.http are not reloaded; the earlier ones stay",
                {{"why", *fault}});
        return false;
    }
    io::log(io::log_level::info, "certificates of server.http are reloaded");
    return true;
}

bool http_parts::open(std::string& fault) {
    if (!open_api(fault)) return false;
    if (const auto& where = settings_.admin.listen) {
        auto limits = io::limits_of(config::http_server{});
        limits.message.body_bytes_max = 16 << 10;  // operators send small bodies, if any
        limits.also = clock_header();
        limits.connections_max = 200;
        auto& server = add("admin", limits, *admin_);
        if (!listen(server, *where, nullptr, fault)) return false;
    }
    if (const auto& where = settings_.links.listen) {
        auto& server = add("links", io::redirector_limits(settings_.links), *redirector_);
        if (!listen(server, *where, nullptr, fault)) return false;
    }
    return true;
}

void http_parts::submission_settled(reply_ticket ticket, message_id id, refusal why) {
    api_->submission_settled(ticket, id, why);
}

void http_parts::cancellation_settled(reply_ticket ticket, message_id id) {
    api_->cancellation_settled(ticket, id);
}

void http_parts::replay_settled(reply_ticket ticket) {
    admin_->replay_settled(ticket);
}

void http_parts::rows_kept(reply_ticket ticket) {
    if (io::redirector::owns(ticket.session))
        redirector_->task_kept(ticket);
    else if (io::api_driver::owns(ticket.session))
        api_->rows_kept(ticket);
    else
        admin_->replay_settled(ticket);
}

void http_parts::answer(reply_ticket ticket, api::http_response response) {
    admin_->answer(ticket, std::move(response));
}

void http_parts::post_webhook(account_id account, std::uint64_t token,
                              std::span<const outbox_item> items) {
    webhooks_->post(account, host_.core().settings_of(account), token, items,
                    host_.now().system_ms());
}

void http_parts::request_callback(account_id account, std::uint64_t token,
                                  const callback_request& what) {
    callbacks_->request(account, host_.core().settings_of(account), token, what);
}

void http_parts::end_turn() {
    redirector_->end_turn();
}

void http_parts::stop() {
    for (const auto& one : parts_)
        one->server->stop();
}

bool http_parts::quiet() const {
    return std::all_of(
        parts_.begin(), parts_.end(),
        [](const auto& one) { return one->server->connections() == 0; });
}

void http_parts::add_listeners(std::vector<plain_metric>& rows) const {
    const auto family = [&](std::string_view name, std::string_view help, bool counter,
                            auto value_of) {
        for (const auto& one : parts_)
            rows.push_back({std::string(name), std::string(help), counter, value_of(*one->server),
                            "listener", one->name});
    };
    using server = io::http_server;
    family(
        "hikyaku_http_requests_total", "Complete HTTP requests.", true,
        [](const server& from) { return from.counters().requests; });
    family(
        "hikyaku_http_bad_requests_total", "Requests answered 400, 413 or 431.", true,
        [](const server& from) { return from.counters().bad_requests; });
    family(
        "hikyaku_http_timeouts_total", "Requests and answers that took too long.", true,
        [](const server& from) { return from.counters().timeouts; });
    family(
        "hikyaku_http_connections_total", "HTTP connections that were accepted.", true,
        [](const server& from) { return from.counters().connections; });
    family(
        "hikyaku_http_connections_refused_total", "Connections over the limit.", true,
        [](const server& from) { return from.counters().connections_refused; });
    family(
        "hikyaku_http_connections_evicted_total",
        "Connections closed to make room: the oldest without a valid token.", true,
        [](const server& from) { return from.place_counters().evicted; });
    family(
        "hikyaku_http_heads_refused_total", "Requests answered before their body was read.", true,
        [](const server& from) { return from.counters().heads_refused; });
    family(
        "hikyaku_http_bodies_refused_total",
        "Requests answered 503 because the memory for bodies was used up.", true,
        [](const server& from) { return from.counters().bodies_refused; });
    family(
        "hikyaku_http_in_pieces_total", "Uploads and listings, read or written in pieces.", true,
        [](const server& from) { return from.counters().in_pieces; });
    family(
        "hikyaku_http_bodies_bytes", "Memory that bodies of unfinished requests take.", false,
        [](const server& from) { return from.bodies_bytes(); });
    family("hikyaku_http_connections", "HTTP connections that are open.", false,
           [](const server& from) { return from.connections(); });
}

void http_parts::add_links(std::vector<plain_metric>& rows) const {
    const auto single = [&](std::string_view name, std::string_view help, bool counter,
                            std::uint64_t value) {
        rows.push_back({std::string(name), std::string(help), counter, value, {}, {}});
    };
    constexpr auto* links = "hikyaku_link_requests_total";
    constexpr auto* links_help = "Requests to the redirector, by answer.";
    const auto& hits = redirector_->counters();
    rows.push_back({links, links_help, true, hits.redirected, "answer", "redirected"});
    rows.push_back({links, links_help, true, hits.not_available, "answer", "not_available"});
    rows.push_back({links, links_help, true, hits.limited, "answer", "limited"});
    rows.push_back({links, links_help, true, hits.held_back, "answer", "held_back"});
    rows.push_back({links, links_help, true, hits.fixed, "answer", "fixed"});
    single("hikyaku_link_hits_unsafe_total",
           "Redirects that did not wait any longer for a disk that was to keep their hit.", true,
           hits.unsafe);
    single("hikyaku_link_abuse_reports_total", "Reports of abuse that became tasks.", true,
           hits.reports);
    const auto guessing = redirector_->guessing();
    single("hikyaku_link_guessing",
           "1 while codes of links are guessed from many networks: an alarm.", false,
           guessing.is_raised ? 1 : 0);
    single("hikyaku_link_guessing_alarms_total", "Such alarms.", true, guessing.times_raised);
}

std::vector<plain_metric> http_parts::metrics() const {
    std::vector<plain_metric> rows;
    add_listeners(rows);
    const auto single = [&](std::string_view name, std::string_view help, bool counter,
                            std::uint64_t value) {
        rows.push_back({std::string(name), std::string(help), counter, value, {}, {}});
    };
    single("hikyaku_api_unauthorized_total", "API requests with wrong or missing credentials.",
           true, api_->counters().unauthorized);
    single("hikyaku_api_replayed_total", "API requests answered from a stored reply.", true,
           api_->counters().replayed);
    single("hikyaku_api_pending_requests", "API requests that wait for the disk.", false,
           api_->pending());
    if (readers_ != nullptr) {
        single("hikyaku_store_scans", "Listings that are being read from the store.", false,
               readers_->scans());
        single("hikyaku_store_scans_refused_total", "Listings answered 503: too many at a time.",
               true, readers_->refused());
    }
    const auto& sendsms = api_->sendsms();
    single("hikyaku_sendsms_requests_total", "Requests to /cgi-bin/sendsms.", true,
           sendsms.requests);
    single("hikyaku_sendsms_unauthorized_total", "Of these: with wrong credentials.", true,
           sendsms.unauthorized);
    single("hikyaku_sendsms_locked_out_total",
           "Of these: refused unread, after too many wrong passwords.", true, sendsms.locked_out);
    const auto& jasmin = api_->jasmin();
    single("hikyaku_jasmin_requests_total", "Requests of applications made for Jasmin.", true,
           jasmin.requests);
    single("hikyaku_jasmin_unauthorized_total", "Of these: with wrong credentials.", true,
           jasmin.unauthorized);
    single("hikyaku_jasmin_locked_out_total",
           "Of these: refused unread, after too many wrong passwords.", true, jasmin.locked_out);
    const auto& twilio = api_->twilio();
    single("hikyaku_twilio_requests_total", "Requests to Twilio's messages API.", true,
           twilio.requests);
    single("hikyaku_twilio_unauthorized_total", "Of these: with wrong credentials.", true,
           twilio.unauthorized);
    single("hikyaku_twilio_locked_out_total",
           "Of these: refused unread, after too many wrong credentials.", true, twilio.locked_out);
    const auto posts = webhooks_->counters();
    single("hikyaku_webhook_posts_total", "Posts to webhooks of applications.", true, posts.posts);
    single("hikyaku_webhook_failures_total", "Posts without any answer.", true, posts.failures);
    single("hikyaku_webhook_refused_targets_total",
           "Posts not made because the address is not a public one.", true, posts.refused_targets);
    single("hikyaku_webhook_running", "Posts under way.", false, webhooks_->running());
    const auto callbacks = callbacks_->counters();
    single("hikyaku_callback_requests_total",
           "Requests for URLs of applications, with reports and replies.", true,
           callbacks.requests);
    single("hikyaku_callback_failures_total", "Of these: without any answer.", true,
           callbacks.failures);
    single("hikyaku_callback_refused_targets_total",
           "Of these: not made because the address is not a public one.", true,
           callbacks.refused_targets);
    single("hikyaku_callback_running", "Requests for these URLs under way.", false,
           callbacks_->running());
    add_links(rows);
    return rows;
}

}  // namespace hikyaku::gateway::app
