#include "gateway/io/smpp_carriers.hpp"

#include <algorithm>
#include <utility>

#include "config/difference.hpp"
#include "gateway/engine/sending/carrier_dialect.hpp"

namespace hikyaku::gateway::io {

using smpp::command_id;

carrier_contexts make_contexts(const config::settings& from, std::vector<config::fault>& faults) {
    carrier_contexts out;
    const auto complain = [&](const config::carrier& about, const std::string& why) {
        faults.push_back(
            {{}, {}, "carrier." + about.name, "carrier " + about.name + ": " + why, {}});
    };
    for (const auto& each : from.carriers) {
        if (const auto wrong = dialect_fault(each)) complain(each, *wrong);
        if (!each.tls) continue;
        auto made = client_tls(each.tls_ca, {each.tls_certificate, each.tls_private_key});
        if (made.has_error())
            complain(each, made.error());
        else
            out.emplace(each.name, std::move(*made));
    }
    return out;
}

smpp_carriers::smpp_carriers(host& around, const config::settings& settings)
    // The caller's: nobody counts who uses them.
    : host_(around), settings_(std::shared_ptr<void>(), &settings) {}

namespace {

/// The carrier's part of both.
carrier_setup setup_of(const std::shared_ptr<const config::settings>& all,
                       const config::carrier& one, const carrier_contexts& contexts) {
    const auto context = contexts.find(one.name);
    return {std::shared_ptr<const config::carrier>(all, &one),
            context == contexts.end() ? nullptr : context->second};
}

}  // namespace

bool smpp_carriers::start(std::string& fault) {
    std::vector<config::fault> faults;
    const auto contexts = make_contexts(*settings_, faults);
    if (!faults.empty()) {
        fault = faults.front().sentence;
        return false;
    }
    for (const auto& settings : settings_->carriers)
        add_carrier(setup_of(settings_, settings, contexts));
    return std::ranges::all_of(carriers_, [&](const auto& each) { return start(*each, fault); });
}

bool smpp_carriers::start(carrier_binds& carrier, std::string& fault) {
    for (auto& bind : carrier.binds)
        bind->start();
    return listen(carrier, fault);
}

/// Its address may have been taken by another program when this was tried before.
bool smpp_carriers::listen(carrier_binds& carrier, std::string& fault) {
    return !carrier.outbind || carrier.outbind->is_listening() || carrier.outbind->open(fault);
}

smpp_carriers::carrier_binds& smpp_carriers::add_carrier(carrier_setup setup) {
    auto& added = *carriers_.emplace_back(std::make_unique<carrier_binds>());
    added.ends = bind_ends(setup.settings->name);
    added.id = host_.core().carrier_by_name(setup.settings->name);
    added.setup = std::move(setup);
    if (added.setup.settings->outbind_listen) {
        added.outbind =
            std::make_unique<carrier_outbind>(host_, *this, added.setup.settings, added.id);
    }
    add_binds(added, 1);
    return added;
}

void smpp_carriers::add_binds(carrier_binds& to, std::uint32_t first) {
    const auto& settings = *to.setup.settings;
    if (settings.hosts.empty()) return;  // it only calls
    using config::bind_type;
    const bool pairs = settings.bind == bind_type::transmitter_receiver;
    for (std::uint32_t number = first; number <= settings.binds; ++number) {
        if (settings.bind == bind_type::transceiver)
            add_bind(to, command_id::bind_transceiver, number);
        if (pairs || settings.bind == bind_type::transmitter)
            add_bind(to, command_id::bind_transmitter, number);
        if (pairs || settings.bind == bind_type::receiver)
            add_bind(to, command_id::bind_receiver, number);
    }
}

void smpp_carriers::add_bind(carrier_binds& to, command_id kind, std::uint32_t number) {
    to.binds.push_back(std::make_unique<carrier_bind>(host_, *this, to.setup, to.id, kind, number));
}

std::vector<std::string> smpp_carriers::apply(
    const std::shared_ptr<const config::settings>& settings, const carrier_contexts& contexts) {
    settings_ = settings;
    forget_gone();
    std::vector<std::string> troubles;
    for (auto& carrier : carriers_) {
        const auto& names = settings_->carriers;
        if (std::ranges::find(names, carrier->setup.settings->name, &config::carrier::name) ==
            names.end())
            remove(*carrier);
    }
    for (const auto& each : settings_->carriers) {
        auto setup = setup_of(settings_, each, contexts);
        auto* const known = find(host_.core().carrier_by_name(each.name));
        const bool stays = known != nullptr && !known->removed;
        std::string fault;
        bool works = false;
        if (stays) {
            change(*known, std::move(setup));
            works = listen(*known, fault);
        } else {
            works = start(add_carrier(std::move(setup)), fault);
        }
        if (!works) troubles.push_back(std::move(fault));
    }
    return troubles;
}

void smpp_carriers::change(carrier_binds& carrier, carrier_setup setup) {
    const auto before = std::exchange(carrier.setup, std::move(setup)).settings;
    const auto& now = *carrier.setup.settings;
    const bool anew = config::needs_new_binds(*before, now);
    let_go(carrier, anew ? 1 : now.binds + 1);
    for (auto& bind : carrier.binds)
        bind->use(carrier.setup);
    const auto kept = carrier.binds.size();
    add_binds(carrier, anew ? 1 : before->binds + 1);
    for (std::size_t i = kept; i < carrier.binds.size(); ++i)
        carrier.binds[i]->start();
    if (!carrier.outbind) return;
    if (anew) carrier.outbind->leave();
    carrier.outbind->use(carrier.setup.settings);
}

void smpp_carriers::remove(carrier_binds& carrier) {
    if (std::exchange(carrier.removed, true)) return;
    let_go(carrier, 1);
    if (carrier.outbind) carrier.outbind->stop();
}

void smpp_carriers::let_go(carrier_binds& carrier, std::uint32_t first) {
    for (auto& bind : carrier.binds) {
        if (bind->number() < first) continue;
        bind->leave();
        carrier.leaving.push_back(std::move(bind));
    }
    std::erase(carrier.binds, nullptr);
}

/// What has left, and carriers of which nothing is left. Not from inside a call of a bind.
void smpp_carriers::forget_gone() {
    for (auto& carrier : carriers_) {
        std::erase_if(
            carrier->leaving,
            [&](const auto& bind) {
                if (bind->stopped()) carrier->past += bind->counters();
                return bind->stopped();
            });
    }
    std::erase_if(carriers_, [](const auto& carrier) {
        return carrier->removed && carrier->leaving.empty() &&
               (!carrier->outbind || carrier->outbind->quiet());
    });
}

bool smpp_carriers::send_segment(bind_id bind, std::uint64_t token, const smpp::submit_sm& request,
                                 const smpp::tlv_list& tlvs) {
    auto* const found = find(bind);
    return found != nullptr && found->send(token, request, tlvs);
}

bool smpp_carriers::send_cancel(bind_id bind, std::uint64_t token, const smpp::cancel_sm& request) {
    auto* const found = find(bind);
    return found != nullptr && found->send_cancel(token, request);
}

void smpp_carriers::acknowledge(bind_id bind, std::uint32_t sequence, command_id request,
                                smpp::command_status status) {
    if (auto* const found = find(bind)) found->acknowledge(sequence, request, status);
}

void smpp_carriers::unknown_stat(carrier_id carrier, std::string_view stat, State taken_for) {
    auto* const from = find(carrier);
    if (from == nullptr) return;
    from->faults.note_stat(from->setup.settings->name, stat,
                           model::record::EnumNameState(taken_for), smpp::io::connection::now());
}

void smpp_carriers::stop() {
    for (auto& carrier : carriers_) {
        for (auto* const list : {&carrier->binds, &carrier->leaving})
            for (auto& bind : *list)
                bind->stop();
        if (carrier->outbind) carrier->outbind->stop();
    }
}

bool smpp_carriers::quiet() const {
    const auto connected = [](const auto& bind) { return bind->connected(); };
    return std::ranges::none_of(carriers_, [&](const auto& carrier) {
        return std::ranges::any_of(carrier->binds, connected) ||
               std::ranges::any_of(carrier->leaving, connected) ||
               (carrier->outbind && !carrier->outbind->quiet());
    });
}

std::vector<carrier_bind_view> smpp_carriers::views() {
    forget_gone();
    std::vector<carrier_bind_view> rows;
    for (auto& carrier : carriers_) {
        if (carrier->removed) continue;
        auto& row = rows.emplace_back();
        row.carrier = carrier->setup.settings->name;
        row.binds_configured = static_cast<std::uint32_t>(carrier->binds.size());
        row.counters = carrier->past;
        for (auto* const list : {&carrier->binds, &carrier->leaving}) {
            for (const auto& bind : *list) {
                bind->settle_faults();
                row.in_flight += bind->in_flight();
                row.counters += bind->counters();
            }
        }
        if (carrier->outbind) {
            carrier->outbind->settle_faults();
            row.in_flight += carrier->outbind->in_flight();
            row.counters += carrier->outbind->counters();
        }
        row.faults = carrier->faults.counts;
        row.ends = carrier->ends.counts();
    }
    return rows;
}

std::optional<smpp::io::tcp::endpoint> smpp_carriers::outbind_endpoint(
    std::string_view carrier) const {
    for (const auto& each : carriers_)
        if (each->setup.settings->name == carrier && each->outbind &&
            each->outbind->is_listening() && !each->removed)
            return each->outbind->local();
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
        if (each->setup.settings->name == carrier && !each->removed) return each->ends.last();
    return nullptr;
}

fault_log& smpp_carriers::faults_of(carrier_id carrier) {
    return find(carrier)->faults;
}

bind_ends& smpp_carriers::ends_of(carrier_id carrier) {
    return find(carrier)->ends;
}

/// One that was removed only if it has not come back. Never null while one of its binds lives.
smpp_carriers::carrier_binds* smpp_carriers::find(carrier_id id) {
    carrier_binds* found = nullptr;
    for (const auto& each : carriers_)
        if (each->id == id && (found == nullptr || !each->removed)) found = each.get();
    return found;
}

carrier_bind* smpp_carriers::find(bind_id id) {
    const auto found = open_.find(static_cast<std::uint64_t>(id));
    return found == open_.end() ? nullptr : found->second;
}

}  // namespace hikyaku::gateway::io
