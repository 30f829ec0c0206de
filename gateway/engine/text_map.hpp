// A hash map by texts that is asked with a view, so that a look-up makes no string of it.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace hikyaku::gateway {

struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

struct text_equal {
    using is_transparent = void;
    bool operator()(std::string_view one, std::string_view other) const { return one == other; }
};

template <class Value, class Text = std::string>
using text_map = boost::unordered_flat_map<Text, Value, text_hash, text_equal>;

}  // namespace hikyaku::gateway
