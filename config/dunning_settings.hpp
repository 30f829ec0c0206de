// What the file says of the desk ([dunning]). A part of settings.hpp, which is long enough.
#pragma once

#include <string>

namespace hikyaku::config {

/// The desk and what it keeps about people.
struct dunning {
    std::string master_key_file;  // wraps the keys of all accounts; empty = one beside the store
    bool operator==(const dunning&) const = default;
};

}  // namespace hikyaku::config
