// Messages that are found by their addresses: cancel_sm without an id, and the message that a
// submit_sm with replace_if_present_flag replaces. No index is kept for that, it would cost a write
// for each message; the account's own queue is looked through, a slice in each tick.
#include <algorithm>

#include "gateway/engine/submission/message_match.hpp"
#include "gateway/engine/submission/submission.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

using smpp::command_status;
namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::size_t scans_max = 16;             // of one account, under way and waiting
constexpr std::size_t scan_slice_entries = 1000;  // a few milliseconds

/// A submit_multi's messages are known by one id and stay together.
bool is_of_group(const record::Message& message) {
    return message.shown_id() != 0 || message.group() != nullptr;
}

}  // namespace

bool submissions::scans_full(account_id account) const {
    const auto at = scans_.find(account);
    return at != scans_.end() && at->second.size() >= scans_max;
}

void submissions::start_scan(account_id account, queue_scan&& scan) {
    scans_[account].push_back(std::move(scan));
    // What was submitted before it, on the same session perhaps, must be in the store when it looks
    // there: it waits for this turn's acceptance, which may be empty.
    may_refuse().then(after::scan_ready{account});
}

void submissions::scan_for_replacement(account_id account, submission&& by,
                                       prepared_message&& prepared, reply_ticket ticket,
                                       steady_time due) {
    queue_scan scan;
    scan.what.source = by.source;
    scan.what.destination = by.destination;
    scan.what.service_type = by.service_type;
    scan.ticket = ticket;
    scan.by = std::move(by);
    scan.prepared = std::move(prepared);
    scan.due = due;
    start_scan(account, std::move(scan));
}

void submissions::on_scan_ready(account_id account) {
    for (auto& scan : scans_.at(account)) {
        if (!scan.ready) {
            scan.ready = true;
            break;
        }
    }
    turn_.want_tick(now_.steady);
}

/// One slice of one account's scan: accounts take turns.
void submissions::step_scans() {
    if (scans_.empty() || turn_.store_failing) return;
    auto at = scans_.upper_bound(scan_turn_);
    for (std::size_t i = 0; i < scans_.size(); ++i, ++at) {
        if (at == scans_.end()) at = scans_.begin();
        if (at->second.front().ready) break;
    }
    if (at == scans_.end()) at = scans_.begin();
    if (!at->second.front().ready) return;  // on_scan_ready() comes
    scan_turn_ = at->first;
    if (scan_slice(at->first, at->second.front())) {
        auto done = std::move(at->second.front());
        at->second.pop_front();
        end_scan(at->first, done);
        if (at->second.empty()) scans_.erase(at);
    }
    if (!scans_.empty()) turn_.want_tick(now_.steady);
}

/// True when everything has been looked at.
bool submissions::scan_slice(account_id account, queue_scan& scan) {
    const auto routes = directory_.routes().all();
    const auto places = routes.size() * priorities;
    std::vector<message_id> found;
    std::size_t looked_at = 0;
    {
        const auto snapshot = environment_.read();
        store::record_reader reader;
        for (; scan.place < places && looked_at < scan_slice_entries; ++scan.place) {
            const auto prefix = model::queue_prefix(
                stored(routes[static_cast<std::ptrdiff_t>(scan.place / priorities)].id),
                static_cast<std::uint8_t>(scan.place % priorities), stored(account));
            bool ended = true;
            ++looked_at;  // an empty place costs as much
            const std::string from = scan.resume.empty() ? std::string(prefix.view()) : scan.resume;
            snapshot.for_each(table::queue, from, [&](std::string_view key, std::string_view) {
                if (!key.starts_with(prefix.view())) return false;
                if (looked_at >= scan_slice_entries) {
                    scan.resume = key;
                    ended = false;
                    return false;
                }
                ++looked_at;
                const auto position = model::queue_key::parse(key);
                const auto value =
                    position ? snapshot.get(table::messages, model::message_key(position->id))
                             : std::nullopt;
                const auto* message = value ? reader.read<record::Message>(*value) : nullptr;
                if (message != nullptr && is_meant(*message, scan.what) &&
                    !(scan.by && is_of_group(*message)))
                    found.push_back(message_id{position->id});
                return true;
            });
            if (!ended) break;
            scan.resume.clear();
        }
    }
    for (const auto id : found)
        visit_scanned(scan, id);
    return scan.place == places;
}

void submissions::visit_scanned(queue_scan& scan, message_id id) {
    auto* live = messages_.find_or_load(id);
    if (live == nullptr) return;
    if (!can_withdraw(*live)) {
        messages_.release(*live);
    } else if (scan.by) {
        scan.latest = std::max(scan.latest, static_cast<std::uint64_t>(id));
        messages_.release(*live);
    } else {
        withdraw(*live);
        ++scan.cancelled;
    }
}

void submissions::end_scan(account_id account, queue_scan& scan) {
    if (!scan.by) {
        if (scan.cancelled > 0)
            settle_operation(scan.ticket, command_status::esme_rok);
        else
            outputs_.operation_settled(scan.ticket, command_status::esme_rcancelfail);
        return;
    }
    auto& by = *scan.by;
    auto* live = scan.latest != 0 ? messages_.find_or_load(message_id{scan.latest}) : nullptr;
    if (live != nullptr && can_withdraw(*live)) {
        if (const auto* reference = live->record().reference())
            by.reference = reference->str();  // its entry in the index stays
        if (by.short_id && live->record().alias() == 0)
            scan.prepared.alias = short_ids_.give(live->id, must_keep().rows());
        rewrite(*live, by, std::move(scan.prepared), std::nullopt);
        must_keep().then(after::replaced_by{live->id, scan.ticket, scan.due});
        return;
    }
    if (live != nullptr) messages_.release(*live);
    if (const auto refused = refuse_early(directory_[account])) {
        ++count_.refused[static_cast<std::size_t>(refused->why)];
        outputs_.submission_settled({scan.ticket, message_id{}, refused->why});
        return;
    }
    take_new(directory_[account], by, scan.prepared, scan.ticket, scan.due);
    // What waits behind it must see the new message.
    for (auto& other : scans_.at(account))
        if (std::exchange(other.ready, false)) may_refuse().then(after::scan_ready{account});
}

}  // namespace hikyaku::gateway
