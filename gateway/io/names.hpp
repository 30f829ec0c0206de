// The look-ups of names of hosts, apart by whose names they are: those of carriers, which the
// operator has configured and whose last good addresses are kept, and those of accounts (webhooks,
// dlr-url, reply_url, outbind), which strangers choose. Made by the composition root; io thread.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "config/settings.hpp"
#include "smpp/io/resolver.hpp"

namespace hikyaku::gateway::io {

struct names {
    names(const boost::asio::any_io_executor& executor, const config::dns& settings);

    smpp::io::resolver carriers;
    smpp::io::resolver accounts;
};

}  // namespace hikyaku::gateway::io
