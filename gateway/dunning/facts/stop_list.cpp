#include "gateway/dunning/facts/stop_list.hpp"

#include <algorithm>

namespace hikyaku::gateway::dunning {

void stop_list::load(const store::snapshot& from) {
    stops_.clear();
    // One whose row cannot be read counts all the same: its key says what is stopped.
    store::record_reader reader;
    from.for_each(table::stops, {}, [&](std::string_view key, std::string_view value) {
        const auto of = stop_key::parse(key);
        if (!of) return true;
        stop_row stop{.of = *of};
        if (const auto* stored = reader.read<record::Stop>(value)) {
            stop.at_ms = stored->at();
            if (stored->by() != nullptr) stop.by = stored->by()->str();
        }
        stops_.push_back(std::move(stop));
        return true;
    });
}

void stop_list::add(const stop_row& stop) {
    if (!has(stop.of)) stops_.push_back(stop);
}

bool stop_list::remove(const stop_position& of) {
    return std::erase_if(
               stops_, [&](const stop_row& each) { return each.of == of; }) > 0;
}

bool stop_list::has(const stop_position& of) const {
    return std::ranges::any_of(
        stops_, [&](const stop_row& each) { return each.of == of; });
}

bool stop_list::stops(std::uint32_t account) const {
    return std::ranges::any_of(
        stops_,
        [&](const stop_row& each) {
            return each.of.purpose == stop_position::every_purpose &&
                   (each.of.account == 0 || each.of.account == account);
        });
}

bool stop_list::stops(std::uint32_t account, gate::purpose purpose) const {
    return stops(account) || std::ranges::any_of(
                                 stops_,
                                 [&](const stop_row& each) {
                                     return each.of.purpose == static_cast<std::uint8_t>(purpose) &&
                                            (each.of.account == 0 || each.of.account == account);
                                 });
}

}  // namespace hikyaku::gateway::dunning
