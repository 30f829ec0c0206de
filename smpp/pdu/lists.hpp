// The two counted lists inside PDU bodies: dest_address of submit_multi and unsuccess_sme of its
// response (SMPP 3.4, 4.5.1 and 4.5.2), as checked views over their bytes. The decoder makes them
// from the receive buffer, which must outlive them; a sender builds one with counted_list_writer.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

#include "smpp/pdu/constants.hpp"
#include "smpp/pdu/octet_reader.hpp"

namespace hikyaku::smpp {

inline constexpr std::uint8_t dest_flag_address = 1;
inline constexpr std::uint8_t dest_flag_distribution_list = 2;

/// One destination: an address, or the name of a distribution list (then TON and NPI are not sent).
struct dest_address {
    std::uint8_t dest_flag = dest_flag_address;
    std::uint8_t dest_addr_ton = 0;
    std::uint8_t dest_addr_npi = 0;
    std::string_view destination_addr;  // with dest_flag 2: dl_name
    bool operator==(const dest_address&) const = default;

    /// esme_rok, or the status that says what is wrong with the octets.
    [[nodiscard]] static command_status take(octet_reader& in, dest_address& out);
    /// False, appending nothing, if a part is too long or the flag is unknown.
    [[nodiscard]] bool append_to(std::vector<std::uint8_t>& out) const;
};

/// One destination that was refused, and why.
struct unsuccess_sme {
    std::uint8_t dest_addr_ton = 0;
    std::uint8_t dest_addr_npi = 0;
    std::string_view destination_addr;
    command_status error_status_code = command_status::esme_rok;
    bool operator==(const unsuccess_sme&) const = default;

    [[nodiscard]] static command_status take(octet_reader& in, unsuccess_sme& out);
    [[nodiscard]] bool append_to(std::vector<std::uint8_t>& out) const;
};

template <class Item>
class counted_list {
public:
    static constexpr std::size_t items_max = 255;  // the count is one octet
    class iterator;

    counted_list() = default;
    /// Takes `count` items from `in`; on anything but esme_rok `out` is unchanged.
    [[nodiscard]] static command_status take(octet_reader& in, std::uint8_t count,
                                             counted_list& out) {
        const std::uint8_t* const first = in.at();
        Item ignored;
        for (std::uint8_t i = 0; i < count; ++i) {
            const command_status status = Item::take(in, ignored);
            if (status != command_status::esme_rok) return status;
        }
        out = counted_list({first, static_cast<std::size_t>(in.at() - first)}, count);
        return command_status::esme_rok;
    }

    [[nodiscard]] iterator begin() const { return iterator(raw_, count_); }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }
    [[nodiscard]] std::uint8_t size() const { return count_; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] octet_view raw() const { return raw_; }

private:
    template <class>
    friend class counted_list_writer;
    counted_list(octet_view raw, std::uint8_t count) : raw_(raw), count_(count) {}
    octet_view raw_;
    std::uint8_t count_ = 0;
};

template <class Item>
class counted_list<Item>::iterator {
public:
    using value_type = Item;
    using difference_type = std::ptrdiff_t;

    iterator() = default;
    iterator(octet_view raw, std::uint8_t count) : in_(raw), left_(count) { read(); }
    const Item& operator*() const { return current_; }
    const Item* operator->() const { return &current_; }
    iterator& operator++() {
        --left_;
        read();
        return *this;
    }
    iterator operator++(int) {
        iterator before = *this;
        ++*this;
        return before;
    }
    bool operator==(const iterator& other) const { return left_ == other.left_; }
    bool operator==(std::default_sentinel_t) const { return left_ == 0; }

private:
    void read() {
        if (left_ == 0) return;
        const command_status status = Item::take(in_, current_);
        assert(status == command_status::esme_rok);  // checked when the list was made
        if (status != command_status::esme_rok) left_ = 0;
    }
    octet_reader in_;
    Item current_;
    std::uint8_t left_ = 0;
};

using dest_address_list = counted_list<dest_address>;
using unsuccess_sme_list = counted_list<unsuccess_sme>;

/// Builds a list in a caller's buffer, which is cleared first and may be reused.
template <class Item>
class counted_list_writer {
public:
    explicit counted_list_writer(std::vector<std::uint8_t>& buffer) : buffer_(buffer) {
        buffer_.clear();
    }
    /// False, adding nothing, for the 256th item or one that does not fit the specification.
    [[nodiscard]] bool add(const Item& item) {
        if (count_ == counted_list<Item>::items_max || !item.append_to(buffer_)) return false;
        ++count_;
        return true;
    }
    /// Valid until the buffer changes.
    [[nodiscard]] counted_list<Item> list() const {
        return counted_list<Item>(octet_view(buffer_), count_);
    }

private:
    std::vector<std::uint8_t>& buffer_;
    std::uint8_t count_ = 0;
};

}  // namespace hikyaku::smpp
