// One connection to a carrier: our bind, as gateway/io/smpp_carrier_client.cpp has it, and at the
// other end a fake carrier that reads and writes octets. What the carrier does with a segment is
// decided in world_carriers.cpp.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "smpp/pdu/pdu.hpp"
#include "tests/sim/wire.hpp"
#include "tests/sim/world.hpp"

namespace hikyaku::sim {

class carrier_link final : public wire {
public:
    carrier_link(world& around, std::size_t carrier, smpp::command_id kind, std::uint32_t failures);

    // Our side.
    void connect();
    [[nodiscard]] bool send(std::uint64_t token, const smpp::submit_sm& request,
                            const smpp::tlv_list& tlvs, std::size_t number, std::size_t segment);
    void acknowledge(std::uint32_t sequence, smpp::command_id request, smpp::command_status status);
    void leave();
    [[nodiscard]] bool up() const { return up_; }

    // The carrier's side.
    void respond(std::uint32_t sequence, smpp::command_status status, const std::string& id);
    void nack(std::uint32_t sequence);
    void write_pdu(const smpp::pdu& whole);
    void write_garbage();
    void unbind();
    [[nodiscard]] bool serves() const { return bound_ && peer_alive(); }
    [[nodiscard]] std::uint32_t deliver(std::size_t receipt, const smpp::deliver_sm& body,
                                        const smpp::tlv_list& tlvs);

    [[nodiscard]] std::size_t carrier() const { return carrier_; }
    [[nodiscard]] smpp::command_id kind() const { return kind_; }

private:
    friend class world;
    void on_event(const smpp::session_event& event) override;
    void on_closed(smpp::close_reason reason) override;
    void on_peer_octets(std::span<const std::uint8_t> octets) override;
    void on_peer_closed() override;
    void on_bound();
    void on_response(const smpp::session_event& event);
    void on_request(const smpp::session_event& event);
    void on_peer_pdu(const smpp::pdu& got);
    void on_segment(const smpp::pdu& got, const smpp::submit_sm& body);
    void answer_bind(const smpp::pdu& got);
    void leave_octets(const smpp::pdu_header& header, std::vector<std::uint8_t>& octets);

    world& world_;
    std::size_t carrier_;
    smpp::command_id kind_;
    std::uint32_t failures_;

    // Our side.
    bind_id id_{};
    bool up_ = false;
    std::uint32_t in_flight_ = 0;
    std::map<std::uint64_t, std::size_t> attempt_of_token_;

    // The carrier's side.
    std::vector<std::uint8_t> input_;
    bool bound_ = false;
    std::uint32_t next_sequence_ = 1, last_answered_ = 0;
    std::map<std::uint32_t, std::size_t> attempt_of_sequence_;
    std::map<std::uint32_t, std::size_t> unanswered_;  // receipts by sequence number
    std::int64_t opened_us_ = 0;
};

}  // namespace hikyaku::sim
