// docs/errors.md as the table of errors says it must be: for the program that writes the page and
// for the test that compares it. Pure.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "gateway/engine/errors.hpp"
#include "smpp/pdu/constants.hpp"

namespace hikyaku::gateway::test {

inline std::string cell(const door_text& words) {
    if (words.status == 0) return {};
    return fmt::format("{} `{}`", words.status, words.text);
}

/// One sentence behind the other.
inline std::string meaning_of(const error_line& line) {
    if (line.title.empty()) return std::string(line.meaning);
    return fmt::format("{}.{}{}", line.title, line.meaning.empty() ? "" : " ", line.meaning);
}

inline void append_refusals(std::string& page) {
    page += "| code | HTTP | SMPP | sendsms | Jasmin | meaning |\n|---|---|---|---|---|---|\n";
    for (const error_line& line : error_table().first(refusal_count - 1))
        page += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", line.name, line.http,
                            smpp::name_of(*line.smpp), cell(line.sendsms), cell(line.jasmin),
                            meaning_of(line));
}

inline void append_http(std::string& page) {
    page += "| code | status | meaning |\n|---|---|---|\n";
    for (const error_line& line : error_table().subspan(refusal_count - 1))
        if (line.http != 0)
            page += fmt::format("| `{}` | {} | {} |\n", line.name, line.http, meaning_of(line));
}

/// What a door refuses beside the refusals that all doors share.
inline void append_door(std::string& page, door_text error_line::*door) {
    page += "| status | text | when |\n|---|---|---|\n";
    for (const error_line& line : error_table().subspan(refusal_count - 1)) {
        const door_text& words = line.*door;
        if (words.status == 0) continue;
        const auto text = words.text.empty() ? "empty" : fmt::format("`{}`", words.text);
        page += fmt::format("| {} | {} | {} |\n", words.status, text, line.meaning);
    }
}

inline std::string errors_page() {
    std::string page = R"(# Errors

This page is written from the table that the doors answer by (`gateway/engine/errors.cpp`); do not
edit it, run `./dev docs`.

* The code is stable: decide by it. [HTTP](http-api.md#problems) sends it as `code` of a problem,
  and the metrics count by it.
* `Retry-After` stands beside 429, 503 and `idempotency_in_flight`.
* Over SMPP, ESME_RTHROTTLED, ESME_RMSGQFUL and ESME_RSYSERR are temporary; every other status is
  final for that submission. What only a PDU can be refused for is in [smpp.md](smpp.md#statuses).

## Refused messages
The same refusal at each door:

)";
    append_refusals(page);
    page += R"(
## Refused HTTP requests

)";
    append_http(page);
    page += R"(
## Refused by sendsms alone
What [Kannel's door](sendsms.md) refuses beyond:

)";
    append_door(page, &error_line::sendsms);
    page += R"(
## Refused by the Jasmin door alone
What [Jasmin's door](jasmin.md) refuses beyond, as `Error "text"`, and as a JSON string at /rate and
/balance. `{name}` stands for the value of that argument.

)";
    append_door(page, &error_line::jasmin);
    return page;
}

}  // namespace hikyaku::gateway::test
