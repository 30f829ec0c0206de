#include "gateway/io/redirector.hpp"

#include <chrono>
#include <utility>

#include "gateway/links/classify.hpp"
#include "gateway/links/network.hpp"

namespace hikyaku::gateway::io {
namespace {

constexpr std::size_t networks_remembered_max = 1 << 16;

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
    limits.message = {8 << 10, 1 << 10};
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
        case redirect_request::kind::robots:
            responder.send(robots_response());
            return;
        case redirect_request::kind::link:
            break;
    }
    answer_link(request, what, std::move(responder));
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
    const std::optional<link_view> link = service_.find_link(what.code);
    api::http_response response = redirect_response(what, link, now.wall_ms);
    time_point due{};
    if (response.status == 302) {
        ++counters_.redirected;
    } else {
        due = begin + not_available_after;
        ++counters_.not_available;
        limiter_.miss(network, steady_ms(now));
    }
    waiting_.push_back({std::move(responder), std::move(response), due});
    turn_.touched();
    if (link && what.well_formed) record_hit(request, client, what.code, *link, now);
}

void redirector::end_turn() {
    const bool armed = !later_.empty();
    for (waiting_answer& each : waiting_)
        if (each.due == time_point{})
            each.responder.send(std::move(each.response));
        else
            later_.push_back(std::move(each));
    waiting_.clear();
    if (!armed && !later_.empty()) answer_due();
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
