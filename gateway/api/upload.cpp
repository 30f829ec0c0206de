#include "gateway/api/upload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace hikyaku::gateway::api {
namespace {

constexpr std::size_t answers_in_memory = 1 << 20;

problem token_fault() {
    problem fault;
    fault.code = problem_code::token_invalid;
    return fault;
}

bool is_blank(std::string_view line) {
    return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

// What a message alone is answered with, and in front of it the number of its line.
void append_answer(std::string& out, std::uint64_t line, std::span<const item_outcome> items,
                   bool single) {
    const http_response response = render_submission(items, single);
    assert(response.body.starts_with('{') && response.body.size() > 2);
    const fmt::format_int number(line);
    out.append("{\"line\":").append(number.data(), number.size()).append(",");
    out.append(response.body, 1).append("\n");
}

}  // namespace

class upload::reader final : public body_reader {
public:
    explicit reader(std::shared_ptr<upload> of) : of_(std::move(of)) { of_->reader_ = this; }
    ~reader() override {
        of_->reader_ = nullptr;
        of_->cut();
    }
    std::size_t take(std::string_view octets) override { return of_->take(octets); }
    void finish() override { of_->finish(); }
    using wakes_connection::wake;

private:
    std::shared_ptr<upload> of_;
};

class upload::source final : public body_source {
public:
    explicit source(std::shared_ptr<upload> of) : of_(std::move(of)) { of_->source_ = this; }
    ~source() override { of_->source_ = nullptr; }
    source_state next(std::string& out, std::size_t room, time_point) override {
        const std::size_t before = out.size();
        if (!of_->answers_->take(out, room)) return source_state::broken;
        if (of_->answers_->size() > 0)
            return out.size() > before ? source_state::more : source_state::wait;
        const bool no_more = of_->finished_ || of_->refusing_;
        if (no_more && of_->entries_.empty() && !of_->paused_) return source_state::end;
        // There may be room for answers again. Its own side it must not wake: it waits.
        if (of_->reader_ != nullptr && of_->may_take()) of_->reader_->wake();
        return source_state::wait;
    }
    void stop() override {
        of_->refusing_ = true;
        wake();
    }
    using wakes_connection::wake;

private:
    std::shared_ptr<upload> of_;
};

upload::upload(service& gateway, const upload_surroundings& around, const upload_limits& limits,
               account_id account, session_id session, upload_permit permit)
    : service_(gateway),
      around_(around),
      limits_(limits),
      account_(account),
      session_(session),
      permit_(std::move(permit)),
      answers_(around.make_queue ? around.make_queue()
                                 : std::make_unique<memory_queue>(answers_in_memory)) {
    answers_->on_change([this] {
        if (source_ != nullptr) source_->wake();
        go_on();
    });
}

std::unique_ptr<body_reader> upload::make_reader() {
    return std::make_unique<reader>(shared_from_this());
}

std::unique_ptr<body_source> upload::make_source() {
    return std::make_unique<source>(shared_from_this());
}

bool upload::is_over() const {
    return reader_ == nullptr && source_ == nullptr && waiting_ == 0;
}

bool upload::may_take() const {
    return !paused_ && !refusing_ && waiting_ < limits_.waiting_max &&
           entries_.size() < limits_.lines_max && answers_->has_room();
}

std::size_t upload::take(std::string_view octets) {
    check_token();
    const std::uint64_t lines_before = lines_;
    const std::uint32_t sequence_before = sequence_;
    std::size_t taken = 0;
    while (taken < octets.size() && may_take()) {
        const std::uint32_t recipients = sequence_ - sequence_before;
        if (lines_ - lines_before + recipients >= limits_.turn_max) {
            reader_->wake();
            break;
        }
        const std::string_view rest = octets.substr(taken);
        const auto end = rest.find('\n');
        const std::string_view piece = rest.substr(0, end);
        if (end == std::string_view::npos) {
            add_to_line(piece);
            taken = octets.size();
            break;
        }
        taken += end + 1;
        if (line_.empty() && !too_long_ && piece.size() <= limits_.line_bytes_max) {
            end_line(piece);
        } else {
            add_to_line(piece);
            end_line(std::exchange(line_, {}));
        }
        // Nobody would wake the reader for lines that only wait for being answered here.
        if (entries_.size() >= limits_.lines_max) answer_in_order();
    }
    answer_in_order();
    around_.touched();
    return taken;
}

void upload::check_token() {
    if (refusing_ || paused_ || permit_(around_.now())) return;
    std::string{}.swap(line_);
    too_long_ = false;
    ++lines_;
    entry& made = entries_.emplace_back();
    made.line = lines_;
    made.first_sequence = sequence_;
    add_fault(token_fault());
    refusing_ = true;
}

void upload::add_to_line(std::string_view octets) {
    too_long_ = too_long_ || line_.size() + octets.size() > limits_.line_bytes_max;
    if (too_long_)
        std::string{}.swap(line_);
    else
        line_.append(octets);
}

void upload::end_line(std::string_view text) {
    ++lines_;
    const bool too_long = std::exchange(too_long_, false);
    if (!too_long && is_blank(text)) return;
    entry& made = entries_.emplace_back();
    made.line = lines_;
    made.first_sequence = sequence_;
    made.open = true;
    if (too_long) {
        problem fault;
        fault.code = problem_code::body_too_large;
        fault.detail = fmt::format("a line has {} octets at most", limits_.line_bytes_max);
        return add_fault(std::move(fault));
    }
    submit(text);
}

// The message of the last entry as a whole, or what is left of it.
void upload::add_fault(problem fault) {
    entry& last = entries_.back();
    last.open = false;
    last.items.emplace_back().fault = std::move(fault);
    ++sequence_;
}

void upload::submit(std::string_view text) {
    auto messages = read_messages(text, service_.settings_of(account_), limits_.recipients_max,
                                  around_.now().wall_ms, service_.zones());
    if (!messages) return add_fault(messages.error());
    entries_.back().single = messages->single;
    kept_ = std::move(messages->items);
    submit_rest();
}

void upload::submit_rest() {
    for (std::size_t i = entries_.back().items.size(); i < kept_.size(); ++i) {
        if (submit_one(kept_[i])) continue;
        paused_ = true;
        return;
    }
    end_entry();
}

bool upload::submit_one(message_item& item) {
    entry& last = entries_.back();
    item_outcome outcome;
    outcome.to = item.to;
    outcome.reference = item.message.reference;
    outcome.fault = item.fault;
    if (!outcome.fault) {
        // Of a message that is refused the engine has changed the numbers, and nothing else.
        const phone_address sender = item.message.source, phone = item.message.destination;
        outcome.result = service_.submit(account_, std::move(item.message), {session_, sequence_},
                                         around_.now());
        const refusal why = outcome.result.why;
        if (is_temporary(why)) {
            item.message.source = sender;
            item.message.destination = phone;
            segments_wanted_ = std::max(outcome.result.segments, 1u);
            return false;
        }
        refusing_ = refusing_ || why == refusal::shutting_down;
        if (why == refusal::none) {
            ++last.remaining;
            ++waiting_;
        } else {
            outcome.fault = problem_of(why, outcome.result.detail, item.pointer, item.to_pointer);
        }
    }
    last.items.push_back(std::move(outcome));
    ++sequence_;
    return true;
}

void upload::refuse_rest() {
    entry& last = entries_.back();
    for (std::size_t i = last.items.size(); i < kept_.size(); ++i) {
        item_outcome& outcome = last.items.emplace_back();
        outcome.to = std::move(kept_[i].to);
        outcome.reference = std::move(kept_[i].message.reference);
        outcome.fault = kept_[i].fault ? std::move(kept_[i].fault) : token_fault();
        ++sequence_;
    }
    refusing_ = true;
    end_entry();
}

void upload::end_entry() {
    entries_.back().open = false;
    kept_.clear();
    kept_.shrink_to_fit();
}

bool upload::is_temporary(refusal why) const {
    return why == refusal::store_busy ||
           (why == refusal::rate_exceeded &&
            service_.settings_of(account_).rate.excess == config::on_excess::pace);
}

void upload::settled(std::uint32_t sequence, refusal why) {
    // Sequences may begin anew at 0; those of the entries follow each other all the same.
    const std::uint32_t base = entries_.front().first_sequence;
    const auto behind =
        std::ranges::upper_bound(entries_, sequence - base, {},
                                 [base](const entry& each) { return each.first_sequence - base; });
    entry& of = *std::prev(behind);
    const std::uint32_t index = sequence - of.first_sequence;
    assert(index < of.items.size() && of.remaining > 0);
    if (why != refusal::none) of.items[index].fault = problem_of(why, 0);
    --of.remaining;
    --waiting_;
    if (&of == &entries_.front()) answer_in_order();
    go_on();
}

void upload::answer_in_order() {
    std::string text;
    while (!entries_.empty() && !entries_.front().open && entries_.front().remaining == 0) {
        const entry& done = entries_.front();
        if (source_ != nullptr) append_answer(text, done.line, done.items, done.single);
        entries_.pop_front();
    }
    if (text.empty()) return;
    answers_->append(text);
    source_->wake();
}

void upload::go_on() {
    if (reader_ != nullptr && may_take()) reader_->wake();
    if (source_ != nullptr && entries_.empty()) source_->wake();
}

bool upload::may_go_on() const {
    const instant now = around_.now();
    return !is_temporary(service_.refuses_now(account_, segments_wanted_, now)) || !permit_(now);
}

void upload::try_again() {
    paused_ = false;
    if (permit_(around_.now()))
        submit_rest();
    else
        refuse_rest();
    answer_in_order();
    around_.touched();
    go_on();
}

void upload::finish() {
    finished_ = true;
    check_token();
    if (!line_.empty()) end_line(std::exchange(line_, {}));
    if (too_long_) end_line({});
    answer_in_order();
    around_.touched();
    go_on();
}

// What was submitted stays so; what was not is forgotten.
void upload::cut() {
    if (finished_) return;
    finished_ = true;
    paused_ = false;
    line_.clear();
    kept_.clear();
    if (!entries_.empty() && entries_.back().items.empty())
        entries_.pop_back();
    else if (!entries_.empty())
        entries_.back().open = false;
    answer_in_order();
    go_on();
}

uploads::uploads(service& gateway, upload_surroundings around, const upload_limits& limits)
    : service_(gateway), around_(std::move(around)), limits_(limits) {}

uploads::begun uploads::begin(account_id account, session_id session, upload_permit permit) {
    forget_ended();
    auto made =
        std::make_shared<upload>(service_, around_, limits_, account, session, std::move(permit));
    begun result;
    result.response.content_type = lines_type;
    result.response.source = made->make_source();
    result.response.is_identified = true;
    result.reader = made->make_reader();
    all_.emplace(static_cast<std::uint64_t>(session), std::move(made));
    return result;
}

bool uploads::has(session_id session) const {
    return all_.contains(static_cast<std::uint64_t>(session));
}

void uploads::settled(reply_ticket ticket, refusal why) {
    const auto at = all_.find(static_cast<std::uint64_t>(ticket.session));
    assert(at != all_.end());
    const auto kept = at->second;
    kept->settled(ticket.sequence, why);
    if (kept->is_over()) all_.erase(static_cast<std::uint64_t>(ticket.session));
}

bool uploads::try_again() {
    forget_ended();
    auto at = all_.upper_bound(last_tried_);
    for (std::size_t left = all_.size(); left > 0; --left, ++at) {
        if (at == all_.end()) at = all_.begin();
        if (!at->second->is_paused() || !at->second->may_go_on()) continue;
        last_tried_ = at->first;
        const auto kept = at->second;
        kept->try_again();
        return !kept->is_paused();
    }
    return false;
}

bool uploads::has_paused() const {
    return std::ranges::any_of(
        all_, [](const auto& each) { return each.second->is_paused(); });
}

std::size_t uploads::pending() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        all_, [](const auto& each) { return each.second->waiting() > 0; }));
}

void uploads::forget_ended() {
    std::erase_if(
        all_, [](const auto& each) { return each.second->is_over(); });
}

}  // namespace hikyaku::gateway::api
