#include "gateway/engine/hits/reclassifier.hpp"

#include <utility>

#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;
namespace record = model::record;

namespace {

constexpr std::size_t hits_of_step_max = 128;  // about half a millisecond of the engine
constexpr std::uint64_t classes_stored_max = 16;

std::string_view octets_in(const flatbuffers::String* value) {
    return value == nullptr ? std::string_view{} : value->string_view();
}

}  // namespace

void reclassifier::load() {
    loaded_ = true;
    const auto snapshot = environment_.read();
    store::record_reader reader;
    const auto* stored = snapshot.get(table::reclassification, model::only_key(), reader);
    if (stored == nullptr) return;
    fingerprint_ = stored->lists();
    state_.started_ms = stored->started();
    state_.until_ms = stored->until();
    state_.done_ms = stored->done();
    state_.running = stored->done() == 0;
    state_.looked_at = stored->looked_at();
    state_.reasons_only = stored->reasons_only();
    if (const auto* next = stored->next())
        next_.assign(reinterpret_cast<const char*>(next->data()), next->size());
    const auto* moved = stored->moved();
    for (flatbuffers::uoffset_t i = 0; moved != nullptr && i < moved->size(); ++i) {
        const auto from = i / classes_stored_max, to = i % classes_stored_max;
        if (from < links::hit_class_count && to < links::hit_class_count)
            state_.moved[from][to] = moved->Get(i);
    }
}

void reclassifier::use(std::shared_ptr<const links::hit_lists> lists) {
    if (!loaded_) load();
    lists_ = std::move(lists);
    if (state_.running && fingerprint_ != lists_->fingerprint()) restart();
    if (state_.running) turn_.want_tick(now_.steady);
}

void reclassifier::begin() {
    assert(lists_ != nullptr);
    if (state_.running) return;
    restart();
    put_progress();
    turn_.want_tick(now_.steady);
}

void reclassifier::restart() {
    state_ = {};
    state_.running = true;
    state_.started_ms = now_.wall_ms;
    state_.until_ms = now_.wall_ms;
    fingerprint_ = lists_->fingerprint();
    next_.clear();
}

void reclassifier::run() {
    if (!state_.running || lists_ == nullptr || under_way_) return;
    step();
    put_progress();
}

void reclassifier::step() {
    const auto snapshot = environment_.read();
    const auto end = model::hit_key(state_.until_ms + 1, {}, 0);
    std::size_t looked_at = 0;
    bool more = false;
    snapshot.for_each(table::hits, store::key_view<model::hit_key>(next_),
                      [&](auto key, auto octets) {
                          if (key == next_) return true;
                          if (key >= end.view()) return false;
                          more = looked_at == hits_of_step_max;
                          if (more) return false;
                          ++looked_at;
                          if (const auto where = model::hit_key::parse(key))
                              look_at(snapshot, *where, key, octets);
                          next_.assign(key);
                          return true;
                      });
    state_.looked_at += looked_at;
    if (more) return;
    state_.running = false;
    state_.done_ms = now_.wall_ms;
}

void reclassifier::look_at(const store::snapshot& snapshot, const model::hit_position& where,
                           std::string_view key, std::string_view octets) {
    store::record_reader reader;
    const auto* hit = reader.read<record::Hit>(octets);
    if (hit == nullptr) return;
    const auto network = octets_in(hit->network()), agent = octets_in(hit->user_agent());
    const auto verdict =
        links::classify_again({hit->reasons(), network, agent, user_agent_octets_max}, *lists_);
    const auto now = static_cast<std::uint8_t>(verdict.kind);
    const std::uint8_t before = hit->hit_class();
    if (now == before && verdict.reasons == hit->reasons()) return;

    auto& fb = builder_;
    fb.Clear();
    const auto method_at =
        fb.CreateString(octets_in(hit->method()).data(), octets_in(hit->method()).size());
    const auto network_at = fb.CreateString(network.data(), network.size());
    const auto agent_at = fb.CreateString(agent.data(), agent.size());
    fb.Finish(record::CreateHit(fb, now, verdict.reasons, method_at, network_at, agent_at,
                                hit->message()));
    may_wait().rows().put(table::hits, store::key_view<model::hit_key>(key), built());
    if (const auto link = hits_.read_link(snapshot, where.code, hit->message()))
        (void)hits_.reclass(link->message, before,
                            {now, verdict.reasons, where.at, where.counter, 0});
    if (now == before)
        ++state_.reasons_only;
    else if (before < links::hit_class_count)
        ++state_.moved[before][now];
}

void reclassifier::put_progress() {
    auto& fb = builder_;
    fb.Clear();
    std::array<std::uint64_t, classes_stored_max * links::hit_class_count> moved{};
    for (std::size_t from = 0; from < links::hit_class_count; ++from)
        for (std::size_t to = 0; to < links::hit_class_count; ++to)
            moved[from * classes_stored_max + to] = state_.moved[from][to];
    const auto next =
        fb.CreateVector(reinterpret_cast<const std::uint8_t*>(next_.data()), next_.size());
    const auto numbers = fb.CreateVector(moved.data(), moved.size());
    fb.Finish(record::CreateReclassification(fb, fingerprint_, state_.started_ms, state_.until_ms,
                                             state_.done_ms, next, state_.looked_at,
                                             state_.reasons_only, numbers));
    auto& pending = may_wait();
    pending.rows().put(table::reclassification, model::only_key(), built());
    pending.then(after::reclassified{});
    under_way_ = true;
}

reclassification_view reclassifier::view() const {
    reclassification_view out = state_;
    out.running = state_.running || under_way_;  // done is what is on disk
    if (out.running) out.done_ms = 0;
    return out;
}

}  // namespace hikyaku::gateway
