#include "smpp/session/request_window.hpp"

#include <cassert>

namespace hikyaku::smpp {

namespace {
constexpr unsigned index_bits_initial = 5;
constexpr std::size_t index_size_initial = std::size_t{1} << index_bits_initial;
}  // namespace

request_window::request_window(std::uint32_t in_flight_max, std::uint32_t abandoned_max)
    : in_flight_max_(in_flight_max),
      abandoned_max_(abandoned_max),
      index_(index_size_initial, none),
      mask_(index_size_initial - 1),
      shift_(32 - index_bits_initial) {}

std::size_t request_window::index_of(std::uint32_t sequence) const {
    std::size_t position = home(sequence);
    while (index_[position] != none && nodes_[index_[position]].entry.sequence != sequence)
        position = (position + 1) & mask_;
    return position;
}

void request_window::insert_index(std::uint32_t sequence, slot at) {
    const std::size_t position = index_of(sequence);
    assert(index_[position] == none);
    index_[position] = at;
}

// Closes the gap by moving back every following entry that may stand nearer to its home, so that no
// tombstones gather over millions of requests.
void request_window::erase_index(std::size_t position) {
    std::size_t gap = position;
    std::size_t next = (gap + 1) & mask_;
    while (index_[next] != none) {
        const std::size_t wanted = home(nodes_[index_[next]].entry.sequence);
        if (((next - wanted) & mask_) >= ((next - gap) & mask_)) {
            index_[gap] = index_[next];
            gap = next;
        }
        next = (next + 1) & mask_;
    }
    index_[gap] = none;
}

void request_window::grow_index() {
    std::vector<slot> used;
    for (const slot at : index_)
        if (at != none) used.push_back(at);
    index_.assign(index_.size() * 2, none);
    mask_ = index_.size() - 1;
    --shift_;
    for (const slot at : used)
        insert_index(nodes_[at].entry.sequence, at);
}

void request_window::link(list& to, slot at) {
    nodes_[at].previous = to.tail;
    nodes_[at].next = none;
    if (to.tail == none)
        to.head = at;
    else
        nodes_[to.tail].next = at;
    to.tail = at;
    ++to.count;
}

void request_window::unlink(list& from, slot at) {
    const node& out = nodes_[at];
    if (out.previous == none)
        from.head = out.next;
    else
        nodes_[out.previous].next = out.next;
    if (out.next == none)
        from.tail = out.previous;
    else
        nodes_[out.next].previous = out.previous;
    assert(from.count > 0);
    --from.count;
}

void request_window::add(const window_entry& added) {
    assert(!full());
    assert(in_flight_.tail == none || nodes_[in_flight_.tail].entry.deadline <= added.deadline);
    if (free_.empty()) {
        free_.push_back(static_cast<slot>(nodes_.size()));
        nodes_.emplace_back();
    }
    if ((in_flight_.count + abandoned_.count + 1) * std::size_t{2} > index_.size()) grow_index();
    const slot at = free_.back();
    free_.pop_back();
    nodes_[at].entry = added;
    nodes_[at].entry.abandoned = false;
    insert_index(added.sequence, at);
    link(in_flight_, at);
}

const window_entry* request_window::find(std::uint32_t sequence) const {
    const slot at = index_[index_of(sequence)];
    return at == none ? nullptr : &nodes_[at].entry;
}

void request_window::remove(std::uint32_t sequence) {
    const std::size_t position = index_of(sequence);
    const slot at = index_[position];
    assert(at != none);
    erase_index(position);
    unlink(nodes_[at].entry.abandoned ? abandoned_ : in_flight_, at);
    free_.push_back(at);
}

const window_entry* request_window::oldest() const {
    return in_flight_.head == none ? nullptr : &nodes_[in_flight_.head].entry;
}

void request_window::abandon_oldest() {
    const slot at = in_flight_.head;
    assert(at != none);
    if (abandoned_max_ == 0) {
        remove(nodes_[at].entry.sequence);
        return;
    }
    if (abandoned_.count == abandoned_max_) remove(nodes_[abandoned_.head].entry.sequence);
    unlink(in_flight_, at);
    nodes_[at].entry.abandoned = true;
    link(abandoned_, at);
}

}  // namespace hikyaku::smpp
