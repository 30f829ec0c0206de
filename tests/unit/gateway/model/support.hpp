// What the tests of the gateway's tables share: a store with them.
#pragma once

#include <memory>
#include <string>

#include "gateway/model/tables.hpp"
#include "tests/unit/store/support.hpp"

namespace hikyaku::gateway::model {

inline std::unique_ptr<store::environment> open_tables(const std::string& path) {
    return store::testing::open_or_fail(store::testing::settings_for(path), domain);
}

}  // namespace hikyaku::gateway::model
