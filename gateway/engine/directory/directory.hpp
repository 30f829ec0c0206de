// Who and what the engine knows by name: accounts, carriers and routes, each under an id that the
// store keeps, and the look-ups by what a peer shows: a system_id, a token, a number. Engine's
// thread only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/engine/directory/carriers.hpp"
#include "gateway/engine/directory/numbered.hpp"
#include "gateway/engine/directory/router.hpp"
#include "gateway/engine/directory/token_table.hpp"
#include "gateway/engine/room.hpp"
#include "gateway/engine/text_map.hpp"
#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

/// Also one that a reload has removed, until the process ends.
struct known_account {
    account_id id;
    std::shared_ptr<const config::account> settings;
    bool removed = false;
};

/// What a reload has changed that somebody has to act on.
struct directory_changes {
    std::vector<route_id> routes;      // that have other targets than before
    std::vector<carrier_id> id_forms;  // that are new, or write ids otherwise than before
};

class directory : private room {
public:
    /// Reads the names of the store and gives new ones a number, in this turn's batch. A process
    /// before this one may have sent to carriers until `sent_before`.
    directory(engine_context& context, steady_time sent_before);
    /// Takes over the settings of the context, which were replaced. What is not in them any more is
    /// `removed`: it stays where it is, for what still refers to it, and is found by no name.
    directory_changes take_settings();

    [[nodiscard]] const numbered<account_id, known_account>& accounts() const { return accounts_; }
    [[nodiscard]] const carrier_set& carriers() const { return carriers_; }
    [[nodiscard]] const numbered<route_id, route_state>& routes() const { return routes_; }

    // nullptr: it was not in the configuration since the start.
    [[nodiscard]] const known_account* find(account_id id) const { return accounts_.find(id); }
    [[nodiscard]] carrier_state* find(carrier_id id) const { return carriers_.find(id); }
    [[nodiscard]] route_state* find(route_id id) const { return routes_.find(id); }
    // REQUIRES: it is, or was since the start.
    [[nodiscard]] const known_account& operator[](account_id id) const { return accounts_[id]; }
    [[nodiscard]] carrier_state& operator[](carrier_id id) const { return carriers_[id]; }
    [[nodiscard]] route_state& operator[](route_id id) const { return routes_[id]; }

    [[nodiscard]] std::optional<account_id> account_by_system_id(std::string_view id) const;
    [[nodiscard]] std::optional<known_token> find_token(std::string_view token);
    /// sendsms.username
    [[nodiscard]] std::optional<account_id> account_by_username(std::string_view username) const;
    /// jasmin.username
    [[nodiscard]] std::optional<account_id> account_by_jasmin_username(
        std::string_view username) const;
    /// twilio.sid, or that of one of its keys
    [[nodiscard]] std::optional<account_id> account_by_twilio_sid(std::string_view sid) const;
    /// Whose number it is; a leading "+" does not count. Of several that share it the first in the
    /// file.
    [[nodiscard]] std::optional<account_id> account_by_reply_number(std::string_view number) const;
    /// All that share it, in the order of the file.
    [[nodiscard]] std::span<const account_id> accounts_by_reply_number(
        std::string_view number) const;
    /// Whose keyword the word is; upper and lower case are the same.
    [[nodiscard]] std::optional<account_id> account_by_keyword(std::string_view word) const;
    [[nodiscard]] std::optional<carrier_id> carrier_by_name(std::string_view name) const;

    /// The route of the first rule that matches.
    [[nodiscard]] std::optional<route_id> match(const route_query& query) const;
    [[nodiscard]] const router& rules() const { return router_; }

    /// The number of a name, a new one if it is met for the first time.
    [[nodiscard]] std::uint32_t number_of(model::name_kind kind, std::string_view name);
    /// Also of what is configured no more; empty if the name was never met.
    [[nodiscard]] std::optional<std::uint32_t> known_number(model::name_kind kind,
                                                            std::string_view name) const;
    /// Also of what is configured no more; "" for a number that no name has.
    [[nodiscard]] std::string name_of(model::name_kind kind, std::uint32_t number) const;

private:
    using by_text = text_map<account_id>;

    void load_names();
    void take_carriers(directory_changes& changes);
    void take_accounts();
    void name_account(const known_account& account);
    void take_routes(directory_changes& changes);
    [[nodiscard]] bool take_targets(route_state& route) const;

    steady_time sent_before_;  // by a process before this one

    std::map<std::pair<std::uint8_t, std::string>, std::uint32_t> numbers_;
    std::map<std::uint8_t, std::uint32_t> highest_;  // of them, by kind
    numbered<account_id, known_account> accounts_;
    carrier_set carriers_;
    numbered<route_id, route_state> routes_;
    std::vector<route_id> route_of_rule_;  // by the index that the router gives
    router router_;
    by_text by_system_id_, by_username_, by_jasmin_username_, by_twilio_sid_, by_keyword_;
    text_map<std::vector<account_id>> by_reply_number_;
    token_table tokens_;
};

}  // namespace hikyaku::gateway
