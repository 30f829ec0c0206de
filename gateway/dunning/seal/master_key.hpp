// The master key, which wraps the keys of all accounts: 64 hexadecimal digits in a file, or in the
// environment variable HIKYAKU_MASTER_KEY. Where the configuration names no file, the store's
// folder has one, made with the first start: then whoever has a copy of that folder has the key
// too. Read when the program starts.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

#include "gateway/dunning/seal/seal.hpp"

namespace hikyaku::gateway::dunning {

struct master_key_source {
    std::string file;          // of the configuration; empty = none
    std::string store_folder;  // has "master.key" then
    std::string environment;   // the variable's value; empty = it is not set
    bool is_store_new = true;  // nothing in the store is wrapped yet
};

/// An error is one sentence for people.
[[nodiscard]] boost::system::result<secret_octets, std::string> read_master_key(
    const master_key_source& from);

/// 64 hexadecimal digits, with white space around them.
[[nodiscard]] std::optional<secret_octets> parse_master_key(std::string_view text);

}  // namespace hikyaku::gateway::dunning
