// Comma-separated values as RFC 4180 has them, in both line ends, with or without a byte order mark
// and quotes. Records are read from octets that come in pieces of any size, in bounded memory.
// Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace hikyaku::gateway::api {

/// What may be wrong with a record.
enum class csv_fault : std::uint8_t {
    none,
    quote,     // it stands where none may, or is never closed
    too_long,  // a field, or the record; or it has too many fields
};

class csv_reader {
public:
    static constexpr std::size_t field_octets_max = 1024;
    static constexpr std::size_t record_octets_max = 64 << 10;
    static constexpr std::size_t fields_max = 256;

    /// How many of the octets were taken: all, or those up to the end of a record, which is there
    /// then until the next call. Empty lines are no records. Of a record that is too long the rest
    /// of its line is passed over, also where a quote is open.
    [[nodiscard]] std::size_t take(std::string_view octets);
    /// There are no more octets; a record may be there.
    void finish();

    [[nodiscard]] bool has_record() const { return has_record_; }
    [[nodiscard]] const std::vector<std::string>& fields() const { return fields_; }
    /// Where it began, from 1.
    [[nodiscard]] std::size_t line() const { return line_; }
    [[nodiscard]] csv_fault fault() const { return fault_; }

private:
    enum class place : std::uint8_t {
        between,      // no octet of the record has come
        field_begin,  // of one that is not the first
        plain,
        quoted,
        behind_quote,  // in or behind a quoted field
        passing_over,
    };

    void begin_record();
    void put(char c);
    void end_record();
    void read(char c);
    void read_plain(char c);
    [[nodiscard]] bool is_of_mark(char c);

    std::vector<std::string> fields_;
    std::size_t octets_ = 0;  // of the record
    std::size_t line_ = 0, next_line_ = 1;
    std::size_t mark_ = 0;  // octets of a byte order mark that have come; 3: none is looked for
    place at_ = place::between;
    csv_fault fault_ = csv_fault::none;
    bool has_record_ = false;
};

/// Whether a spreadsheet would take the field for a formula, behind apostrophes too.
[[nodiscard]] bool looks_like_formula(std::string_view field);

/// Appends the fields as one record, quoted where they need it. `safe`: what a spreadsheet would
/// take for a formula, as every number with "+", gets an apostrophe in front.
void append_csv(std::string& out, std::initializer_list<std::string_view> fields,
                bool safe = false);
/// The field without such an apostrophe.
[[nodiscard]] std::string_view without_apostrophe(std::string_view field);

}  // namespace hikyaku::gateway::api
