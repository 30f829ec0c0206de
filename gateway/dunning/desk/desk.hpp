// The desk: a thread of its own for what takes longer than a message may wait. It writes the
// timeline, from what the engine's thread has put into the store for it (table intake, and the rows
// of contacts) and from the events of its outbox, and it answers questions about timelines. Its
// mailbox is bounded: who finds it full asks again later. What it wants to be written goes to the
// engine's thread, which keeps it in a batch of its own, together with the acknowledgement of the
// events; until that is on disk the desk writes nothing more.
//
// Functions are called on the engine's thread, but for those that say otherwise.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "gateway/dunning/desk/scribe.hpp"
#include "gateway/engine/delivery/consumer_settings.hpp"
#include "gateway/engine/outputs.hpp"

namespace hikyaku::gateway::dunning {

struct desk_outside {
    /// Has the function called on the engine's thread, soon. Called on the desk's thread.
    std::function<void(std::function<void()>)> post;
    /// Keeps rows; kept() follows. On the engine's thread.
    std::function<void(desk_rows)> keep;
    /// There is nothing to do any more. On the desk's thread; may be unset.
    std::function<void()> rests;
};

class desk {
public:
    static constexpr std::size_t mailbox_max = 256;
    /// What the engine is told of it: it hears the ends of messages that ask the gate.
    [[nodiscard]] static consumer_settings consumer();

    /// `store` outlives it.
    desk(const secret_octets& master, store::environment& store, desk_outside outside);
    ~desk();
    desk(const desk&) = delete;
    desk& operator=(const desk&) = delete;

    /// There may be something new in the store. Cheap.
    void wake();
    /// Events of its outbox; never more than the consumer's window.
    void consume(std::span<const outbox_item> items);
    /// What keep() was asked for is on disk.
    void kept();

    /// How replies are read from now on.
    void read_by(std::shared_ptr<const reading_settings> settings);

    struct timeline_question {
        account_id account{};
        model::party_scope scope = model::party_scope::contact;
        std::string reference;
        std::optional<party_digest> contact{};  // instead of these two
        std::uint64_t before = ~std::uint64_t{0};
        std::size_t limit = 100;
    };
    using timeline_answer = std::function<void(std::vector<timeline_view>)>;
    /// False: the mailbox is full. Else `answer` is called on the engine's thread.
    [[nodiscard]] bool ask(timeline_question question, timeline_answer answer);

    /// Nothing of what was handed in is still to be written.
    [[nodiscard]] bool idle() const;
    /// Ends the thread; nothing is called any more.
    void stop();

private:
    struct asked {
        timeline_question question;
        timeline_answer answer;
    };
    void work();
    [[nodiscard]] bool has_work() const;
    void answer_one(asked&& what);
    void write();

    desk_outside outside_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // engine's thread

    scribe scribe_;  // the desk's thread alone

    mutable std::mutex mutex_;
    std::condition_variable something_;
    std::deque<asked> mailbox_;
    std::deque<heard_event> events_;
    std::shared_ptr<const reading_settings> reading_;
    bool is_woken_ = true;     // looks at the store at its start
    bool is_writing_ = false;  // rows are on their way to the disk
    bool is_answering_ = false;
    bool is_stopping_ = false;
    std::thread thread_;  // the last: it works with all of the above
};

}  // namespace hikyaku::gateway::dunning
