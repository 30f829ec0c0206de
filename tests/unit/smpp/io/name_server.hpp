// A name server on loopback for the tests of the resolver, on the loop of the test: over UDP, and
// over TCP on the same port. What it does with a question is the test's choice.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hikyaku::smpp::io::test {

using octets = std::vector<std::uint8_t>;

struct question {
    std::string name;  // "shop.test"
    std::uint16_t type = 0;
    octets message;  // as it came
    bool over_tcp = false;
};

constexpr std::uint16_t type_a = 1, type_aaaa = 28;

/// An answer with these addresses of the type that was asked for.
inline octets answer_to(const question& asked, const std::vector<boost::asio::ip::address>& found,
                        std::uint8_t code = 0, bool truncated = false) {
    octets out = asked.message;
    out.resize(12);
    out[2] = static_cast<std::uint8_t>(0x81 | (truncated ? 2 : 0));
    out[3] = static_cast<std::uint8_t>(0x80 | code);
    out[6] = out[7] = out[8] = out[9] = out[10] = out[11] = 0;
    // The question as it was, without what may follow it.
    const std::size_t end = 12 + asked.name.size() + 2 + 4;
    out.insert(out.end(), asked.message.begin() + 12,
               asked.message.begin() + static_cast<std::ptrdiff_t>(end));
    for (const auto& each : found) {
        if (each.is_v4() != (asked.type == type_a)) continue;
        ++out[7];
        const std::uint8_t length = each.is_v4() ? 4 : 16;
        const std::array<std::uint8_t, 12> head{
            0xC0, 12, 0, static_cast<std::uint8_t>(asked.type), 0, 1, 0, 0, 0, 60, 0, length};
        out.insert(out.end(), head.begin(), head.end());
        const auto put = [&out](const auto& bytes) {
            out.insert(out.end(), bytes.begin(), bytes.end());
        };
        each.is_v4() ? put(each.to_v4().to_bytes()) : put(each.to_v6().to_bytes());
    }
    return out;
}

class name_server {
public:
    using udp = boost::asio::ip::udp;
    using tcp = boost::asio::ip::tcp;
    /// Each of the answers is sent; none: the server is silent.
    using behaviour = std::function<std::vector<octets>(const question&)>;

    name_server(boost::asio::io_context& loop, behaviour what)
        : do_(std::move(what)),
          acceptor_(loop, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)),
          socket_(loop, udp::endpoint(boost::asio::ip::address_v4::loopback(),
                                      acceptor_.local_endpoint().port())) {
        receive();
        accept();
    }

    [[nodiscard]] std::string address() const {
        return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
    }

    behaviour do_;
    std::vector<question> asked;

private:
    static bool read(question& into) {
        const octets& in = into.message;
        std::size_t at = 12;
        while (at < in.size() && in[at] != 0) {
            if (at + in[at] >= in.size()) return false;
            if (!into.name.empty()) into.name += '.';
            into.name.append(in.begin() + static_cast<std::ptrdiff_t>(at + 1),
                             in.begin() + static_cast<std::ptrdiff_t>(at + 1 + in[at]));
            at += 1U + in[at];
        }
        if (at + 5 > in.size()) return false;
        into.type = static_cast<std::uint16_t>(in[at + 1] << 8 | in[at + 2]);
        return true;
    }

    void receive() {
        socket_.async_receive_from(
            boost::asio::buffer(buffer_), from_,
            [this](boost::system::error_code error, std::size_t size) {
                if (error) return;
                question one;
                one.message.assign(buffer_.begin(), buffer_.begin() + static_cast<long>(size));
                if (read(one)) {
                    asked.push_back(one);
                    boost::system::error_code ignored;
                    for (const auto& each : do_(one))
                        socket_.send_to(boost::asio::buffer(each), from_, 0, ignored);
                }
                receive();
            });
    }

    void accept() {
        acceptor_.async_accept([this](boost::system::error_code error, tcp::socket peer) {
            if (error) return;
            connections_.push_back(std::make_shared<tcp_peer>(std::move(peer)));
            read_length(connections_.back());
            accept();
        });
    }

    struct tcp_peer {
        explicit tcp_peer(tcp::socket with) : socket(std::move(with)) {}
        tcp::socket socket;
        std::array<std::uint8_t, 2> length{};
        octets message;
    };

    // Messages over TCP have their length in front (RFC 1035, 4.2.2).
    void read_length(const std::shared_ptr<tcp_peer>& peer) {
        boost::asio::async_read(
            peer->socket, boost::asio::buffer(peer->length),
            [this, peer](boost::system::error_code error, std::size_t) {
                if (!error) read_message(peer);
            });
    }

    void read_message(const std::shared_ptr<tcp_peer>& peer) {
        peer->message.resize(static_cast<std::size_t>(peer->length[0] << 8 | peer->length[1]));
        boost::asio::async_read(
            peer->socket, boost::asio::buffer(peer->message),
            [this, peer](boost::system::error_code error, std::size_t) {
                question one{{}, 0, peer->message, true};
                if (error || !read(one)) return;
                asked.push_back(one);
                for (auto each : do_(one)) {
                    each.insert(each.begin(), {static_cast<std::uint8_t>(each.size() >> 8),
                                               static_cast<std::uint8_t>(each.size() & 0xFF)});
                    boost::asio::write(peer->socket, boost::asio::buffer(each), error);
                }
                read_length(peer);
            });
    }

    tcp::acceptor acceptor_;
    udp::socket socket_;
    udp::endpoint from_;
    std::array<std::uint8_t, 2048> buffer_{};
    std::vector<std::shared_ptr<tcp_peer>> connections_;
};

}  // namespace hikyaku::smpp::io::test
