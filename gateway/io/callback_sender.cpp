#include "gateway/io/callback_sender.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cassert>
#include <utility>

#include "gateway/engine/delivery/callback_settings.hpp"

namespace hikyaku::gateway::io {

namespace asio = boost::asio;

struct callback_sender::state {
    state(tasks& background_tasks, const http_client_options& options, completion on_done)
        : background(background_tasks),
          client(background_tasks.context(), options),
          done(std::move(on_done)) {}

    tasks& background;
    http_client client;
    completion done;
    callback_counters counters;
    std::size_t running = 0;
};

struct callback_sender::job {
    account_id account{};
    std::uint64_t token = 0;
    CallbackForm form{};
    std::optional<api::answerable_reply> reply;
    http_client_request request;
};

namespace {

std::string head_of(const http_target& target, const api::rendered_callback& what) {
    const bool post = what.method == CallbackMethod::post;
    auto head = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Hikyaku\r\n",
                            post ? "POST" : "GET", target.path, target.host_header);
    if (post)
        head += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", what.content_type,
                            what.body.size());
    for (const auto& [name, value] : what.headers)
        head += fmt::format("{}: {}\r\n", name, value);
    return head + "\r\n";
}

}  // namespace

std::optional<http_target> parse_callback_url(std::string_view url) {
    const auto mark = url.find("://");
    if (mark == std::string_view::npos) return {};
    const auto end = std::min(url.find_first_of("/?", mark + 3), url.size());
    auto target = parse_http_url(url.substr(0, end));
    if (!target) return {};
    target->path = url.substr(end);
    if (!target->path.starts_with('/')) target->path.insert(0, "/");
    const bool sendable =
        std::ranges::all_of(target->path, [](char c) { return c > ' ' && c <= '~'; });
    if (!sendable) return {};
    return target;
}

callback_sender::callback_sender(tasks& background, const http_client_options& options,
                                 completion done)
    : state_(std::make_shared<state>(background, options, std::move(done))) {}

callback_sender::~callback_sender() {
    state_->done = nullptr;
    state_->client.close();
}

void callback_sender::request(account_id account, const config::account& settings,
                              std::uint64_t token, const callback_request& what) {
    const auto way = callback_settings_of(settings, what.form);
    assert(way);
    job made;
    made.account = account;
    made.token = token;
    made.form = what.form;
    made.request.owner = settings.name;
    made.request.allow_private = way->allow_private;
    made.request.timeout = way->timeout;
    auto rendered = api::render_callback(what, settings);
    made.reply = std::move(rendered.answerable);
    if (auto target = parse_callback_url(rendered.url)) {
        made.request.head = head_of(*target, rendered);
        made.request.body = std::move(rendered.body);
        made.request.target = std::move(*target);
    }
    ++state_->counters.requests;
    ++state_->running;
    state_->background.spawn("callback of " + settings.name, run(state_, std::move(made)));
}

asio::awaitable<void> callback_sender::run(std::shared_ptr<state> shared, job what) {
    // The engine is in the middle of a call; it may be told the answer only in a later turn.
    co_await asio::post(shared->background.context().get_executor(), asio::use_awaitable);
    http_answer answer;
    if (what.request.target.host.empty())
        answer.error = "the URL is not usable";
    else
        answer = co_await shared->client.send(what.request);
    if (answer.status == 0) ++shared->counters.failures;
    answer.is_refused = !api::is_acknowledged(what.form, answer.status, answer.body);
    --shared->running;
    if (shared->done)
        shared->done({what.account, what.token, std::move(answer), std::move(what.reply)});
}

std::size_t callback_sender::running() const {
    return state_->running;
}

callback_counters callback_sender::counters() const {
    callback_counters all = state_->counters;
    static_cast<http_client_counters&>(all) = state_->client.counters();
    return all;
}

}  // namespace hikyaku::gateway::io
