#include "smpp/io/places.hpp"

#include <boost/intrusive/list.hpp>
#include <cassert>
#include <unordered_map>
#include <utility>

namespace hikyaku::smpp::io {

namespace asio = boost::asio;
namespace intrusive = boost::intrusive;

namespace {

struct key_hash {
    // Prefixes can be made to collide; the table never has more rows than strangers_max.
    std::size_t operator()(const address_key& key) const {
        return std::hash<std::uint64_t>{}(key.prefix * 2 + (key.v6 ? 1 : 0));
    }
};

struct by_age;
struct by_address;
using age_hook = intrusive::list_base_hook<intrusive::tag<by_age>>;
using address_hook = intrusive::list_base_hook<intrusive::tag<by_address>>;

}  // namespace

/// A stranger counts in the house and in the row of its address, and stands in the lists of both
/// unless it is busy. Who is known counts in `total` alone.
struct place::entry : age_hook, address_hook {
    std::shared_ptr<house> of;
    std::optional<address_key> key;  // none: no share
    std::function<void()> close;
    enum class state : std::uint8_t { silent, busy, known, gone } now = state::gone;
};

struct place::house {
    using age_list = intrusive::list<entry, intrusive::base_hook<age_hook>>;
    using address_list = intrusive::list<entry, intrusive::base_hook<address_hook>>;
    struct row {
        std::uint32_t strangers = 0;
        address_list silent;  // the oldest first
    };
    using state = entry::state;

    place_limits limits;
    std::function<bool(const asio::ip::address&)> has_no_share;
    std::uint32_t total = 0;
    std::uint32_t strangers = 0;
    age_list silent;  // the oldest first
    std::unordered_map<address_key, row, key_hash> rows;
    place_counters counters;

    void list(entry& one) {
        silent.push_back(one);
        if (one.key) rows[*one.key].silent.push_back(one);
    }
    void unlist(entry& one) {
        silent.erase(silent.iterator_to(one));
        if (one.key) {
            auto& own = rows.find(*one.key)->second.silent;
            own.erase(own.iterator_to(one));
        }
    }
    void count_in(entry& one) {
        ++strangers;
        if (one.key) ++rows[*one.key].strangers;
    }
    void count_out(entry& one) {
        --strangers;
        if (!one.key) return;
        const auto at = rows.find(*one.key);
        if (--at->second.strangers == 0) rows.erase(at);
    }

    void become(entry& one, state next) {
        const auto is_stranger = [](state which) {
            return which == state::silent || which == state::busy;
        };
        if (one.now == state::silent) unlist(one);
        if (is_stranger(one.now) && !is_stranger(next)) count_out(one);
        if (one.now != state::gone && next == state::gone) --total;
        if (one.now == state::gone && next != state::gone) ++total;
        if (!is_stranger(one.now) && is_stranger(next)) count_in(one);
        if (next == state::silent) list(one);
        one.now = next;
    }

    void evict(entry& one) {
        ++counters.evicted;
        become(one, state::gone);
        if (const auto close = std::exchange(one.close, {})) close();
    }

    /// Room in the share of the address. False: it is used up, and nobody of it can go.
    bool make_room_at(const address_key& key) {
        const auto at = rows.find(key);
        if (at == rows.end() || at->second.strangers < limits.per_address_max) return true;
        if (at->second.silent.empty()) return false;
        evict(at->second.silent.front());
        return true;
    }
    bool make_room() {
        if (strangers < limits.strangers_max && total < limits.total_max) return true;
        if (silent.empty()) return false;
        evict(silent.front());
        return true;
    }
};

address_key address_key_of(const asio::ip::address& address) {
    const auto number = [](const auto& bytes, std::size_t count) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < count; ++i)
            value = value << 8 | bytes[i];
        return value;
    };
    if (address.is_v4()) return {number(address.to_v4().to_bytes(), 4), false};
    const auto v6 = address.to_v6();
    if (v6.is_v4_mapped())
        return {number(asio::ip::make_address_v4(asio::ip::v4_mapped, v6).to_bytes(), 4), false};
    return {number(v6.to_bytes(), 8), true};
}

place::place(std::unique_ptr<entry> own) : entry_(std::move(own)) {}

place::~place() {
    entry_->of->become(*entry_, entry::state::gone);
}

void place::on_eviction(std::function<void()> close) {
    entry_->close = std::move(close);
}

bool place::move_to(const asio::ip::address& client) {
    entry& own = *entry_;
    house& all = *own.of;
    if (own.now == entry::state::gone || (all.has_no_share && all.has_no_share(client)))
        return own.now != entry::state::gone;
    assert(own.now == entry::state::silent && !own.key);
    const address_key key = address_key_of(client);
    all.become(own, entry::state::gone);
    if (!all.make_room_at(key)) {
        ++all.counters.refused;
        return false;
    }
    own.key = key;
    all.become(own, entry::state::silent);
    return true;
}

void place::be_busy(bool busy) {
    const auto next = busy ? entry::state::busy : entry::state::silent;
    const auto now = entry_->now;
    if (now == next || now == entry::state::known || now == entry::state::gone) return;
    entry_->of->become(*entry_, next);
}

void place::be_known() {
    if (entry_->now == entry::state::gone) return;
    if (entry_->now != entry::state::known) entry_->of->become(*entry_, entry::state::known);
}

places::places(const place_limits& limits,
               std::function<bool(const asio::ip::address&)> has_no_share)
    : house_(std::make_shared<place::house>()) {
    house_->limits = limits;
    house_->has_no_share = std::move(has_no_share);
}

places::~places() = default;

std::shared_ptr<place> places::enter(const std::optional<asio::ip::address>& from) {
    place::house& all = *house_;
    auto own = std::make_unique<place::entry>();
    if (from && !(all.has_no_share && all.has_no_share(*from))) own->key = address_key_of(*from);
    if ((own->key && !all.make_room_at(*own->key)) || !all.make_room()) {
        ++all.counters.refused;
        return nullptr;
    }
    own->of = house_;
    all.become(*own, place::entry::state::silent);
    return std::shared_ptr<place>(new place(std::move(own)));
}

std::uint32_t places::total() const {
    return house_->total;
}

std::uint32_t places::strangers() const {
    return house_->strangers;
}

const place_counters& places::counters() const {
    return house_->counters;
}

}  // namespace hikyaku::smpp::io
