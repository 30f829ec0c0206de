#include "gateway/io/smpp_carriers.hpp"

#include <algorithm>
#include <cassert>

#include "gateway/engine/sending/carrier_dialect.hpp"

namespace hikyaku::gateway::io {

using smpp::command_id;

smpp_carriers::smpp_carriers(host& around, const config::settings& settings)
    : host_(around), settings_(settings) {}

bool smpp_carriers::start(std::string& fault) {
    carriers_.reserve(settings_.carriers.size());
    for (const auto& settings : settings_.carriers) {
        std::string why;
        if (!add_carrier(settings, why)) {
            fault = "carrier " + settings.name + ": " + why;
            return false;
        }
    }
    for (auto& carrier : carriers_) {
        if (carrier.outbind && !carrier.outbind->open(fault)) return false;
        for (auto& bind : carrier.binds)
            bind->start();
    }
    return true;
}

bool smpp_carriers::add_carrier(const config::carrier& settings, std::string& fault) {
    if (const auto wrong = dialect_fault(settings)) {
        fault = *wrong;
        return false;
    }
    auto& added = carriers_.emplace_back();
    added.settings = &settings;
    added.ends = bind_ends(settings.name);
    added.id = host_.core().carrier_by_name(settings.name);
    if (settings.tls) {
        auto made =
            client_tls(settings.tls_ca, {settings.tls_certificate, settings.tls_private_key});
        if (made.has_error()) {
            fault = made.error();
            return false;
        }
        added.tls = std::move(*made);
    }
    if (settings.outbind_listen)
        added.outbind = std::make_unique<carrier_outbind>(host_, *this, settings, added.id);
    if (settings.hosts.empty()) return true;  // it only calls
    using config::bind_type;
    const bool pairs = settings.bind == bind_type::transmitter_receiver;
    for (std::uint32_t number = 1; number <= settings.binds; ++number) {
        if (settings.bind == bind_type::transceiver)
            add_bind(added, command_id::bind_transceiver, number);
        if (pairs || settings.bind == bind_type::transmitter)
            add_bind(added, command_id::bind_transmitter, number);
        if (pairs || settings.bind == bind_type::receiver)
            add_bind(added, command_id::bind_receiver, number);
    }
    return true;
}

void smpp_carriers::add_bind(carrier_binds& to, command_id kind, std::uint32_t number) {
    to.binds.push_back(std::make_unique<carrier_bind>(host_, *this, *to.settings, to.id, kind,
                                                      number, to.tls.get()));
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

void smpp_carriers::unknown_stat(carrier_id carrier, std::string_view stat, State taken_for) {
    auto& from = find(carrier);
    from.faults.note_stat(from.settings->name, stat, model::record::EnumNameState(taken_for),
                          smpp::io::connection::now());
}

void smpp_carriers::stop() {
    for (auto& carrier : carriers_) {
        for (auto& bind : carrier.binds)
            bind->stop();
        if (carrier.outbind) carrier.outbind->stop();
    }
}

bool smpp_carriers::quiet() const {
    return std::all_of(
        carriers_.begin(), carriers_.end(),
        [](const carrier_binds& carrier) {
            return std::none_of(
                       carrier.binds.begin(), carrier.binds.end(),
                       [](const auto& bind) { return bind->connected(); }) &&
                   (!carrier.outbind || carrier.outbind->quiet());
        });
}

std::vector<carrier_bind_view> smpp_carriers::views() {
    std::vector<carrier_bind_view> rows;
    for (auto& carrier : carriers_) {
        auto& row = rows.emplace_back();
        row.carrier = carrier.settings->name;
        row.binds_configured = static_cast<std::uint32_t>(carrier.binds.size());
        for (const auto& bind : carrier.binds) {
            bind->settle_faults();
            row.in_flight += bind->in_flight();
            row.counters += bind->counters();
        }
        if (carrier.outbind) {
            carrier.outbind->settle_faults();
            row.in_flight += carrier.outbind->in_flight();
            row.counters += carrier.outbind->counters();
        }
        row.faults = carrier.faults.counts;
        row.ends = carrier.ends.counts();
    }
    return rows;
}

std::optional<smpp::io::tcp::endpoint> smpp_carriers::outbind_endpoint(
    std::string_view carrier) const {
    for (const auto& each : carriers_)
        if (each.settings->name == carrier && each.outbind) return each.outbind->local();
    return std::nullopt;
}

void smpp_carriers::on_bind_open(bind_id id, carrier_bind& bind) {
    open_.emplace(static_cast<std::uint64_t>(id), &bind);
}

void smpp_carriers::on_bind_closed(bind_id id) {
    open_.erase(static_cast<std::uint64_t>(id));
}

const bind_end_run* smpp_carriers::last_end(std::string_view carrier) const {
    for (const auto& each : carriers_)
        if (each.settings->name == carrier) return each.ends.last();
    return nullptr;
}

fault_log& smpp_carriers::faults_of(carrier_id carrier) {
    return find(carrier).faults;
}

bind_ends& smpp_carriers::ends_of(carrier_id carrier) {
    return find(carrier).ends;
}

smpp_carriers::carrier_binds& smpp_carriers::find(carrier_id id) {
    const auto found = std::find_if(carriers_.begin(), carriers_.end(),
                                    [&](const auto& each) { return each.id == id; });
    assert(found != carriers_.end());
    return *found;
}

carrier_bind* smpp_carriers::find(bind_id id) {
    const auto found = open_.find(static_cast<std::uint64_t>(id));
    return found == open_.end() ? nullptr : found->second;
}

}  // namespace hikyaku::gateway::io
