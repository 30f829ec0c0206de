// One bind to a carrier. Either it has a loop that connects, binds, serves and after a pause tries
// anew, or the carrier has called (outbind, smpp_carrier_outbind.hpp) and it serves that one
// connection as a receiver. Responses and what the carrier delivers go to the engine; the engine's
// segments and acknowledgements go out. It decides nothing about messages. Created and used on the
// io thread; it outlives the loop it has spawned.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "gateway/engine/types.hpp"
#include "gateway/io/bind_ends.hpp"
#include "gateway/io/fault_log.hpp"
#include "gateway/io/host.hpp"
#include "gateway/io/tls.hpp"
#include "smpp/io/connection.hpp"

namespace hikyaku::gateway::io {

struct carrier_bind_counters {
    std::uint64_t connects_failed = 0;
    std::uint64_t binds = 0;
    std::uint64_t binds_refused = 0;
    std::uint64_t lost = 0;              // binds that ended though nobody here wanted it
    std::uint64_t outbinds = 0;          // calls of the carrier with the right credentials
    std::uint64_t outbinds_refused = 0;  // with others, or that said something else first

    carrier_bind_counters& operator+=(const carrier_bind_counters& more);
};

/// How long to wait before the next try: from `min` on, doubled with every failure in a row, at
/// most `max`, and a part of it by chance (`random` from 0 to 1) so that binds do not come back
/// together.
[[nodiscard]] std::chrono::milliseconds reconnect_delay(std::uint32_t failures,
                                                        std::chrono::milliseconds min,
                                                        std::chrono::milliseconds max,
                                                        double random);

/// What a bind is made with. Whoever replaces it leaves the binds that are up what they have.
struct carrier_setup {
    std::shared_ptr<const config::carrier> settings;
    std::shared_ptr<boost::asio::ssl::context> tls;  // null: none is wanted
};

/// Whom a bind tells that it is up or down, and who gives it its ids.
class carrier_bind;

class carrier_bind_owner {
public:
    virtual ~carrier_bind_owner() = default;
    [[nodiscard]] virtual bind_id next_bind_id() = 0;
    virtual void on_bind_open(bind_id id, carrier_bind& bind) = 0;
    virtual void on_bind_closed(bind_id id) = 0;
    [[nodiscard]] virtual fault_log& faults_of(carrier_id carrier) = 0;
    [[nodiscard]] virtual bind_ends& ends_of(carrier_id carrier) = 0;
};

/// One bind and its reconnect loop.
class carrier_bind final : public smpp::io::connection_handler {
public:
    carrier_bind(host& around, carrier_bind_owner& owner, carrier_setup with, carrier_id carrier,
                 smpp::command_id kind, std::uint32_t number);
    ~carrier_bind() override;

    void start();
    /// Instead of start(): the carrier has connected to us and will say outbind. One connection,
    /// then it is stopped(). REQUIRES: the kind is bind_receiver.
    void serve(smpp::io::stream connected);
    /// Other settings, with which the bind that is up may go on: its window changes at once, the
    /// rest counts from the next bind on.
    void use(carrier_setup with);
    /// Unbinds when what is in flight is answered, and connects no more.
    void stop();
    /// The same while the gateway goes on: the engine sends nothing more on it.
    void leave();
    /// Neither connected nor trying to be.
    [[nodiscard]] bool stopped() const { return stopped_; }
    /// Connected, bound or not.
    [[nodiscard]] bool connected() const { return connection_ != nullptr; }

    [[nodiscard]] bool send(std::uint64_t token, const smpp::submit_sm& request,
                            const smpp::tlv_list& tlvs);
    [[nodiscard]] bool send_cancel(std::uint64_t token, const smpp::cancel_sm& request);
    void acknowledge(std::uint32_t sequence, smpp::command_id request, smpp::command_status status);

    [[nodiscard]] const carrier_bind_counters& counters() const { return counters_; }
    /// Adds the faulty PDUs that came since the last call to those of the carrier.
    void settle_faults();
    [[nodiscard]] std::uint32_t in_flight() const;
    [[nodiscard]] smpp::command_id kind() const { return kind_; }
    [[nodiscard]] std::uint32_t number() const { return number_; }

    // smpp::io::connection_handler
    void on_events(smpp::io::connection& from,
                   std::span<const smpp::session_event> events) override;
    void on_closed(smpp::io::connection& from, smpp::close_reason reason) override;

private:
    boost::asio::awaitable<void> run();
    boost::asio::awaitable<void> connect_once();
    boost::asio::awaitable<void> wait(std::chrono::steady_clock::time_point until);
    void start_session(smpp::io::stream connected);
    void on_event(const smpp::session_event& event, instant now);
    void on_bound(const smpp::session_event& event, instant now);
    /// Logs additional_status_info_text of a bind response, if it has one.
    void tell_info(const smpp::session_event& response) const;
    void on_outbind(const smpp::outbind& call);
    [[nodiscard]] bool request_bind();
    /// The attempt to bind that is under way, if one is, has failed.
    void end_attempt(bind_stage stage, std::string reason, std::string_view detail = {});
    void end_attempt_by(smpp::close_reason reason);
    [[nodiscard]] bind_identity identity() const { return {kind_, called_ ? 0 : number_}; }
    void on_response(const smpp::session_event& event, instant now);
    void refuse_later(std::uint64_t token);
    void on_request(const smpp::session_event& event, instant now);
    [[nodiscard]] smpp::session_settings session_settings() const;
    [[nodiscard]] std::string name() const;

    host& host_;
    carrier_bind_owner& owner_;
    std::shared_ptr<const config::carrier> settings_;
    carrier_id carrier_;
    smpp::command_id kind_;
    std::uint32_t number_;
    std::shared_ptr<boost::asio::ssl::context> tls_;
    boost::asio::steady_timer wake_;
    std::minstd_rand random_;
    std::shared_ptr<smpp::io::connection> connection_;
    bind_id id_{};  // valid while up_
    bool up_ = false;
    bool stopping_ = false;
    bool stopped_ = true;
    bool called_ = false;     // by the carrier's outbind: no loop
    bool trying_ = false;     // an attempt has begun that neither led to a bind nor failed yet
    bool asked_ = false;      // and our bind is on its way
    config::address target_;  // of the attempt; of a call its origin, port 0
    std::uint32_t failures_ = 0;
    std::size_t next_host_ = 0;
    std::chrono::steady_clock::time_point up_since_{};
    carrier_bind_counters counters_;
    std::string peer_;           // of connection_, as its faults are logged
    fault_meter meter_;          // of connection_
    bool told_of_role_ = false;  // that the carrier delivers on a transmitter
};

}  // namespace hikyaku::gateway::io
