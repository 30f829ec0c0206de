// Things by their id, whose numbers begin at 1 and have few gaps. What is in it stays where it is
// while others come and go, so that references to it live as long as it does. Engine's thread only.
#pragma once

#include <boost/range/adaptor/indirected.hpp>
#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "gateway/engine/types.hpp"

namespace hikyaku::gateway {

template <named_id Id, class Thing>
class numbered {
public:
    /// nullptr if there is none with this id.
    [[nodiscard]] Thing* find(Id id) const {
        const std::size_t at = stored(id);
        return at < by_number_.size() ? by_number_[at].get() : nullptr;
    }
    [[nodiscard]] bool contains(Id id) const { return find(id) != nullptr; }
    /// REQUIRES: contains(id)
    [[nodiscard]] Thing& operator[](Id id) const {
        assert(contains(id));
        return *by_number_[stored(id)];
    }

    /// REQUIRES: !contains(id)
    template <class... Arguments>
    Thing& emplace(Id id, Arguments&&... arguments) {
        const std::size_t at = stored(id);
        if (at >= by_number_.size()) by_number_.resize(at + 1);
        assert(by_number_[at] == nullptr);
        by_number_[at] = std::make_unique<Thing>(std::forward<Arguments>(arguments)...);
        in_order_.push_back(by_number_[at].get());
        return *in_order_.back();
    }
    void erase(Id id) {
        if (auto* gone = find(id)) {
            std::erase(in_order_, gone);
            by_number_[stored(id)].reset();
        }
    }

    [[nodiscard]] std::size_t size() const { return in_order_.size(); }
    /// All of them, in the order in which they were put in.
    [[nodiscard]] auto all() const { return in_order_ | boost::adaptors::indirected; }

private:
    std::vector<std::unique_ptr<Thing>> by_number_;
    std::vector<Thing*> in_order_;
};

}  // namespace hikyaku::gateway
