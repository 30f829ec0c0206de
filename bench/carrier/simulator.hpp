// A carrier that is not one: accepts binds of any number of sessions, answers submissions, sends
// receipts and replies and keeps them until they are acknowledged, and misbehaves as its options
// say. `hikyaku carrier` runs it for demonstrations and load runs, tests run it inside their own
// process. Everything happens on the thread of the executor it is given; nothing grows without
// bound, and in the steady state a message costs no allocation (without the phone).
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/result.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/carrier/options.hpp"
#include "bench/carrier/phone_inbox.hpp"
#include "bench/carrier/rate_watch.hpp"
#include "bench/carrier/schedule.hpp"
#include "bench/carrier/slab.hpp"
#include "bench/carrier/submission_record.hpp"
#include "smpp/io/connection.hpp"
#include "smpp/io/listener.hpp"
#include "smpp/text/receipt_state.hpp"

namespace hikyaku::bench {

struct carrier_stats {
    std::uint64_t connections = 0;  // ever
    std::uint64_t sessions = 0;     // open now
    std::uint64_t binds = 0;        // accepted, ever
    std::uint64_t binds_refused = 0;
    std::uint64_t submissions = 0;  // submit_sm and data_sm
    std::uint64_t accepted = 0;
    std::uint64_t receipts_wanted = 0;
    std::uint64_t receipts_acknowledged = 0;
    std::uint64_t receipts_dropped = 0;  // the peer refused them for good
    std::uint64_t replies = 0;           // segments
    std::uint64_t replies_acknowledged = 0;
    std::uint64_t redelivered = 0;  // sent again after a refusal, a timeout or a lost connection
    std::uint64_t pending = 0;      // receipts and replies not acknowledged
    std::uint64_t disconnects = 0;  // by the options
    std::uint64_t calls = 0;        // connections on which outbind was said
    std::uint64_t most_submissions_in_one_second = 0;          // of any sliding second
    std::chrono::steady_clock::time_point first_submission{};  // when it was read; 0: none came
    std::chrono::steady_clock::time_point last_submission{};
    std::map<smpp::command_status, std::uint64_t> refused;  // submissions, by status
};

enum class reply_error : std::uint8_t {
    bad_address,   // from: digits, a '+' may stand in front; to: these, or a name with a letter
    bad_text,      // not UTF-8
    too_long,      // more than ten segments
    nobody_bound,  // no account has ever bound: nobody to send it to
    queue_full     // pending_max
};
[[nodiscard]] std::string_view name_of(reply_error error);

class carrier_simulator {
public:
    using tcp = boost::asio::ip::tcp;

    /// REQUIRES: fault_of(options) is empty.
    carrier_simulator(boost::asio::any_io_executor executor, carrier_options options);
    /// Closes all connections.
    ~carrier_simulator();
    carrier_simulator(const carrier_simulator&) = delete;
    carrier_simulator& operator=(const carrier_simulator&) = delete;

    /// Port 0: the system picks one, see local().
    [[nodiscard]] boost::system::result<void> listen(const tcp::endpoint& endpoint);
    [[nodiscard]] tcp::endpoint local() const { return listener_->local(); }
    /// Connects to the customer of options.outbind and says outbind, now and again whenever no such
    /// connection is open. Called by listen().
    void call();
    /// Accepts no more, unbinds every session, closes those that take longer than two seconds, then
    /// calls back from the loop.
    void stop(std::function<void()> on_stopped);
    /// Closes every connection without unbind, as a failing network does.
    void disconnect_all();

    /// Sends a text from a phone to a number or to the name that a sender has used (alphanumeric,
    /// at most 20 octets): to the sessions of the account that this phone last heard from, or else
    /// of the account that bound last. Long ones take several segments. Returns their number. They
    /// are kept until acknowledged, also while no session is bound.
    [[nodiscard]] boost::system::result<std::uint32_t, reply_error> send_reply(
        std::string_view from, std::string_view to, std::string_view text);

    /// From now on receipts, phones and validity periods go by this clock (milliseconds since 1970
    /// UTC), which may be moved forward: on_clock() says that it was. Before listen().
    void use_clock(std::function<std::int64_t()> wall_ms) { wall_ = std::move(wall_ms); }
    void on_clock();
    /// When, by that clock, something of it is due; empty: nothing waits for it.
    [[nodiscard]] std::optional<std::int64_t> next_due() const;
    /// What was due has been sent and acknowledged.
    [[nodiscard]] bool rests() const;

    /// From now on accepted submissions are written to this file; see submission_record.
    [[nodiscard]] boost::system::error_code record_to(const std::string& path) {
        return record_.open(path);
    }

    [[nodiscard]] const carrier_options& options() const { return options_; }
    [[nodiscard]] carrier_stats stats() const;
    /// Null with options.phone off.
    [[nodiscard]] const phone_inbox* phone() const { return phone_ ? &*phone_ : nullptr; }

private:
    using session_time = smpp::session_time;
    static constexpr std::size_t accounts_max = 1000;

    struct address {
        std::uint8_t ton = 0;
        std::uint8_t npi = 0;
        std::uint8_t size = 0;
        std::array<char, 20> chars;  // SMPP 3.4 allows 20 in submit_sm and deliver_sm
        [[nodiscard]] std::string_view view() const { return {chars.data(), size}; }
        /// False if it is longer.
        [[nodiscard]] bool set(std::uint8_t new_ton, std::uint8_t new_npi, std::string_view text);
    };
    /// A receipt or a segment of a reply, from its creation to its acknowledgement.
    struct delivery {
        std::uint64_t number = 0;  // of the message; 0: a reply
        std::uint32_t account = 0;
        address from, to;
        std::chrono::sys_seconds submitted{};
        smpp::text::receipt_state state = smpp::text::receipt_state::delivered;
        slab<int>::handle held = 0;   // the response that waits until this is acknowledged
        std::uint8_t registered = 0;  // registered_delivery of the message
        std::uint8_t esm_class = 0;   // of a reply, like the next two
        std::uint8_t data_coding = 0;
        std::string octets;
    };
    /// A response that is not sent at once.
    struct held_response {
        std::uint64_t peer = 0;
        smpp::peer_request request;
        smpp::command_status status = smpp::command_status::esme_rok;
        std::uint64_t number = 0;
    };
    struct peer;
    struct account {
        std::string system_id;
        std::deque<slab<delivery>::handle> ready;
        std::vector<peer*> receivers;  // RX and TRX sessions
        std::size_t next = 0;          // whose turn it is
    };
    /// What submit_sm and data_sm have in common.
    struct submission {
        address from, to;
        std::uint8_t esm_class = 0;
        std::uint8_t registered_delivery = 0;
        std::uint8_t data_coding = 0;
        smpp::octet_view octets;
        std::optional<std::chrono::sys_time<std::chrono::milliseconds>> valid_until;
        bool addresses_fit = false;
    };
    /// A segment for a phone that is off.
    struct waiting_segment {
        std::string from, to, octets;
        std::uint8_t data_coding = 0;
        bool has_udh = false;
        std::optional<smpp::text::concatenation_info> sar;
        std::uint32_t account = 0;
        session_time on_at{}, tried_until{}, retried_until{};  // of the wall clock
        std::optional<delivery> receipt;
    };
    enum class task_kind : std::uint8_t {
        respond,
        make_ready,
        disconnect,
        phone,
        give_up,
        call,
        ring
    };
    struct task {
        task_kind kind = task_kind::respond;
        std::uint64_t handle = 0;
    };

    // simulator.cpp
    peer& on_stream(smpp::io::stream stream);
    [[nodiscard]] boost::asio::awaitable<void> connect_out(std::weak_ptr<int> alive);
    void call_later();
    [[nodiscard]] std::chrono::microseconds since_first(session_time now) const;
    void on_closed(peer& gone);
    void after(std::chrono::microseconds delay, task what, session_time now);
    // By the wall clock, which is the machine's unless use_clock() names another.
    [[nodiscard]] std::int64_t wall_ms() const;
    [[nodiscard]] session_time wall_now() const;
    [[nodiscard]] std::chrono::sys_seconds wall_seconds() const;
    void after_wall(std::chrono::microseconds delay, task what);
    void run_due(session_time now);
    void arm();
    void on_timer();
    void run(const task& what, session_time now);
    void drop(peer& victim);

    // simulator_submit.cpp
    void on_events(peer& from, std::span<const smpp::session_event> events);
    void on_bind(peer& from, const smpp::session_event& event, session_time now);
    void on_request(peer& from, const smpp::session_event& event, session_time now);
    template <class Body>
    [[nodiscard]] submission submission_of(const Body& body, const smpp::tlv_list& tlvs) const;
    void on_submission(peer& from, const smpp::session_event& event, const submission& what,
                       session_time now);
    [[nodiscard]] smpp::command_status admit(const submission& what, const message_fate& fate,
                                             session_time now);
    void show_on_phone(const peer& from, const submission& what, const smpp::tlv_list& tlvs);
    [[nodiscard]] static waiting_segment segment_of(const peer& from, const submission& what,
                                                    const smpp::tlv_list& tlvs);
    void show(const waiting_segment& what, bool rang);
    void answer(const held_response& with, session_time now);
    void release(slab<held_response>::handle which, session_time now);

    // simulator_phone.cpp
    /// When the phone is on; the wall clock's now: it is.
    [[nodiscard]] session_time on_at(const submission& what, std::uint64_t number);
    void wait_for_phone(const peer& from, const submission& what, const smpp::tlv_list& tlvs,
                        const message_fate& fate, const held_response& response,
                        session_time on_at);
    void ring(slab<waiting_segment>::handle which);

    // simulator_deliver.cpp
    [[nodiscard]] static bool is_wanted(std::uint8_t registered, bool fails);
    [[nodiscard]] delivery receipt_of(const peer& from, const submission& what,
                                      const message_fate& fate,
                                      const held_response& response) const;
    [[nodiscard]] slab<held_response>::handle add_receipts(const peer& from, const submission& what,
                                                           const message_fate& fate,
                                                           const held_response& response,
                                                           session_time now);
    void make_ready(slab<delivery>::handle which);
    void pump(session_time now);
    void pump(account& to, session_time now);
    [[nodiscard]] peer* next_receiver(account& of);
    void send(peer& to, slab<delivery>::handle which, session_time now);
    void on_response(std::uint64_t handle, smpp::command_status status, session_time now);
    void on_failed(std::uint64_t handle, session_time now);
    void finish(slab<delivery>::handle which, session_time now);

    boost::asio::any_io_executor executor_;
    carrier_options options_;
    std::uint64_t id_base_;
    std::shared_ptr<smpp::io::listener> listener_;
    std::unordered_map<std::uint64_t, std::unique_ptr<peer>> peers_;
    std::uint64_t next_peer_ = 1;
    std::vector<account> accounts_;
    std::uint32_t last_account_ = 0;
    std::vector<std::uint32_t> dirty_;  // accounts with something to send
    slab<delivery> deliveries_;
    slab<held_response> held_;
    schedule<task> schedule_;
    schedule<task> by_wall_;            // times of the wall clock, as wall_now() gives them
    std::size_t receipts_to_come_ = 0;  // of deliveries_, in by_wall_
    std::function<std::int64_t()> wall_;
    slab<waiting_segment> waiting_;
    std::unordered_map<std::string, session_time> off_until_;  // phones, by number
    boost::asio::steady_timer timer_;
    session_time armed_ = session_time::max();
    session_time fired_{};
    session_time first_submission_ = session_time::max();
    std::uint64_t called_ = 0;                              // the peer that was called; 0: none
    std::shared_ptr<int> alive_ = std::make_shared<int>();  // for handlers that outlive this
    rate_watch seen_;
    rate_watch throttle_;
    std::optional<phone_inbox> phone_;
    submission_record record_;
    carrier_stats stats_;
    std::vector<std::uint8_t> tlv_buffer_;
    std::uint8_t reply_reference_ = 0;
    std::function<void()> on_stopped_;
    bool stopping_ = false;
};

}  // namespace hikyaku::bench
