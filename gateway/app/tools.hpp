// The debugging tools of the command line over lines: `pdu decode`, `pdu encode` and `receipt
// parse`; text_plan.hpp has `text plan`. Each prints one JSON object a line and goes on after a
// faulty one; docs/tools.md shows the formats. They are functions over streams so that tests need
// no process. Main thread only.
#pragma once

#include <iosfwd>

namespace hikyaku::gateway::app {

/// All of them return the exit code: 0, or 1 if any line could not be read.

/// One PDU in hexadecimal a line; blank lines are skipped.
[[nodiscard]] int decode_pdus(std::istream& in, std::ostream& out);

/// One object as decode_pdus prints it a line; prints {"hex": "..."}.
[[nodiscard]] int encode_pdus(std::istream& in, std::ostream& out);

/// One receipt a line: its text, or a whole deliver_sm or data_sm in hexadecimal. Prints what the
/// gateway's own reader makes of it (engine/carrier_receipt.hpp), and how sure it is that this is a
/// receipt. Implemented in receipt_tool.cpp.
[[nodiscard]] int parse_receipts(std::istream& in, std::ostream& out);

}  // namespace hikyaku::gateway::app
