#include "smpp/text/graphemes.hpp"

#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <cassert>
#include <cstdint>
#include <memory>

#include "smpp/text/ucs2.hpp"

namespace hikyaku::smpp::text {

namespace {

/// Whether every cut at a full segment falls between characters that break freely.
bool cut_freely(std::u16string_view units, std::size_t units_max, std::vector<std::size_t>& ends) {
    std::size_t end = units_max;
    for (; end < units.size(); end += units_max) {
        if (!breaks_freely(units[end - 1]) || !breaks_freely(units[end])) return false;
        ends.push_back(end);
    }
    ends.push_back(units.size());
    return true;
}

/// `end`, or one less if it lies inside a surrogate pair.
std::size_t code_point_boundary(std::u16string_view units, std::size_t end) {
    const bool inside =
        end < units.size() && is_low_surrogate(units[end]) && is_high_surrogate(units[end - 1]);
    return inside ? end - 1 : end;
}

/// Gathers clusters, given one after the other by their ends, into segments. Without `positions`
/// each unit takes a room of 1.
class gatherer {
public:
    gatherer(std::u16string_view units, std::span<const std::size_t> positions,
             std::size_t room_max, std::vector<std::size_t>& ends)
        : units_(units), positions_(positions), room_max_(room_max), ends_(ends) {}

    void add_cluster_until(std::size_t end) {
        // Septets that are packed can lose a CR at the end of a segment: it goes with what follows.
        if (!positions_.empty() && end < units_.size() && units_[end - 1] == u'\r') return;
        if (!fits(begin_, end)) {
            if (fits(gathered_, end))
                cut(gathered_);
            else
                while (!fits(begin_, end))
                    cut(code_point_boundary(units_, farthest()));
        }
        gathered_ = end;
    }

private:
    [[nodiscard]] bool fits(std::size_t begin, std::size_t end) const {
        const std::size_t room =
            positions_.empty() ? end - begin : positions_[end] - positions_[begin];
        return room <= room_max_;
    }

    /// The end of as many units as fit in the segment being filled.
    [[nodiscard]] std::size_t farthest() const {
        if (positions_.empty()) return begin_ + room_max_;
        std::size_t end = begin_ + 1;
        while (fits(begin_, end + 1))
            ++end;
        return end;
    }

    void cut(std::size_t end) {
        ends_.push_back(end);
        begin_ = end;
    }

    std::u16string_view units_;
    std::span<const std::size_t> positions_;
    std::size_t room_max_;
    std::vector<std::size_t>& ends_;
    std::size_t begin_ = 0;     // of the segment being filled
    std::size_t gathered_ = 0;  // end of the last cluster
};

icu::BreakIterator* thread_iterator() {
    thread_local const std::unique_ptr<icu::BreakIterator> iterator = [] {
        UErrorCode status = U_ZERO_ERROR;
        std::unique_ptr<icu::BreakIterator> created(
            icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
        if (U_FAILURE(status)) created.reset();
        return created;
    }();
    return iterator.get();
}

/// Without ICU's data (a broken installation) code points are the best that can be kept whole.
void gather_code_points(std::u16string_view units, gatherer& segments) {
    for (std::size_t end = 1; end <= units.size(); ++end)
        if (code_point_boundary(units, end) == end) segments.add_cluster_until(end);
}

void gather_graphemes(std::u16string_view units, gatherer& segments) {
    icu::BreakIterator* iterator = thread_iterator();
    if (iterator == nullptr) return gather_code_points(units, segments);
    const icu::UnicodeString alias(false, units.data(), static_cast<std::int32_t>(units.size()));
    iterator->setText(alias);
    for (std::int32_t end = iterator->next(); end != icu::BreakIterator::DONE;
         end = iterator->next())
        segments.add_cluster_until(static_cast<std::size_t>(end));
    static const icu::UnicodeString nothing;
    iterator->setText(nothing);  // the iterator outlives `alias`
}

}  // namespace

std::vector<std::size_t> cut_at_graphemes(std::u16string_view units, std::size_t units_max) {
    assert(units_max >= 2 && units.size() <= INT32_MAX);
    std::vector<std::size_t> ends;
    if (cut_freely(units, units_max, ends)) return ends;
    ends.clear();
    gatherer segments(units, {}, units_max, ends);
    gather_graphemes(units, segments);
    ends.push_back(units.size());
    return ends;
}

std::vector<std::size_t> cut_at_graphemes(std::u16string_view units,
                                          std::span<const std::size_t> positions,
                                          std::size_t room_max) {
    assert(room_max >= 2 && units.size() <= INT32_MAX && positions.size() == units.size() + 1);
    std::vector<std::size_t> ends;
    gatherer segments(units, positions, room_max, ends);
    gather_graphemes(units, segments);
    ends.push_back(units.size());
    return ends;
}

}  // namespace hikyaku::smpp::text
