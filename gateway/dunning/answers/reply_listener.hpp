// What the desk's thread makes of a reply: the phone as the account's messages have it, what was
// written to it last, what it says by the rules of its account and in the day of its time zone.
// Reads the store and keeps a book of time zones of its own; one thread at a time.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "config/settings.hpp"
#include "gateway/dunning/answers/read_reply.hpp"
#include "gateway/gate/zone_book.hpp"
#include "gateway/replies/reply_reader.hpp"
#include "store/environment.hpp"

namespace hikyaku::gateway::dunning {

/// How the replies of one account are read.
struct reading_rules {
    std::shared_ptr<const config::account> account;
    std::shared_ptr<const replies::reply_reader> own;  // null: the program's rules alone
};
/// By the account's number. Never changes; a reload makes another.
using reading_settings = boost::unordered_flat_map<std::uint32_t, reading_rules>;

/// Of the accounts whose replies are read, by their numbers; `number_of` gives that of a name.
/// Patterns that are as in `before` (null: nothing was) are not compiled again.
[[nodiscard]] std::shared_ptr<const reading_settings> reading_settings_of(
    const config::settings& from, const std::function<std::uint32_t(const std::string&)>& number_of,
    const reading_settings* before = nullptr);

class reply_listener {
public:
    explicit reply_listener(store::environment& store) : store_(store) {}

    void use(std::shared_ptr<const reading_settings> settings) { settings_ = std::move(settings); }

    [[nodiscard]] read_reply read(heard_reply heard, const store::snapshot& from);

private:
    void find_phone(read_reply& of, const config::account& account) const;
    [[nodiscard]] std::vector<const gate::local_zone*> zones_of(
        const read_reply& of, const std::vector<std::string>& named,
        const config::account& account);
    void look_at_messages(read_reply& of, const config::account& account,
                          const store::snapshot& from, std::vector<std::string>& zones);

    store::environment& store_;
    std::shared_ptr<const reading_settings> settings_;
    gate::zone_book zones_;
};

}  // namespace hikyaku::gateway::dunning
