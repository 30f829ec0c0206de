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
        stop.number = ++last_number_;
        stops_.push_back(std::move(stop));
        return true;
    });
}

void stop_list::add(const stop_row& stop) {
    auto at = std::ranges::find(stops_, stop.of, &stop_row::of);
    if (at == stops_.end()) at = stops_.insert(at, stop);
    at->number = ++last_number_;
}

std::uint64_t stop_list::number_of(const stop_position& of) const {
    const auto at = std::ranges::find(stops_, of, &stop_row::of);
    return at == stops_.end() ? 0 : at->number;
}

void stop_list::remove(const stop_position& of, std::uint64_t number) {
    std::erase_if(
        stops_, [&](const stop_row& each) { return each.of == of && each.number == number; });
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
