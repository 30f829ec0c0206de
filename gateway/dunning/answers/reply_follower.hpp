// Carries out what follows from replies that the desk's thread has read (what_follows.hpp):
// suppressions, holds, tasks, what is queued ended, the account's webhook told, an answer written
// down for answer_sender. All of it goes into the batch that also holds the reply's event in the
// timeline and its acknowledgement: after a crash all of it is there, or the reply comes again.
// Engine's thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "gateway/dunning/answers/conversation_book.hpp"
#include "gateway/dunning/answers/read_reply.hpp"
#include "gateway/dunning/answers/reply_listener.hpp"
#include "gateway/dunning/answers/what_follows.hpp"
#include "gateway/dunning/protection.hpp"

namespace hikyaku::gateway::dunning {

class reply_follower {
public:
    /// All outlive it. `session`: of the tickets of its rows; its sequences begin with 1.
    reply_follower(engine& core, policy_gate& asked, protection& acts, conversation_book& book,
                   session_id session)
        : engine_(core), gate_(asked), protection_(acts), book_(book), session_(session) {}

    void use(std::shared_ptr<const reading_settings> settings) { settings_ = std::move(settings); }

    /// Something that one of them may change is on its way to the disk: ask again a commit later.
    [[nodiscard]] bool must_wait(std::span<const read_reply> replies) const;
    /// REQUIRES: not must_wait(); at most one reply of a contact point until its rows are on disk.
    void follow(const read_reply& reply, instant now);

private:
    struct work;

    [[nodiscard]] reply_ticket next_ticket() { return {session_, ++sequence_}; }
    [[nodiscard]] const config::account_replies& texts_of(std::uint32_t account) const;
    [[nodiscard]] reply_facts facts_of(const read_reply& reply, const conversation& known,
                                       instant now) const;
    void suppress(work& about, gate::purpose_set purposes, gate::purpose_set by_reply);
    void start(work& about);
    void hold(work& about, const wanted_hold& wanted);
    void place(work& about, const wanted_hold& wanted, model::party_scope scope,
               const std::string& reference);
    void open_task(work& about, replies::intent why);
    void answer(work& about, wanted_answer which);
    void tell(work& about);

    engine& engine_;
    policy_gate& gate_;
    protection& protection_;
    conversation_book& book_;
    session_id session_;
    std::uint32_t sequence_ = 0;
    std::shared_ptr<const reading_settings> settings_;
};

}  // namespace hikyaku::gateway::dunning
