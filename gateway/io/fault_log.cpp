#include "gateway/io/fault_log.hpp"

#include <fmt/format.h>

#include <utility>

#include "gateway/io/logging.hpp"

namespace hikyaku::gateway::io {

std::optional<std::uint64_t> line_limit::take(time now) {
    if (next_ && now < *next_) {
        ++held_;
        return std::nullopt;
    }
    next_ = now + apart_;
    return std::exchange(held_, 0);
}

fault_counts& fault_counts::operator+=(const fault_counts& more) {
    refused += more.refused;
    tolerated += more.tolerated;
    return *this;
}

fault_counts fault_meter::take(const smpp::session_counters& now) {
    const fault_counts fresh{now.malformed - seen_.refused, now.trailing - seen_.tolerated};
    seen_ = {now.malformed, now.trailing};
    return fresh;
}

void fault_log::note(std::string_view kind, std::string_view name, std::string_view peer,
                     const smpp::session_event& event, line_limit::time now) {
    const auto& header = event.value.header;
    if (event.kind == smpp::session_event_kind::request_refused) {
        const auto held = refused.take(now);
        if (!held) return;
        log(log_level::warn, "a faulty PDU is refused",
            {{kind, name},
             {"peer", peer},
             {"command", smpp::name_of(header.command_id)},
             {"status", smpp::name_of(event.fault)},
             {"field", event.field},
             {"octets_left", event.trailing},
             {"not_logged", *held}});
    } else if (!event.body_valid) {
        const auto held = refused.take(now);
        if (!held) return;
        log(log_level::warn, "a response cannot be read",
            {{kind, name},
             {"peer", peer},
             {"command", smpp::name_of(header.command_id)},
             {"not_logged", *held}});
    } else if (event.trailing > 0) {
        const auto held = tolerated.take(now);
        if (!held) return;
        log(log_level::warn, "octets behind the last field of a PDU are ignored",
            {{kind, name},
             {"peer", peer},
             {"command", smpp::name_of(header.command_id)},
             {"octets_left", event.trailing},
             {"not_logged", *held}});
    }
}

void fault_log::note_reason(std::string_view carrier, const smpp::session_event& response,
                            line_limit::time now) {
    const auto info = info_of(response);
    if (info.empty() || response.status() == smpp::command_status::esme_rok) return;
    const auto held = reasons.take(now);
    if (!held) return;
    log(log_level::warn, "a carrier refuses a segment and says why",
        {{"carrier", carrier},
         {"status", status_text(response.status())},
         {"info", mask_numbers(info)},
         {"not_logged", *held}});
}

void fault_log::note_stat(std::string_view carrier, std::string_view stat,
                          std::string_view taken_for, line_limit::time now) {
    const auto held = stats.take(now);
    if (!held) return;
    log(log_level::warn, "a receipt has a stat that is in no list",
        {{"carrier", carrier},
         {"stat", mask_numbers(stat)},
         {"taken_for", taken_for},
         {"not_logged", *held}});
}

std::string_view info_of(const smpp::session_event& response) {
    return response.value.tlvs.cstring(smpp::tag::additional_status_info_text)
        .value_or(std::string_view{});
}

std::string status_text(smpp::command_status status) {
    const auto known = smpp::name_of(status);
    if (!known.empty()) return std::string(known);
    return fmt::format("0x{:08x}", static_cast<std::uint32_t>(status));
}

}  // namespace hikyaku::gateway::io
