#include "gateway/engine/hits/hit_counters.hpp"

#include <algorithm>

namespace hikyaku::gateway {

namespace record = model::record;

namespace {

constexpr auto human = static_cast<std::uint8_t>(links::hit_class::human_likely);

std::size_t index_of_class(std::uint8_t hit_class) {
    return std::min<std::size_t>(hit_class, links::hit_class_count - 1);
}

}  // namespace

bool hit_counters::add(const counted_hit& hit) {
    ++total;
    ++by_class[index_of_class(hit.hit_class)];
    if (hit.hit_class == human && first_human_ms == 0) first_human_ms = hit.at_ms;
    counted_to = std::max(counted_to, hit.sequence);
    if (total > hits_stored_max || marks.size() >= hits_stored_max) return false;
    const bool known = std::ranges::find(marks, hit.visit, &hit_mark::visit) != marks.end();
    if (!known) ++unique;
    const auto state = links::may_be_a_person(hit.reasons) ? hit_mark::weak : std::uint8_t{0};
    marks.push_back({hit.visit, static_cast<std::uint32_t>(hit.sequence), hit.hit_class, state});
    return !known;
}

void hit_counters::move(std::uint8_t from, std::uint8_t to, std::int64_t at_ms) {
    auto& left = by_class[index_of_class(from)];
    if (left > 0) --left;
    ++by_class[index_of_class(to)];
    if (to == human && (first_human_ms == 0 || at_ms < first_human_ms)) first_human_ms = at_ms;
    if (by_class[human] == 0) first_human_ms = 0;
}

std::uint32_t hit_counters::raise(std::uint64_t visit, bool by_person, std::int64_t at_ms) {
    std::uint32_t raised = 0;
    for (hit_mark& each : marks) {
        if (each.visit != visit) continue;
        if (!by_person && (each.state & hit_mark::weak) == 0) continue;
        const auto bit = by_person ? hit_mark::person : hit_mark::asset;
        if ((each.state & bit) == 0) {
            each.state = static_cast<std::uint8_t>(each.state | bit);
            changed = true;
        }
        if (each.hit_class == human) continue;
        move(each.hit_class, human, at_ms);
        each.hit_class = human;
        ++raised;
    }
    return raised;
}

bool hit_counters::reclass(std::uint8_t before, const counted_hit& now) {
    if (total == 0) return false;  // the message is gone, and its counters with it
    const auto at =
        std::ranges::find(marks, static_cast<std::uint32_t>(now.sequence), &hit_mark::sequence);
    if (at == marks.end()) {  // counted before hits were marked
        if (before == now.hit_class) return false;
        move(before, now.hit_class, now.at_ms);
        return true;
    }
    const hit_mark old = *at;
    const bool weak = links::may_be_a_person(now.reasons);
    at->state =
        static_cast<std::uint8_t>((old.state & ~hit_mark::weak) | (weak ? hit_mark::weak : 0));
    const bool raised =
        (old.state & hit_mark::person) != 0 || (weak && (old.state & hit_mark::asset) != 0);
    at->hit_class = raised ? human : now.hit_class;
    if (at->hit_class != old.hit_class) move(old.hit_class, at->hit_class, now.at_ms);
    return *at != old;
}

std::optional<std::uint32_t> hit_counters::known_unique() const {
    if (marks.size() < std::min(total, hits_stored_max)) return std::nullopt;
    return unique;
}

void hit_counters::read(const record::HitCounts& from) {
    total = from.total();
    unique = from.unique();
    first_human_ms = from.first_human();
    seen_ms = from.seen();
    counted_to = from.counted_to();
    if (const auto* classes = from.by_class())
        std::copy_n(classes->begin(), std::min<std::size_t>(by_class.size(), classes->size()),
                    by_class.begin());
    marks.clear();
    if (const auto* stored = from.marks())
        for (const record::HitMark* each : *stored)
            marks.push_back({each->visit(), each->sequence(), each->hit_class(), each->state()});
}

void hit_counters::write(flatbuffers::FlatBufferBuilder& fb) const {
    fb.Clear();
    record::HitMark* places = nullptr;
    const auto stored =
        fb.CreateUninitializedVectorOfStructs<record::HitMark>(marks.size(), &places);
    for (std::size_t i = 0; i < marks.size(); ++i)
        places[i] =
            record::HitMark(marks[i].visit, marks[i].sequence, marks[i].hit_class, marks[i].state);
    const auto classes = fb.CreateVector(by_class.data(), by_class.size());
    fb.Finish(record::CreateHitCounts(fb, total, classes, first_human_ms, counted_to, unique,
                                      seen_ms, stored));
}

}  // namespace hikyaku::gateway
