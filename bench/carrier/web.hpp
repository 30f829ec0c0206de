// The simulated phones in a browser: a page that looks like a phone's messages, the JSON behind it,
// and the carrier's figures. It binds to a carrier_simulator and answers each request at once, on
// the carrier's thread. For demonstrations and tests on a machine of one's own: there is no login.
#pragma once

#include "bench/carrier/phone_clock.hpp"
#include "bench/carrier/simulator.hpp"
#include "gateway/api/http.hpp"
#include "gateway/io/http_server.hpp"

namespace hikyaku::bench {

/// The figures as GET /api/stats and `--rate-report` print them; docs/simulator.md lists them.
[[nodiscard]] std::string to_json(const carrier_stats& stats);

class carrier_web final : public gateway::io::http_handler {
public:
    /// `carrier` outlives this.
    explicit carrier_web(carrier_simulator& carrier)
        : carrier_(carrier), clock_(carrier.options().phone_zone) {}

    void handle(const gateway::api::http_request& request,
                gateway::io::http_responder responder) override;

    /// GET /, /phone.css, /phone.js, /api/numbers, /api/inbox?number=, /api/stats and POST
    /// /api/replies. Faults are answered as {"error": "a sentence"}.
    [[nodiscard]] gateway::api::http_response answer(const gateway::api::http_request& request);

private:
    [[nodiscard]] gateway::api::http_response page(const gateway::api::http_request& request);
    [[nodiscard]] gateway::api::http_response numbers();
    [[nodiscard]] gateway::api::http_response inbox(std::string_view target);
    [[nodiscard]] gateway::api::http_response reply(const gateway::api::http_request& request);

    carrier_simulator& carrier_;
    phone_clock clock_;
};

}  // namespace hikyaku::bench
