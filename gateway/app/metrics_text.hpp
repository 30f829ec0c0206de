// Writes metrics in Prometheus' text format (version 0.0.4): families with HELP and TYPE, then
// their samples. Knows nothing of what is measured. One object for each page; any thread.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace hikyaku::gateway::app {

struct metric_label {
    std::string_view name, value;
};
using metric_labels = std::initializer_list<metric_label>;

class metrics_text {
public:
    /// Begins a family; its samples follow. Names end in _total for counters, in the unit for
    /// others.
    metrics_text& counter(std::string_view name, std::string_view help);
    metrics_text& gauge(std::string_view name, std::string_view help);

    /// One sample of the family begun last.
    template <std::integral Number>
    metrics_text& value(Number number, metric_labels labels = {}) {
        return sample(std::to_string(number), labels);
    }
    metrics_text& value(double number, metric_labels labels = {});

    /// A whole histogram family without labels. `counts` has one entry more than `bounds` (the last
    /// is everything above), each counting only its own bucket; bounds and sum in seconds.
    metrics_text& histogram(std::string_view name, std::string_view help,
                            std::span<const double> bounds, std::span<const std::uint64_t> counts,
                            double sum);

    [[nodiscard]] std::string take() { return std::move(text_); }

private:
    metrics_text& family(std::string_view name, std::string_view help, std::string_view type);
    metrics_text& sample(std::string_view number, metric_labels labels);

    std::string text_;
    std::string name_;
};

}  // namespace hikyaku::gateway::app
