#include "gateway/io/smpp_carriers.hpp"

#include <algorithm>

namespace hikyaku::gateway::io {

using smpp::command_id;

smpp_carriers::smpp_carriers(host& around, const config::settings& settings)
    : host_(around), settings_(settings) {}

bool smpp_carriers::start(std::string& fault) {
    carriers_.reserve(settings_.carriers.size());
    for (const auto& settings : settings_.carriers) {
        auto& added = carriers_.emplace_back();
        added.settings = &settings;
        if (settings.tls) {
            auto made = client_tls(settings.tls_ca);
            if (made.has_error()) {
                fault = "carrier " + settings.name + ": " + made.error();
                return false;
            }
            added.tls = std::move(*made);
        }
        for (std::uint32_t number = 1; number <= settings.binds; ++number) {
            if (settings.bind == config::bind_type::transceiver) {
                add_bind(added, command_id::bind_transceiver, number);
            } else {
                add_bind(added, command_id::bind_transmitter, number);
                add_bind(added, command_id::bind_receiver, number);
            }
        }
    }
    for (auto& carrier : carriers_) {
        for (auto& bind : carrier.binds)
            bind->start();
    }
    return true;
}

void smpp_carriers::add_bind(carrier_binds& to, command_id kind, std::uint32_t number) {
    const auto id = host_.core().carrier_by_name(to.settings->name);
    to.binds.push_back(
        std::make_unique<carrier_bind>(host_, *this, *to.settings, id, kind, number, to.tls.get()));
}

bool smpp_carriers::send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                                 const smpp::tlv_list& tlvs) {
    auto* const found = find(bind);
    return found != nullptr && found->send(token, request, tlvs);
}

void smpp_carriers::acknowledge(bind_id bind, std::uint32_t sequence, command_id request,
                                smpp::command_status status) {
    if (auto* const found = find(bind)) found->acknowledge(sequence, request, status);
}

void smpp_carriers::stop() {
    for (auto& carrier : carriers_) {
        for (auto& bind : carrier.binds)
            bind->stop();
    }
}

bool smpp_carriers::quiet() const {
    return std::all_of(carriers_.begin(), carriers_.end(), [](const carrier_binds& carrier) {
        return std::none_of(carrier.binds.begin(), carrier.binds.end(),
                            [](const auto& bind) { return bind->connected(); });
    });
}

std::vector<carrier_bind_view> smpp_carriers::views() const {
    std::vector<carrier_bind_view> rows;
    for (const auto& carrier : carriers_) {
        auto& row = rows.emplace_back();
        row.carrier = carrier.settings->name;
        row.binds_configured = static_cast<std::uint32_t>(carrier.binds.size());
        for (const auto& bind : carrier.binds) {
            row.in_flight += bind->in_flight();
            row.counters.connects_failed += bind->counters().connects_failed;
            row.counters.binds += bind->counters().binds;
            row.counters.binds_refused += bind->counters().binds_refused;
            row.counters.lost += bind->counters().lost;
        }
    }
    return rows;
}

void smpp_carriers::on_bind_open(bind_id id, carrier_bind& bind) {
    open_.emplace(static_cast<std::uint64_t>(id), &bind);
}

void smpp_carriers::on_bind_closed(bind_id id) {
    open_.erase(static_cast<std::uint64_t>(id));
}

carrier_bind* smpp_carriers::find(bind_id id) {
    const auto found = open_.find(static_cast<std::uint64_t>(id));
    return found == open_.end() ? nullptr : found->second;
}

}  // namespace hikyaku::gateway::io
