// The debugging tools of the command line: `pdu decode`, `pdu encode`, `text plan` and `receipt
// parse`. Each reads lines (or one text), prints one JSON object a line and goes on after a faulty
// one; docs/tools.md shows the formats. They are functions over streams so that tests need no
// process. Main thread only.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

#include "smpp/text/plan.hpp"

namespace hikyaku::gateway::app {

/// All of them return the exit code: 0, or 1 if any line could not be read.

/// One PDU in hexadecimal a line; blank lines are skipped.
[[nodiscard]] int decode_pdus(std::istream& in, std::ostream& out);

/// One object as decode_pdus prints it a line; prints {"hex": "..."}.
[[nodiscard]] int encode_pdus(std::istream& in, std::ostream& out);

struct plan_request {
    std::optional<std::string> text;  // from the command line; otherwise the input is read
    bool lines = false;               // one text a line instead of the whole input as one
    smpp::text::plan_options options;
};
[[nodiscard]] int plan_texts(const plan_request& request, std::istream& in, std::ostream& out);

/// One receipt text a line.
[[nodiscard]] int parse_receipts(std::istream& in, std::ostream& out);

}  // namespace hikyaku::gateway::app
