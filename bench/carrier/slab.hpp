// Numbered places for short-lived objects: they are used again without allocation, and a reference
// that has outlived its object is noticed, because each place counts its tenants. For the carrier's
// receipts under way and responses held back, of which there are many thousands a second.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace hikyaku::bench {

template <class T>
class slab {
public:
    /// Place and tenant in one number; never 0.
    using handle = std::uint64_t;

    [[nodiscard]] handle add(T value) {
        std::uint32_t at = 0;
        if (free_.empty()) {
            at = static_cast<std::uint32_t>(places_.size());
            places_.emplace_back();
        } else {
            at = free_.back();
            free_.pop_back();
        }
        places_[at].value = std::move(value);
        places_[at].used = true;
        if (++places_[at].tenant == 0) ++places_[at].tenant;
        return static_cast<handle>(places_[at].tenant) << 32 | at;
    }
    /// Null if it was removed. Valid until the next add().
    [[nodiscard]] T* find(handle which) {
        const auto at = static_cast<std::uint32_t>(which);
        if (at >= places_.size()) return nullptr;
        place& found = places_[at];
        return found.used && found.tenant == which >> 32 ? &found.value : nullptr;
    }
    /// REQUIRES: find() is not null.
    void remove(handle which) {
        assert(find(which) != nullptr);
        const auto at = static_cast<std::uint32_t>(which);
        places_[at].value = T();
        places_[at].used = false;
        free_.push_back(at);
    }
    [[nodiscard]] std::size_t size() const { return places_.size() - free_.size(); }

private:
    struct place {
        T value;
        std::uint32_t tenant = 0;
        bool used = false;
    };
    std::vector<place> places_;
    std::vector<std::uint32_t> free_;
};

}  // namespace hikyaku::bench
