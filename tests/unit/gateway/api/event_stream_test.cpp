#include "gateway/api/event_stream.hpp"

#include <gtest/gtest.h>

namespace hikyaku::gateway::api {
namespace {

using std::chrono::seconds;

TEST(EventStream, events_as_lines) {
    struct row {
        stream_event what;
        std::string_view text;
    };
    const row rows[] = {
        {{"7", "up", "carrier a"}, "id: 7\nevent: up\ndata: carrier a\n\n"},
        {{"", "", "plain"}, "data: plain\n\n"},
        {{"", "", ""}, "data: \n\n"},
        {{"", "", "one\ntwo\r\nthree\rfour"}, "data: one\ndata: two\ndata: three\ndata: four\n\n"},
        {{"", "", "end\n"}, "data: end\ndata: \n\n"},
        {{"1\n2", "a\rb", "x"}, "data: x\n\n"},
        {{std::string_view("\0", 1), "", " x"}, "data:  x\n\n"},
    };
    for (const row& each : rows)
        EXPECT_EQ(format_event(each.what), each.text);
}

TEST(EventStream, heartbeats_come_when_nothing_else_does) {
    event_stream stream({.heartbeat = seconds{15}, .waiting_bytes_max = 1000});
    const auto channel = stream.channel();
    const body_source::time_point start{};
    const auto next = [&](seconds at) {
        std::string out;
        EXPECT_EQ(stream.next(out, 1000, start + at), source_state::wait);
        return out;
    };
    EXPECT_EQ(next(seconds{0}), ":\n\n") << "the client sees that it is connected";
    EXPECT_EQ(stream.asks_again(), start + seconds{15});
    EXPECT_EQ(next(seconds{14}), "");
    EXPECT_EQ(next(seconds{15}), ":\n\n");
    channel.push({"1", "", "news"});
    EXPECT_EQ(next(seconds{20}), "id: 1\ndata: news\n\n");
    EXPECT_EQ(stream.asks_again(), start + seconds{35});
    EXPECT_EQ(next(seconds{34}), "");
    EXPECT_EQ(next(seconds{35}), ":\n\n");
}

TEST(EventStream, a_client_that_does_not_keep_up_is_cut) {
    event_stream stream({.heartbeat = seconds{15}, .waiting_bytes_max = 40});
    const auto channel = stream.channel();
    int woken = 0;
    stream.on_wake([&] { ++woken; });
    channel.push({"1", "", "0123456789"});
    std::string out;
    EXPECT_EQ(stream.next(out, 1000, {}), source_state::wait);
    EXPECT_EQ(out, ":\n\nid: 1\ndata: 0123456789\n\n");
    channel.push({"2", "", "0123456789"});
    channel.push({"3", "", "0123456789"});
    EXPECT_EQ(stream.next(out, 1000, {}), source_state::broken);
    EXPECT_EQ(woken, 3);
}

TEST(EventStream, ends_and_is_outlived_by_its_channel) {
    event_channel channel;
    EXPECT_FALSE(channel.is_open());
    {
        event_stream stream;
        channel = stream.channel();
        EXPECT_TRUE(channel.is_open());
        channel.push({"", "", "last"});
        channel.close();
        channel.push({"", "", "too late"});
        std::string out;
        EXPECT_EQ(stream.next(out, 1000, {}), source_state::end);
        EXPECT_EQ(out, ":\n\ndata: last\n\n");
    }
    EXPECT_FALSE(channel.is_open());
    channel.push({"", "", "nobody"});
    channel.close();
}

}  // namespace
}  // namespace hikyaku::gateway::api
