#include "gateway/app/sandbox_command.hpp"

#include <memory>
#include <ostream>

#include "gateway/app/commands.hpp"
#include "gateway/app/gateway.hpp"

namespace hikyaku::gateway::app {
namespace {

/// The carrier as the gateway sees it: a part that goes by its clock.
class simulated_carrier final : public clock_follower {
public:
    simulated_carrier(gateway& program, const bench::carrier_command_options& options)
        : running_(program.running(), options) {
        running_.carrier().use_clock([&program] { return program.now().wall_ms; });
    }

    [[nodiscard]] bool open() { return running_.open("carrier"); }

    void on_clock(const instant&) override { running_.carrier().on_clock(); }
    std::optional<std::int64_t> next_due(const instant&) override {
        return running_.carrier().next_due();
    }
    bool rests(const instant&) override { return running_.carrier().rests(); }

private:
    bench::running_carrier running_;
};

}  // namespace

int run_sandbox(const std::string& config_path, const bench::carrier_command_options& carrier,
                const standard_streams& streams) {
    if (const auto fault = bench::fault_of(carrier.carrier)) {
        streams.error << *fault << std::endl;
        return 2;
    }
    return run_gateway(config_path, streams,
                       [&carrier](gateway& program) -> std::unique_ptr<clock_follower> {
                           auto made = std::make_unique<simulated_carrier>(program, carrier);
                           if (!made->open()) return nullptr;
                           return made;
                       });
}

}  // namespace hikyaku::gateway::app
