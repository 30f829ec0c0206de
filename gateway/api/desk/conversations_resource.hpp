// The resource /v1/conversations: what an account and one contact point have written to each other,
// what was read in the replies and what followed; staff answer there, and close it. A conversation
// is named by the keyed hash of its contact point, which says nothing of anybody; a number is
// understood too, for those who have nothing else, and appears in no log. Threads are read by the
// desk's thread, answers go the way of all messages. No sockets; engine's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/desk/tasks_resource.hpp"
#include "gateway/api/messages_resource.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/service.hpp"
#include "gateway/dunning/desk/chronicle.hpp"

namespace hikyaku::gateway::api {

class conversations_resource {
public:
    /// All outlive it.
    conversations_resource(service& gateway, pending_answers& waiting, messages_resource& messages)
        : service_(gateway), waiting_(waiting), messages_(messages) {}

    answer get(const request_context& request);
    answer search(const request_context& request);
    answer post(const request_context& request);
    answer close(const request_context& request);
    void on_ready(timeline_resource::ready_function ready) { ready_ = std::move(ready); }

private:
    struct named {
        std::string contact;                        // empty: only its name is known
        std::optional<dunning::party_digest> name;  // empty: nothing of anybody is known
    };
    [[nodiscard]] named read_name(const request_context& request, std::string_view text) const;
    answer show(const request_context& request, const named& whose, std::uint64_t before,
                std::size_t limit);
    [[nodiscard]] std::string page_of(account_id account, const named& whose,
                                      const std::vector<dunning::timeline_view>& found,
                                      std::size_t limit) const;

    service& service_;
    pending_answers& waiting_;
    messages_resource& messages_;
    timeline_resource::ready_function ready_;
};

}  // namespace hikyaku::gateway::api
