#include "gateway/app/metrics_text.hpp"

#include <fmt/format.h>

#include <cassert>
#include <iterator>

#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::app {
namespace {

/// Label values are UTF-8 with backslash, quote and line feed escaped, as the format demands.
void append_escaped(std::string& to, std::string_view value) {
    std::string mended(value);
    smpp::text::mend_utf8(mended);
    for (const char character : mended) {
        switch (character) {
            case '\\':
                to += "\\\\";
                break;
            case '"':
                to += "\\\"";
                break;
            case '\n':
                to += "\\n";
                break;
            default:
                to += character;
        }
    }
}

}  // namespace

metrics_text& metrics_text::counter(std::string_view name, std::string_view help) {
    return family(name, help, "counter");
}

metrics_text& metrics_text::gauge(std::string_view name, std::string_view help) {
    return family(name, help, "gauge");
}

metrics_text& metrics_text::family(std::string_view name, std::string_view help,
                                   std::string_view type) {
    name_ = name;
    fmt::format_to(std::back_inserter(text_), "# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
    return *this;
}

metrics_text& metrics_text::value(double number, metric_labels labels) {
    return sample(fmt::format("{}", number), labels);
}

metrics_text& metrics_text::sample(std::string_view number, metric_labels labels) {
    assert(!name_.empty());
    text_ += name_;
    char separator = '{';
    for (const auto& label : labels) {
        text_ += separator;
        text_ += label.name;
        text_ += "=\"";
        append_escaped(text_, label.value);
        text_ += '"';
        separator = ',';
    }
    if (separator == ',') text_ += '}';
    text_ += ' ';
    text_ += number;
    text_ += '\n';
    return *this;
}

metrics_text& metrics_text::histogram(std::string_view name, std::string_view help,
                                      std::span<const double> bounds,
                                      std::span<const std::uint64_t> counts, double sum) {
    assert(counts.size() == bounds.size() + 1);
    family(name, help, "histogram");
    auto out = std::back_inserter(text_);
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        cumulative += counts[i];
        fmt::format_to(out, "{}_bucket{{le=\"{}\"}} {}\n", name, bounds[i], cumulative);
    }
    cumulative += counts.back();
    fmt::format_to(out, "{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n{0}_count {1}\n", name,
                   cumulative, sum);
    return *this;
}

}  // namespace hikyaku::gateway::app
