// What accounts have really used in the last 30 days: senders of messages that a carrier took, and
// the domains of the links in them. The page by which people check a message is made from it. It is
// in memory, so that a message costs one look-up; a name goes into the store when it is new, and is
// touched there once a day. Engine's thread only.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/announce/announcement.hpp"
#include "gateway/engine/directory/directory.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/text_map.hpp"

namespace hikyaku::gateway {

class used_names : private room {
public:
    static constexpr std::size_t names_max = 1000;  // of one account and kind

    /// Reads what the store has.
    used_names(engine_context& context, const directory& known);

    /// A carrier has taken a segment of this message.
    void note(const model::record::Message& message);
    /// Forgets what was used more than 30 days ago. Cheap if it was called less than an hour ago.
    void sweep();
    [[nodiscard]] used_names_view of(account_id account) const;

    [[nodiscard]] announcement announced(account_id account) const;
    /// Those whose links the host answers, in lower case and without port; "" is the default one,
    /// where only those are told of that have something to say.
    [[nodiscard]] std::vector<announcement> announced_at(std::string_view host) const;
    /// Whose domain the host is; empty for the default one and for strangers.
    [[nodiscard]] std::optional<account_id> owner_of(std::string_view host) const;

private:
    struct names_of_account {
        // When it was touched last (ms since 1970): the use that was first more than a day later.
        text_map<std::int64_t> senders, domains;
        bool was_full = false;
    };
    void touch(names_of_account& of, std::uint32_t account, model::used_name_kind kind,
               std::string_view name);
    [[nodiscard]] std::vector<std::string> recent(const text_map<std::int64_t>& from) const;
    void forget_old(std::uint32_t account, model::used_name_kind kind,
                    text_map<std::int64_t>& names);

    const directory& directory_;
    boost::unordered_flat_map<std::uint32_t, names_of_account> accounts_;
    std::int64_t next_sweep_ms_ = 0;
};

}  // namespace hikyaku::gateway
