// How a coroutine waits for Asio: the error is part of the result and is not thrown.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hikyaku::smpp::io {

inline constexpr auto use_tuple = boost::asio::as_tuple(boost::asio::use_awaitable);

}  // namespace hikyaku::smpp::io
