// One connection of http_server: reads a request, waits for its response, writes it, again and
// again. One coroutine, which is left out where a response can be written at once; a clock of the
// server looks every now and then for connections whose time is up, which is cheaper than a timer
// per operation. Bodies in pieces are http_pieces' affair. Used by http_server.cpp only.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>

#include "gateway/io/http_pieces.hpp"
#include "gateway/io/http_server.hpp"
#include "gateway/io/networks.hpp"
#include "smpp/io/stream.hpp"

namespace hikyaku::gateway::io {

struct http_shared {
    http_shared(tasks& background_tasks, std::string server_name, const http_limits& server_limits,
                http_handler& request_handler)
        : background(background_tasks),
          name(std::move(server_name)),
          limits(server_limits),
          handler(request_handler),
          places(std::make_shared<smpp::io::places>(
              smpp::io::place_limits{.total_max = server_limits.connections_max,
                                     .strangers_max = server_limits.connections_max,
                                     .per_address_max = server_limits.strangers_per_address_max},
              [this](const boost::asio::ip::address& from) {
                  return any_contains(limits.without_share, from);
              })),
          bodies(server_limits.bodies_bytes_max),
          sweeper(background_tasks.context()) {}

    /// The Date of responses, formatted once a second, and what else every answer has.
    [[nodiscard]] const std::string& date();

    tasks& background;
    std::string name;
    http_limits limits;
    http_handler& handler;
    std::shared_ptr<smpp::io::places> places;
    body_budget bodies;
    std::size_t buffers_freed_bytes = 0;  // since memory was given back to the system
    http_counters counters;
    std::unordered_set<http_connection*> connections;
    boost::asio::steady_timer sweeper;
    bool sweeping = false;
    bool stopping = false;

private:
    std::int64_t date_second_ = 0;
    std::string date_;
};

class http_connection : public std::enable_shared_from_this<http_connection> {
public:
    using time_point = std::chrono::steady_clock::time_point;

    http_connection(std::shared_ptr<http_shared> shared, smpp::io::stream stream);
    ~http_connection();

    /// Serves the connection until its end. `self` keeps it alive.
    static boost::asio::awaitable<void> run(std::shared_ptr<http_connection> self);

    /// The response of request number `request`.
    void deliver(std::uint64_t request, api::http_response&& response);
    /// Its body goes to the reader. False: there is no memory for that, and it was answered so.
    [[nodiscard]] bool read_body(std::uint64_t request, std::unique_ptr<api::body_reader> reader,
                                 body_budget::owner whose);
    /// Ends what has taken too long.
    void check_time(time_point now);
    /// No further request; closes now if none is under way.
    void finish();
    void abort();
    void count_unanswered() { ++shared_->counters.unanswered; }
    [[nodiscard]] http_handler& handler() { return shared_->handler; }

private:
    enum class phase : std::uint8_t { idle, reading, handling, writing, lingering };
    // stopped: it was answered, and the rest of its body is not wanted.
    enum class outcome : std::uint8_t { complete, closed, faulty, stopped };

    void enter(phase next);
    boost::asio::awaitable<outcome> read_request();
    /// What has come of a request that is not complete may stay, and more may come. False:
    /// response_ says why not.
    [[nodiscard]] bool may_go_on(const http_request_parser& parser);
    [[nodiscard]] bool pay_for_body();
    /// Of the budget, by body_owner_. False: response_ is a 503.
    [[nodiscard]] bool pay(std::uint64_t bytes);
    /// Gives back what the request took: of the budget, and its memory.
    void drop_request();
    void hand_over_request();
    /// Formats response_ into what is to be written.
    void begin_response(bool keep_alive, bool with_body);
    void write_at_once();
    [[nodiscard]] bool is_written() const { return unwritten_.empty() && body_unwritten_.empty(); }
    boost::asio::awaitable<bool> write_rest();
    // Bodies in pieces (http_connection_pieces.cpp).
    [[nodiscard]] http_pieces& pieces();
    [[nodiscard]] std::function<void()> waker(void (http_pieces::*wake)());
    /// Gives the reader what has come. False: nobody wants the rest.
    boost::asio::awaitable<bool> pass_on();
    /// The reader gets what is left, or nothing more. What has become of the reading.
    boost::asio::awaitable<outcome> end_reading(outcome read);
    void stop_reading();
    /// Begins to write response_, whose body has a source.
    void begin_pieces();
    static boost::asio::awaitable<void> write_pieces(std::shared_ptr<http_connection> self);
    /// False: the response was cut.
    boost::asio::awaitable<bool> end_writing();
    boost::asio::awaitable<void> say_goodbye();
    boost::asio::awaitable<void> linger();
    [[nodiscard]] outcome give_up(unsigned status);

    std::shared_ptr<http_shared> shared_;
    smpp::io::stream stream_;
    api::peer_address peer_;
    boost::beast::flat_buffer buffer_;
    http_storage storage_;
    std::string out_;
    std::string_view unwritten_;       // of out_
    std::string_view body_unwritten_;  // of a body too large to be joined to its head
    boost::asio::steady_timer wake_;
    api::http_response response_;
    time_point deadline_ = time_point::max();
    std::uint64_t request_ = 0;
    body_budget::owner body_owner_ = body_budget::stranger;
    std::uint64_t body_paid_ = 0;          // of the budget, by body_owner_
    std::unique_ptr<http_pieces> pieces_;  // while there are any
    bool head_seen_ = false;               // by the handler, of the request that is being read
    bool in_pieces_ = false;               // the handler takes it without its body
    phase phase_ = phase::idle;
    bool answered_ = false;
    bool keep_alive_ = true;
    bool without_body_ = false;  // HEAD
    bool timed_out_ = false;
    bool finishing_ = false;
};

}  // namespace hikyaku::gateway::io
