#include "gateway/api/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "gateway/api/answers.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/messages.hpp"
#include "gateway/api/target.hpp"
#include "gateway/api/times.hpp"
#include "gateway/model/tables.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace record = model::record;
namespace table = model::table;

constexpr std::string_view listing_parameters[] = {"after", "from", "to", "status", "limit"};
constexpr std::uint64_t limit_max = 1'000'000;
constexpr std::uint64_t looked_at_max = 200'000;

problem wrong(problem_code code, std::string detail) {
    problem fault;
    fault.code = code;
    fault.detail = std::move(detail);
    return fault;
}

std::uint32_t bit_of(State state) {
    return 1u << static_cast<unsigned>(state);
}

// "queued,submitted": the words that messages are shown with.
std::optional<std::uint32_t> states_in(std::string_view words) {
    std::uint32_t states = 0;
    while (true) {
        const auto word = words.substr(0, words.find(','));
        const std::span known(record::EnumValuesState());
        const auto at = std::ranges::find_if(
            known, [word](State each) { return word == record::EnumNameState(each); });
        if (at == known.end()) return {};
        states |= bit_of(*at);
        if (word.size() == words.size()) return states;
        words.remove_prefix(word.size() + 1);
    }
}

// One parameter. The sentence says what it must be; null: it is right.
const char* read_parameter(std::string_view name, const std::string& value, listing_query& into) {
    if (name == "after") {
        const auto id = parse_id(value);
        if (!id) return "must be the id of a message";
        into.first = std::max(into.first, static_cast<std::uint64_t>(*id) + 1);
    } else if (name == "from" || name == "to") {
        const auto time = parse_time(value);
        if (!time) return R"(must be a time as "2026-04-01T09:00:00+09:00", its + written as %2B)";
        const std::uint64_t id = store::first_id_at(*time);
        if (name == "from")
            into.first = std::max(into.first, id);
        else
            into.end = id;
    } else if (name == "status") {
        const auto states = states_in(value);
        if (!states) {
            return "must be one or several, with commas, of queued, submitted, delivered, "
                   "undeliverable, expired, rejected, deleted, unknown";
        }
        into.states = *states;
    } else {
        const char* const end = value.data() + value.size();
        const auto [at, error] = std::from_chars(value.data(), end, into.limit);
        if (error != std::errc{} || at != end || into.limit == 0 || into.limit > limit_max)
            return "must be a number from 1 to 1000000";
    }
    return nullptr;
}

// Brings what the reader's thread makes of each slice.
class listing_source final : public body_source {
public:
    listing_source(listing_scan scan, readers& pool, std::shared_ptr<void> place)
        : work_(std::make_shared<work>(std::move(scan), std::move(place), this)), pool_(pool) {}
    // A slice may be under way; it is the last one, and has the place until it has ended.
    ~listing_source() override {
        work_->source = nullptr;
        if (!work_->running) work_->place.reset();
    }

    source_state next(std::string& out, std::size_t, time_point) override {
        if (work_->running) return source_state::wait;
        out.append(work_->text);
        work_->text.clear();
        if (work_->scan.has_ended()) return source_state::end;
        if (stopping_) return source_state::broken;
        read_on();
        return source_state::wait;
    }
    // It has an end of its own, but nobody waits for that: a client that is cut sees it.
    void stop() override {
        stopping_ = true;
        wake();
    }

private:
    // The reader's thread has scan and text while a slice runs.
    struct work {
        work(listing_scan&& wanted, std::shared_ptr<void>&& its_place, listing_source* of)
            : scan(std::move(wanted)), place(std::move(its_place)), source(of) {}
        listing_scan scan;
        std::string text;
        std::shared_ptr<void> place;
        bool running = false;
        listing_source* source;  // nullptr: the client has gone
    };

    void read_on() {
        work_->running = true;
        pool_.run([shared = work_](
                      store::environment& from) { shared->scan.read_slice(from, shared->text); },
                  [shared = work_] {
                      shared->running = false;
                      if (shared->source != nullptr)
                          shared->source->wake();
                      else
                          shared->place.reset();
                  });
    }

    std::shared_ptr<work> work_;
    readers& pool_;
    bool stopping_ = false;
};

}  // namespace

boost::system::result<listing_query, problem> read_listing_query(std::string_view query,
                                                                 bool lines) {
    listing_query read;
    read.lines = lines;
    read.limit = lines ? 0 : read.limit;
    read.looked_at_max = lines ? 0 : looked_at_max;
    unsigned seen = 0;
    while (const auto each = take_parameter(query)) {
        const std::string name = decode_form(each->name);
        // Names that begin with "_" are for caches on the way.
        if (name.starts_with('_') || (name.empty() && each->value.empty())) continue;
        const auto* const known = std::ranges::find(listing_parameters, name);
        if (known == std::end(listing_parameters)) {
            return wrong(problem_code::field_unknown,
                         fmt::format("the query may hold reference, or after, from, to, status and "
                                     "limit, and no {}",
                                     name));
        }
        const unsigned bit = 1u << (known - std::begin(listing_parameters));
        if ((seen & bit) != 0) return wrong(problem_code::field_invalid, name + " is there twice");
        seen |= bit;
        if (const char* const why = read_parameter(name, decode_form(each->value), read))
            return wrong(problem_code::field_invalid, fmt::format("{} {}", name, why));
    }
    return read;
}

std::optional<problem> fault_beside_reference(const query_values& query) {
    for (const std::string_view name : listing_parameters) {
        if (!query.text(name)) continue;
        return wrong(problem_code::field_invalid,
                     fmt::format("{} must not stand beside reference, which lists the 100 newest "
                                 "messages that have it",
                                 name));
    }
    return {};
}

bool wants_lines(std::string_view accept) {
    while (!accept.empty()) {
        const auto each = accept.substr(0, accept.find(','));
        accept.remove_prefix(std::min(each.size() + 1, accept.size()));
        auto type = each.substr(0, each.find(';'));
        while (type.starts_with(' '))
            type.remove_prefix(1);
        while (type.ends_with(' '))
            type.remove_suffix(1);
        if (equal_ignoring_case(type, lines_type)) return true;
    }
    return false;
}

listing_scan::listing_scan(const listing_query& query, std::shared_ptr<const shown_names> names)
    : query_(query), names_(std::move(names)), at_(query.first) {}

// What is found is copied: text is made of it without a snapshot.
void listing_scan::collect(store::environment& environment) {
    const auto snapshot = environment.read();
    stored_views views(snapshot, *names_);
    store::record_reader reader;
    std::size_t rows = 0;
    more_ = false;
    const auto visit = [&](store::key_view<model::message_key> key, std::string_view value) {
        const auto id = model::message_key::parse(key);
        if (!id || *id >= query_.end) return false;
        const bool page_full = query_.limit != 0 && shown_ + found_.size() >= query_.limit;
        const bool looked_enough = query_.looked_at_max != 0 && looked_at_ >= query_.looked_at_max;
        more_ = page_full || looked_enough || rows == slice_rows_max ||
                found_.size() == slice_found_max;
        if (more_) {
            ended_ = page_full || looked_enough;
            // Whose message stands at at_ is nobody's business, unless nothing else leads on.
            if (page_full) at_ = last_shown_ + 1;
            return false;
        }
        ++rows;
        ++looked_at_;
        at_ = *id + 1;
        const auto* const message = reader.read<record::Message>(value);
        if (message == nullptr || message->account() != stored(query_.account)) return true;
        const auto* const outcome = views.outcome_of(message_id{*id});
        const State state = outcome == nullptr ? State::queued : outcome->state();
        if ((query_.states & bit_of(state)) == 0) return true;
        found_.push_back(views.view(message_id{*id}, *message, outcome));
        last_shown_ = *id;
        return true;
    };
    snapshot.for_each(table::messages, model::message_key(at_).view(), visit);
    ended_ = ended_ || !more_;
}

void listing_scan::read_slice(store::environment& environment, std::string& out) {
    collect(environment);
    if (!std::exchange(begun_, true) && !query_.lines) out.append("{\"messages\":[");
    for (const message_view& each : found_) {
        if (!query_.lines && shown_ > 0) out.push_back(',');
        ++shown_;
        out.append(write_json(to_json(each)));
        if (query_.lines) out.push_back('\n');
    }
    found_.clear();
    if (ended_ && !query_.lines) end_document(out);
}

void listing_scan::end_document(std::string& out) {
    out.push_back(']');
    if (more_) out.append(fmt::format(",\"next\":\"{}\"", at_ - 1));
    out.push_back('}');
}

http_response listing_response(const listing_query& query, std::shared_ptr<const shown_names> names,
                               readers& pool) {
    auto [place, why] = pool.take_place(query.account);
    if (why == readers::shortage::of_account) {
        return refuse(problem_code::server_busy,
                      fmt::format("an account may read {} listings at a time; end one of them, or "
                                  "wait",
                                  pool.places_of_account()));
    }
    if (place == nullptr) return refuse(problem_code::server_busy);
    http_response response;
    response.content_type = query.lines ? lines_type : json_type;
    response.source = std::make_unique<listing_source>(listing_scan(query, std::move(names)), pool,
                                                       std::move(place));
    return response;
}

}  // namespace hikyaku::gateway::api
