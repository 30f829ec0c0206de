// The admin page of hits that are classified anew: begins it, and tells how far it is. No sockets;
// engine's thread.
#pragma once

#include "gateway/api/http.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

class links_page {
public:
    /// `gateway` outlives it.
    explicit links_page(service& gateway) : service_(gateway) {}

    [[nodiscard]] http_response show();
    /// Also while it is under way: then nothing begins anew.
    [[nodiscard]] http_response reclassify(instant now);

private:
    service& service_;
};

}  // namespace hikyaku::gateway::api
