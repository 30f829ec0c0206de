// POST /v1/messages with lines: each is a message as the JSON form has it, and each is answered by
// a line of its own when it is on disk, in the same order, while the next ones arrive. Bounded on
// all sides: recipients that wait for the disk, octets of a line, answers that the client has not
// read, work in one turn of the loop. A busy store, or a rate that paces, makes the upload wait
// instead of refusing. gateway/io feeds it and writes its answers (body_stream.hpp); the router
// hands settlements on. Engine's thread.
#pragma once

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/api/http.hpp"
#include "gateway/api/messages.hpp"
#include "gateway/api/messages/json_request.hpp"
#include "gateway/api/octet_queue.hpp"
#include "gateway/api/service.hpp"

namespace hikyaku::gateway::api {

/// Who reads the body of a request, and whose memory that takes.
struct begun_reading {
    std::unique_ptr<body_reader> reader;
    account_id account{};
};

/// What an upload needs while it lives, from its driver.
struct upload_surroundings {
    std::function<instant()> now;
    std::function<void()> touched;  // the engine has been given something
    std::function<std::unique_ptr<octet_queue>()> make_queue;  // empty: memory only
};

struct upload_limits {
    std::size_t line_bytes_max = 1 << 20;
    // Few are enough for 60,000 lines a second, and each commit that others wait for stays small.
    std::size_t waiting_max = 48;  // recipients that wait for the disk
    std::size_t lines_max = 48;    // that are not answered, faulty ones too
    /// Lines and recipients that one take() reads, so that others run between: about 24 messages,
    /// 0.1 ms. Only the last line may go beyond, as a POST with as many recipients does.
    std::uint64_t turn_max = 48;
    std::uint32_t recipients_max = 1000;  // of one line
};

/// Whether the token that began an upload may still submit: it can end, or be taken out of the
/// configuration, while lines go on coming.
using upload_permit = std::function<bool(instant)>;

/// One upload. Shared by its reader, its source and the router, which is told of settlements.
class upload : public std::enable_shared_from_this<upload> {
public:
    upload(service& gateway, const upload_surroundings& around, const upload_limits& limits,
           account_id account, session_id session, upload_permit permit);

    [[nodiscard]] std::unique_ptr<body_reader> make_reader();
    [[nodiscard]] std::unique_ptr<body_source> make_source();

    void settled(std::uint32_t sequence, refusal why);
    /// Something of a line waits for the store or the rate.
    [[nodiscard]] bool is_paused() const { return paused_; }
    /// What it waits for has come, or waiting for it is of no use. Plans nothing, reads nothing.
    [[nodiscard]] bool may_go_on() const;
    void try_again();
    /// Recipients that wait for the disk.
    [[nodiscard]] std::size_t waiting() const { return waiting_; }
    /// Both bodies are gone, and nothing waits.
    [[nodiscard]] bool is_over() const;

private:
    class reader;
    class source;

    /// A line that is not answered yet.
    struct entry {
        std::uint64_t line = 0;
        std::uint32_t first_sequence = 0;
        bool single = true;
        bool open = false;  // not all recipients are submitted
        boost::container::small_vector<item_outcome, 1> items;
        std::size_t remaining = 0;  // of them, wait for the disk
    };

    [[nodiscard]] bool may_take() const;
    [[nodiscard]] std::size_t take(std::string_view octets);
    void finish();
    void cut();
    /// Where the token is good no more, the line that would come next is answered with that, and is
    /// the last.
    void check_token();
    void add_to_line(std::string_view octets);
    void end_line(std::string_view text);
    void add_fault(problem fault);
    void submit(std::string_view text);
    /// Goes on with the last entry: kept_ from where it has come to.
    void submit_rest();
    /// False: it is to be handed in again, later.
    [[nodiscard]] bool submit_one(message_item& item);
    /// What is left of the last entry is answered with the token's fault.
    void refuse_rest();
    void end_entry();
    [[nodiscard]] bool is_temporary(refusal why) const;
    void answer_in_order();
    void go_on();

    service& service_;
    upload_surroundings around_;
    upload_limits limits_;
    account_id account_;
    session_id session_;
    upload_permit permit_;
    std::unique_ptr<octet_queue> answers_;
    reader* reader_ = nullptr;
    source* source_ = nullptr;

    std::string line_;                       // the beginning of one
    bool too_long_ = false;                  // it is, and the rest of it is passed over
    decltype(message_request::items) kept_;  // the last entry's, while it is open
    std::uint32_t segments_wanted_ = 0;      // of the one that waits
    std::uint64_t lines_ = 0;
    std::uint32_t sequence_ = 0;  // of the next recipient
    std::deque<entry> entries_;
    std::size_t waiting_ = 0;
    bool paused_ = false;    // kept_ waits for the store or the rate
    bool finished_ = false;  // the body has come to its end
    bool refusing_ =
        false;  // no line is taken any more: the gateway stops, or the token is no good
};

/// All that there are.
class uploads {
public:
    uploads(service& gateway, upload_surroundings around, const upload_limits& limits);

    /// The response has begun with it.
    struct begun {
        http_response response;
        std::unique_ptr<body_reader> reader;
    };
    [[nodiscard]] begun begin(account_id account, session_id session, upload_permit permit);

    [[nodiscard]] bool has(session_id session) const;
    /// REQUIRES: has().
    void settled(reply_ticket ticket, refusal why);
    /// For those that wait for the store or a rate; to be called every now and then while there are
    /// any. One of those that may go on does, each in its turn. True: ask at once for the next one,
    /// in a turn of its own.
    [[nodiscard]] bool try_again();
    [[nodiscard]] bool has_paused() const;
    /// Uploads of which something waits for the disk.
    [[nodiscard]] std::size_t pending() const;

private:
    void forget_ended();

    service& service_;
    upload_surroundings around_;
    upload_limits limits_;
    std::map<std::uint64_t, std::shared_ptr<upload>> all_;  // by session
    std::uint64_t last_tried_ = 0;
};

}  // namespace hikyaku::gateway::api
