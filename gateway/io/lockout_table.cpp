#include "gateway/io/lockout_table.hpp"

#include <algorithm>
#include <functional>

#include "gateway/io/networks.hpp"

namespace hikyaku::gateway::io {

lockout_table::network_key lockout_table::network_of(const boost::asio::ip::address& address) {
    using boost::asio::ip::address_v6;
    if (address.is_v4()) {
        return boost::asio::ip::make_address_v6(boost::asio::ip::v4_mapped, address.to_v4())
            .to_bytes();
    }
    auto bytes = address.to_v6().to_bytes();
    if (!address.to_v6().is_v4_mapped()) std::fill(bytes.begin() + 8, bytes.end(), 0);
    return bytes;
}

bool lockout_table::is_exempt(const boost::asio::ip::address& address) const {
    return any_contains(settings_->exempt, address);
}

bool lockout_table::locks(const entry& one, time_point now) const {
    return one.failures >= settings_->failures_max && now - one.last < settings_->lasts;
}

bool lockout_table::is_locked(const boost::asio::ip::address& from, time_point now) const {
    if (settings_->failures_max == 0 || is_exempt(from)) return false;
    const auto found = by_network_.find(network_of(from));
    return found != by_network_.end() && locks(*found->second, now);
}

bool lockout_table::on_failure(const boost::asio::ip::address& from, time_point now,
                               std::string_view system_id) {
    if (settings_->failures_max == 0 || settings_->addresses_max == 0 || is_exempt(from))
        return false;
    const auto key = network_of(from);
    const auto found = by_network_.find(key);
    if (found == by_network_.end()) {
        if (entries_.size() >= settings_->addresses_max) {
            by_network_.erase(entries_.front().of);
            entries_.pop_front();
        }
        entries_.push_back({.of = key, .last = now});
        by_network_.emplace(key, std::prev(entries_.end()));
    } else {
        entries_.splice(entries_.end(), entries_, found->second);
    }
    auto& one = entries_.back();
    const bool before = locks(one, now);
    const bool was_locked = one.failures >= settings_->failures_max;
    // Old failures do not count, nor do those that a lock has punished already.
    if (!before && (was_locked || now - one.last > settings_->within)) one.failures = 0;
    const auto name = std::hash<std::string_view>{}(system_id);
    one.of_several = one.failures != 0 && (one.of_several || one.name != name);
    one.name = name;
    ++one.failures;
    one.last = now;
    return !before && locks(one, now);
}

void lockout_table::on_success(const boost::asio::ip::address& from, std::string_view system_id) {
    const auto found = by_network_.find(network_of(from));
    if (found == by_network_.end()) return;
    const entry& one = *found->second;
    if (one.of_several || one.name != std::hash<std::string_view>{}(system_id)) return;
    entries_.erase(found->second);
    by_network_.erase(found);
}

std::size_t lockout_table::locked(time_point now) const {
    return static_cast<std::size_t>(std::count_if(
        entries_.begin(), entries_.end(), [&](const entry& one) { return locks(one, now); }));
}

}  // namespace hikyaku::gateway::io
