#include "gateway/io/redirector.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "gateway/api/announce/announce.hpp"
#include "gateway/io/abuse_form.hpp"
#include "gateway/io/logging.hpp"
#include "gateway/links/classify.hpp"
#include "gateway/links/network.hpp"
#include "gateway/links/random.hpp"

namespace hikyaku::gateway::io {
namespace {

constexpr std::size_t networks_remembered_max = 1 << 16;
constexpr std::size_t reporters_remembered_max = 1 << 12;

std::optional<links::miss_rate> miss_rate_of(const config::rate_limit& limit) {
    if (!limit) return {};
    return links::miss_rate{limit->count, limit->period};
}

std::chrono::milliseconds steady_ms(instant now) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now.steady.time_since_epoch());
}

}  // namespace

http_limits redirector_limits(const config::links_server& settings) {
    http_limits limits;
    limits.message = {8 << 10, 8 << 10};  // a report of abuse has a body
    limits.request_timeout = std::chrono::seconds{10};
    limits.idle_timeout = std::chrono::seconds{15};
    limits.connections_max = 4000;
    limits.strangers_per_address_max = 400;  // providers put many phones behind one address
    limits.without_share = settings.trusted_proxies;
    return limits;
}

redirector::redirector(boost::asio::io_context& context, api::service& gateway,
                       const config::links_server& settings, engine_turn turn,
                       links::random_source random)
    : service_(gateway),
      settings_(settings),
      turn_(std::move(turn)),
      limiter_(miss_rate_of(settings.misses_per_network), networks_remembered_max, random),
      alarm_(miss_rate_of(settings.misses_in_total)),
      reports_(miss_rate_of(settings.reports_per_network), reporters_remembered_max, random),
      recent_(networks_remembered_max, std::chrono::milliseconds{60000}, random),
      timer_(context) {}

void redirector::use(std::shared_ptr<const links::hit_lists> lists) {
    lists_ = std::move(lists);
    agents_.use(lists_->agents);
}

void redirector::handle(const api::http_request& request, http_responder responder) {
    const redirect_request what = read_redirect(request);
    switch (what.what) {
        case redirect_request::kind::bad_method:
            responder.send(bad_method_response());
            return;
        case redirect_request::kind::fixed:
            ++counters_.fixed;
            responder.send(fixed_response(what.fixed));
            return;
        case redirect_request::kind::about: {
            const auto all = service_.announced_at(what.host);
            responder.send(what.wants_json ? api::announce_document(all) : api::announce_page(all));
            return;
        }
        case redirect_request::kind::abuse:
            answer_abuse(request, what, std::move(responder));
            return;
        case redirect_request::kind::link:
            break;
    }
    answer_link(request, what, std::move(responder));
}

/// What work one code makes, and another does not, drowns in it: a fraction of a millisecond.
std::chrono::microseconds redirector::some_more() const {
    std::array<std::uint8_t, 2> drawn{};
    links::random_source{}.fill(drawn);
    return std::chrono::microseconds((drawn[0] << 8 | drawn[1]) % 1000);
}

void redirector::answer_link(const api::http_request& request, const redirect_request& what,
                             http_responder responder) {
    // Before anything that takes longer for one code than for another.
    const auto begin = std::chrono::steady_clock::now();
    const instant now = turn_.now();
    const api::peer_address client = client_address(request, settings_.trusted_proxies);
    const links::network_key network = links::network_of(client.octets());
    if (!limiter_.allow(network, steady_ms(now))) {
        ++counters_.limited;
        responder.send(too_many_response(limiter_.retry_after(network, steady_ms(now))));
        return;
    }
    const std::optional<link_view> link = service_.find_link_at(what.host, what.code);
    api::http_response response = redirect_response(what, link, now.wall_ms);
    time_point due{};
    if (response.status == 302) {
        ++counters_.redirected;
    } else {
        due = begin + not_available_after + some_more();
        response = on_miss(network, now, std::move(response));
    }
    const bool is_redirect = response.status == 302;
    waiting_.push_back({std::move(responder), std::move(response), due});
    turn_.touched();
    if (!link || !what.well_formed) return;
    record_hit(request, client, what.code, *link, now);
    // What is not available waits for no disk, whether it ever existed or not.
    if (!is_redirect) return;
    waiting_.back().hit = service_.hits_taken();
    waiting_.back().due = begin + unsafe_after;
}

void redirector::answer_abuse(const api::http_request& request, const redirect_request& what,
                              http_responder responder) {
    if (request.method != "POST") return responder.send(abuse_form_page());
    const instant now = turn_.now();
    const auto network =
        links::network_of(client_address(request, settings_.trusted_proxies).octets());
    if (!reports_.allow(network, steady_ms(now)))
        return responder.send(too_many_response(reports_.retry_after(network, steady_ms(now))));
    const auto report = read_abuse_report(request.header("Content-Type"), request.body);
    if (!report) return responder.send(abuse_form_page());
    if (reporting_.size() >= reporting_max) return responder.send(neutral_response(503));
    const reply_ticket ticket{own_session, ++last_report_};
    const auto why = service_.report_abuse(what.host, report->code, report->text, ticket, now);
    if (why != refusal::none) return responder.send(neutral_response(503));
    reports_.miss(network, steady_ms(now));
    ++counters_.reports;
    reporting_.emplace(ticket.sequence, std::move(responder));
    turn_.touched();
}

void redirector::task_kept(reply_ticket ticket) {
    const auto at = reporting_.find(ticket.sequence);
    if (at == reporting_.end()) return;
    http_responder responder = std::move(at->second);
    reporting_.erase(at);
    responder.send(abuse_thanks_page());
}

api::http_response redirector::on_miss(const links::network_key& network, instant now,
                                       api::http_response otherwise) {
    limiter_.miss(network, steady_ms(now));
    note(alarm_.look(steady_ms(now)), now);
    note(alarm_.miss(steady_ms(now)), now);
    if (!alarm_.is_raised()) {
        ++counters_.not_available;
        return otherwise;
    }
    ++counters_.held_back;
    return too_many_response(alarm_.ends_after(steady_ms(now)));
}

void redirector::note(links::guess_alarm::news what, instant now) {
    using news = links::guess_alarm::news;
    if (what == news::none) return;
    if (what == news::raised) {
        raised_ms_ = now.wall_ms;
        service_.tell_operator("link_codes_guessed", "look at who guesses codes of links",
                               "unknown codes come from many networks, more than misses_in_total",
                               {own_session, 0}, now);
        log(log_level::warn,
            "codes of links are guessed from many networks; unknown ones are answered 429",
            {{"networks", limiter_.networks()}});
        return;
    }
    ended_ms_ = now.wall_ms;
    log(log_level::info, "codes of links are guessed no more",
        {{"unknown_codes_meanwhile", alarm_.misses()}});
}

api::guessing_view redirector::guessing() {
    const instant now = turn_.now();
    note(alarm_.look(steady_ms(now)), now);
    api::guessing_view view;
    view.is_raised = alarm_.is_raised();
    view.times_raised = alarm_.times_raised();
    view.raised_ms = raised_ms_;
    view.ended_ms = view.is_raised ? 0 : ended_ms_;
    view.misses = alarm_.misses();
    view.used = alarm_.used(steady_ms(now));
    view.networks = limiter_.networks();
    return view;
}

void redirector::end_turn() {
    if (alarm_.is_raised()) {
        const instant now = turn_.now();
        note(alarm_.look(steady_ms(now)), now);
    }
    answer_safe();
    const bool armed = !later_.empty();
    const std::uint64_t safe = service_.hits_safe();
    for (waiting_answer& each : waiting_)
        if (each.response.status != 302) {
            if (!later_.empty()) each.due = std::max(each.due, later_.back().due);
            later_.push_back(std::move(each));
        } else if (each.hit <= safe) {
            each.responder.send(std::move(each.response));
        } else {
            unsafe_.push_back(std::move(each));
        }
    waiting_.clear();
    if (!armed && !later_.empty()) answer_due();
}

void redirector::answer_safe() {
    if (unsafe_.empty()) return;
    const std::uint64_t safe = service_.hits_safe();
    const auto now = std::chrono::steady_clock::now();
    while (!unsafe_.empty() && (unsafe_.front().hit <= safe || unsafe_.front().due <= now)) {
        waiting_answer one = std::move(unsafe_.front());
        unsafe_.pop_front();
        if (one.hit > safe) ++counters_.unsafe;
        one.responder.send(std::move(one.response));
    }
}

void redirector::answer_due() {
    while (!later_.empty() && later_.front().due <= std::chrono::steady_clock::now()) {
        waiting_answer one = std::move(later_.front());
        later_.pop_front();
        one.responder.send(std::move(one.response));
    }
    if (later_.empty()) return;
    timer_.expires_at(later_.front().due);
    auto on_time = [this](boost::system::error_code error) {
        if (!error) answer_due();
    };
    timer_.async_wait(std::move(on_time));
}

void redirector::record_hit(const api::http_request& request, const api::peer_address& client,
                            const std::string& code, const link_view& link, instant now) {
    links::request_facts facts;
    facts.method = request.method;
    // Of a proxy's request the version is the proxy's own.
    facts.http_version = client == request.peer ? request.version : 11;
    for (const api::http_header& each : request.headers)
        links::add_header(facts, each.name, each.value);
    // The message cannot have been handed over before the link was made, so this is an upper bound.
    facts.since_sent = std::chrono::milliseconds{now.wall_ms - link.created_ms};
    facts.other_codes = recent_.note(links::network_of(client.octets()), code, steady_ms(now));
    if (!lists_->networks.empty()) facts.network_says = lists_->networks.says_of(client.octets());
    facts.agent = agents_.describe(facts.user_agent);
    const links::hit_verdict verdict = links::classify(facts);
    const std::string network = links::network_text(client.octets());
    hit_facts hit;
    hit.code = code;
    hit.hit_class = static_cast<std::uint8_t>(verdict.kind);
    hit.reasons = verdict.reasons;
    hit.method = request.method;
    hit.network = network;
    hit.user_agent = facts.user_agent;
    service_.on_hit(hit, link, now);
}

api::http_response redirector::refuse(unsigned status) {
    return neutral_response(status);
}

}  // namespace hikyaku::gateway::io
