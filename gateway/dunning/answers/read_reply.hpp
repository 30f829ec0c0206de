// A reply on its way through the desk: as it was heard, and what was read in it. Plain data; made
// on the desk's thread and handed to the engine's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/dunning/facts/hold_book.hpp"
#include "gateway/engine/delivery/events.hpp"
#include "gateway/replies/intents.hpp"

namespace hikyaku::gateway::dunning {

struct heard_address {
    std::uint8_t ton = 0, npi = 0;
    std::string digits;
};

struct heard_reply {
    std::uint64_t event = 0;  // its sequence in the outboxes: the id that applications know
    std::uint32_t account = 0;
    std::int64_t at_ms = 0;
    heard_address source, destination;  // the phone, and the number that it wrote to
    std::string text;                   // UTF-8; empty where the alphabet is not known
    bool is_whole = true;               // no part of it is missing
};

struct read_reply : heard_reply {
    std::string phone;             // digits, as the account's messages have them
    std::string contact;           // for people: "+819012345678"
    std::string debtor, debt;      // of the last message to that phone within 30 days
    std::string reference;         // that a stop names, as it was written
    std::string stopped_debt;      // whose reference it is; empty = of none that is known
    replies::reading said;         // never empty
    std::int64_t promised_ms = 0;  // the end of the last day that is promised; 0 = no day
    std::string said_json;         // what was read, an object
};

[[nodiscard]] inline heard_reply heard_in(std::uint64_t sequence, const reply_event& event) {
    heard_reply made;
    made.event = sequence;
    made.account = stored(event.account);
    made.at_ms = event.at_ms;
    made.source = {event.source.ton, event.source.npi, std::string(event.source.digits)};
    made.destination = {event.destination.ton, event.destination.npi,
                        std::string(event.destination.digits)};
    made.text = event.text;
    made.is_whole = !event.incomplete && event.part == 0;
    return made;
}

}  // namespace hikyaku::gateway::dunning
