#include "smpp/io/resolver.hpp"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>
#include <map>
#include <utility>

#include "smpp/io/use_tuple.hpp"

namespace hikyaku::smpp::io {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// One who waits. Its timer ends at its deadline, or is cancelled when the answer is there.
struct waiting {
    explicit waiting(const asio::any_io_executor& executor) : timer(executor) {}
    asio::steady_timer timer;
    bool done = false;
    error_code error;
    resolver::addresses found;

    void tell(const error_code& why, const resolver::addresses& what) {
        done = true;
        error = why;
        found = what;
        timer.cancel();
    }
};

struct under_way {
    std::string owner, host;
    std::shared_ptr<dns_lookup> lookup;
    std::vector<std::shared_ptr<waiting>> waiters;
};

}  // namespace

struct resolver::state {
    state(asio::any_io_executor on, resolver_settings wanted)
        : executor(std::move(on)), settings(std::move(wanted)) {}

    asio::any_io_executor executor;
    resolver_settings settings;
    std::list<under_way> lookups;
    std::map<std::string, addresses, std::less<>> kept;
    resolver_counters counters;
    bool stopped = false;

    /// Null if the owner has too many.
    std::shared_ptr<waiting> join(const std::shared_ptr<state>& self, const std::string& owner,
                                  const std::string& host) {
        auto one = std::make_shared<waiting>(executor);
        const auto same = std::ranges::find_if(lookups, [&](const under_way& each) {
            return each.owner == owner && each.host == host;
        });
        if (same != lookups.end()) {
            same->waiters.push_back(one);
            return one;
        }
        const auto of_owner = std::ranges::count(lookups, owner, &under_way::owner);
        if (static_cast<std::size_t>(of_owner) >= settings.lookups_per_owner_max) return nullptr;
        lookups.push_back({owner, host, nullptr, {one}});
        const auto entry = std::prev(lookups.end());
        // Entries that go take their look-up with them, so `entry` is good when this is called.
        auto done = [weak = std::weak_ptr(self), entry](const error_code& error,
                                                        const addresses& found) {
            if (const auto alive = weak.lock()) alive->on_answer(entry, error, found);
        };
        entry->lookup = dns_lookup::start(executor, settings.dns, host, std::move(done));
        return one;
    }

    void on_answer(std::list<under_way>::iterator entry, const error_code& error,
                   const addresses& found) {
        if (!error) {
            ++counters.found;
            keep(entry->host, found);
        } else {
            ++(error == dns_error::unknown_name ? counters.unknown : counters.failed);
        }
        for (const auto& each : entry->waiters)
            each->tell(error, found);
        lookups.erase(entry);
    }

    void keep(const std::string& host, const addresses& found) {
        if (kept.contains(host) || kept.size() < settings.kept_names_max) kept[host] = found;
    }

    /// The last who waits takes the look-up with it.
    void leave(const std::shared_ptr<waiting>& one) {
        for (auto entry = lookups.begin(); entry != lookups.end(); ++entry) {
            if (std::erase(entry->waiters, one) == 0) continue;
            if (!entry->waiters.empty()) return;
            entry->lookup->cancel();
            lookups.erase(entry);
            ++counters.failed;
            return;
        }
    }

    void stop() {
        stopped = true;
        for (auto& each : lookups) {
            each.lookup->cancel();
            for (const auto& one : each.waiters)
                one->tell(make_error_code(dns_error::stopped), {});
        }
        lookups.clear();
    }
};

bool is_host_name(std::string_view text) {
    if (text.ends_with('.')) text.remove_suffix(1);
    if (text.empty() || text.size() > 253) return false;
    std::size_t label = 0;
    for (const char c : text) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            continue;
        }
        const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!fits || ++label > 63) return false;
    }
    return label != 0;
}

resolver::resolver(asio::any_io_executor executor, resolver_settings settings)
    : state_(std::make_shared<state>(std::move(executor), std::move(settings))) {}

resolver::~resolver() {
    stop();
}

void resolver::stop() {
    state_->stop();
}

std::size_t resolver::running() const {
    return state_->lookups.size();
}

const resolver_counters& resolver::counters() const {
    return state_->counters;
}

asio::awaitable<boost::system::result<resolver::addresses>> resolver::resolve(std::string owner,
                                                                              std::string host,
                                                                              time_point deadline) {
    return find(state_, std::move(owner), std::move(host), deadline);
}

asio::awaitable<boost::system::result<resolver::addresses>> resolver::find(
    std::shared_ptr<state> shared, std::string owner, std::string host, time_point deadline) {
    error_code not_numeric;
    const auto address = asio::ip::make_address(host, not_numeric);
    if (!not_numeric) {
        addresses only(1, address);
        co_return only;
    }
    if (!is_host_name(host)) co_return make_error_code(dns_error::not_a_name);

    auto until = deadline;
    if (shared->kept.contains(host)) {
        // Half of the time is left for connecting to the addresses that are kept.
        const auto now = std::chrono::steady_clock::now();
        const auto patience = std::min<std::chrono::steady_clock::duration>(
            2 * shared->settings.dns.timeout, (deadline - now) / 2);
        until = std::min(until, now + patience);
    }
    auto found = co_await wait_for(shared, std::move(owner), host, until);
    if (found.has_value() || found.error() == dns_error::unknown_name ||
        found.error() == dns_error::stopped)
        co_return found;
    const auto kept = shared->kept.find(host);
    if (kept == shared->kept.end()) co_return found;
    ++shared->counters.kept;
    if (shared->settings.on_kept) shared->settings.on_kept(host, found.error());
    co_return kept->second;
}

asio::awaitable<boost::system::result<resolver::addresses>> resolver::wait_for(
    std::shared_ptr<state> shared, std::string owner, std::string host, time_point until) {
    if (shared->stopped) co_return make_error_code(dns_error::stopped);
    const auto mine = shared->join(shared, owner, host);
    if (!mine) {
        ++shared->counters.refused;
        co_return make_error_code(dns_error::too_many);
    }
    mine->timer.expires_at(until);
    co_await mine->timer.async_wait(use_tuple);
    if (!mine->done) {
        shared->leave(mine);
        co_return make_error_code(dns_error::no_answer);
    }
    if (mine->error) co_return mine->error;
    co_return std::move(mine->found);
}

}  // namespace hikyaku::smpp::io
