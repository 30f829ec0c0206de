// Comma-separated values as RFC 4180 has them, in both line ends, with or without a byte order mark
// and quotes. Reads one record after the other from octets that are whole. Pure, any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::api {

class csv_reader {
public:
    /// `octets` outlive it.
    explicit csv_reader(std::string_view octets);

    /// False: there is no record left. Empty lines are none. What stands behind a closing quote, or
    /// a quote that is never closed, is a fault.
    [[nodiscard]] bool next(std::vector<std::string>& fields);
    /// Of the record that next() has given: where it began, from 1.
    [[nodiscard]] std::size_t line() const { return line_; }
    [[nodiscard]] bool is_faulty() const { return faulty_; }

private:
    void read_quoted(std::string& field);

    std::string_view rest_;
    std::size_t line_ = 0, next_line_ = 1;
    bool faulty_ = false;
};

/// Appends the fields as one record, quoted where they need it. A field that a spreadsheet would
/// take for a formula stays as it is: numbers begin with "+".
void append_csv(std::string& out, std::initializer_list<std::string_view> fields);

}  // namespace hikyaku::gateway::api
