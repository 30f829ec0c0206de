#include "smpp/io/dns_lookup.hpp"

#include <netinet/in.h>
#include <sys/time.h>

#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>

namespace hikyaku::smpp::io {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

class dns_category final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "dns"; }
    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<dns_error>(value)) {
            case dns_error::not_a_name:
                return "this is not the name of a host";
            case dns_error::unknown_name:
                return "the name servers know no address of this name";
            case dns_error::no_answer:
                return "no name server answered in time";
            case dns_error::server_failed:
                return "the name servers failed";
            case dns_error::too_many:
                return "the account has too many names looked up at once";
            case dns_error::stopped:
                return "the program ends";
        }
        return "unknown error";
    }
};

// c-ares wants to be told once that the process uses it.
bool library_ready() {
    static const bool ready = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS;
    return ready;
}

dns_error error_of(int status) {
    switch (status) {
        case ARES_ENOTFOUND:
        case ARES_ENODATA:
            return dns_error::unknown_name;
        case ARES_ETIMEOUT:
            return dns_error::no_answer;
        case ARES_EBADNAME:
            return dns_error::not_a_name;
        default:
            return dns_error::server_failed;
    }
}

asio::ip::address address_of(const ares_addrinfo_node& node) {
    if (node.ai_family == AF_INET) {
        const auto& in = *reinterpret_cast<const sockaddr_in*>(node.ai_addr);
        return asio::ip::address_v4(ntohl(in.sin_addr.s_addr));
    }
    const auto& in = *reinterpret_cast<const sockaddr_in6*>(node.ai_addr);
    asio::ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return asio::ip::address_v6(bytes, in.sin6_scope_id);
}

}  // namespace

error_code make_error_code(dns_error error) {
    static const dns_category category;
    return {static_cast<int>(error), category};
}

dns_lookup::dns_lookup(asio::any_io_executor executor, completion done)
    : executor_(std::move(executor)), done_(std::move(done)), timer_(executor_) {}

dns_lookup::~dns_lookup() {
    cancel();
}

std::shared_ptr<dns_lookup> dns_lookup::start(asio::any_io_executor executor,
                                              const dns_settings& settings, const std::string& name,
                                              completion done) {
    std::shared_ptr<dns_lookup> made(new dns_lookup(std::move(executor), std::move(done)));
    if (made->open(settings)) {
        made->ask(name);
    } else {
        made->error_ = make_error_code(dns_error::server_failed);
        made->end();
    }
    return made;
}

bool dns_lookup::open(const dns_settings& settings) {
    if (!library_ready()) return false;
    ares_options options{};
    options.timeout = static_cast<int>(settings.timeout.count());
    options.tries = settings.tries;
    options.sock_state_cb = [](void* self, ares_socket_t number, int reads, int writes) {
        static_cast<dns_lookup*>(self)->on_socket(number, reads != 0, writes != 0);
    };
    options.sock_state_cb_data = this;
    const int given = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB;
    if (ares_init_options(&channel_, &options, given) != ARES_SUCCESS) {
        channel_ = nullptr;
        return false;
    }
    if (settings.servers.empty()) return true;
    std::string list;
    for (const auto& each : settings.servers)
        list.append(list.empty() ? "" : ",").append(each);
    return ares_set_servers_ports_csv(channel_, list.c_str()) == ARES_SUCCESS;
}

void dns_lookup::ask(const std::string& name) {
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    const auto on_answer = [](void* self, int status, int, ares_addrinfo* found) {
        static_cast<dns_lookup*>(self)->on_answer(status, found);
        if (found != nullptr) ares_freeaddrinfo(found);
    };
    ares_getaddrinfo(channel_, name.c_str(), nullptr, &hints, on_answer, this);
    go_on();
}

// Called by c-ares, which is still in the middle of its work: the channel goes in go_on().
void dns_lookup::on_answer(int status, const ares_addrinfo* found) {
    if (over_) return;
    answered_ = true;
    if (status != ARES_SUCCESS) {
        error_ = make_error_code(error_of(status));
        return;
    }
    for (const auto* node = found->nodes; node != nullptr; node = node->ai_next) {
        if (addresses_.size() == addresses_max) break;
        if (node->ai_family != AF_INET && node->ai_family != AF_INET6) continue;
        addresses_.push_back(address_of(*node));
    }
    if (addresses_.empty()) error_ = make_error_code(dns_error::unknown_name);
}

// Called by c-ares; with neither, just before it closes the socket.
void dns_lookup::on_socket(int number, bool reads, bool writes) {
    const auto at = sockets_.find(number);
    if (!reads && !writes) {
        if (at == sockets_.end()) return;
        if (at->second->descriptor.is_open()) at->second->descriptor.release();
        sockets_.erase(at);
        return;
    }
    auto one = at == sockets_.end() ? std::make_shared<socket>(executor_) : at->second;
    if (at == sockets_.end()) {
        error_code refused;
        one->descriptor.assign(number, refused);
        if (refused) return;  // it then ends by its time-out
        sockets_.emplace(number, one);
    }
    one->wants_reading = reads;
    one->wants_writing = writes;
    watch(number, one);
}

void dns_lookup::watch(int number, const std::shared_ptr<socket>& one) {
    const auto begin = [&](bool wanted, bool socket::*waiting, auto how, bool to_read) {
        if (!wanted || (*one).*waiting) return;
        (*one).*waiting = true;
        auto ready = [self = weak_from_this(), one, number, waiting, to_read](error_code error) {
            (*one).*waiting = false;
            const auto alive = self.lock();
            if (error || !alive || alive->over_ || !one->descriptor.is_open()) return;
            ares_process_fd(alive->channel_, to_read ? number : ARES_SOCKET_BAD,
                            to_read ? ARES_SOCKET_BAD : number);
            if (one->descriptor.is_open()) alive->watch(number, one);
            alive->go_on();
        };
        one->descriptor.async_wait(how, std::move(ready));
    };
    using wait = asio::posix::stream_descriptor;
    begin(one->wants_reading, &socket::reading, wait::wait_read, true);
    begin(one->wants_writing, &socket::writing, wait::wait_write, false);
}

// After each call into c-ares: the end, or when it wants to be called for a time-out.
void dns_lookup::go_on() {
    if (over_) return;
    if (answered_) return end();
    timeval left{};
    if (ares_timeout(channel_, nullptr, &left) == nullptr) return;
    timer_.expires_after(std::chrono::seconds(left.tv_sec) +
                         std::chrono::microseconds(left.tv_usec));
    auto on_time = [self = weak_from_this()](error_code error) {
        const auto alive = self.lock();
        if (error || !alive || alive->over_) return;
        ares_process_fd(alive->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        alive->go_on();
    };
    timer_.async_wait(std::move(on_time));
}

void dns_lookup::end() {
    close_channel();
    auto tell = [self = shared_from_this()] {
        if (!self->done_) return;
        const auto done = std::exchange(self->done_, nullptr);
        done(self->error_, std::move(self->addresses_));
    };
    asio::post(executor_, std::move(tell));
}

void dns_lookup::cancel() {
    done_ = nullptr;
    close_channel();
}

void dns_lookup::close_channel() {
    over_ = true;
    timer_.cancel();
    // It tells on_socket() of each socket that it closes.
    if (channel_ != nullptr) ares_destroy(std::exchange(channel_, nullptr));
}

}  // namespace hikyaku::smpp::io
