// From the arguments of /send and /rate to the submission they ask for, by the rules of Jasmin:
// `coding` decides how `content` is read, `dlr-level` which reports are asked for. What differs
// from Jasmin on purpose is written in docs/jasmin.md. Pure, any thread.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>

#include "config/settings.hpp"
#include "gateway/api/jasmin/request.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api::jasmin {

/// `now_ms` is wall time. REQUIRES: check_arguments() has found nothing.
[[nodiscard]] boost::system::result<submission, fault> make_message(const request& what,
                                                                    const config::account& account,
                                                                    std::int64_t now_ms);

}  // namespace hikyaku::gateway::api::jasmin
