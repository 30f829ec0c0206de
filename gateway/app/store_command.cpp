#include "gateway/app/store_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sodium.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <ostream>
#include <utility>

#include "gateway/api/admin/store_page.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/app/admin_question.hpp"
#include "gateway/app/commands.hpp"
#include "gateway/app/store_identity.hpp"
#include "gateway/dunning/confirmations.hpp"
#include "gateway/model/tables.hpp"
#include "store/environment.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

/// What the admin listener or the store itself tells.
int print(const json::object& store, bool confirms, const standard_streams& streams) {
    const auto* confirmed = store.if_contains("confirmed");
    if (confirmed != nullptr && confirmed->is_bool() && confirmed->get_bool()) {
        streams.out << "the store is confirmed: what asks the gate is sent" << std::endl;
        return 0;
    }
    std::vector<std::string> doubts;
    if (const auto* list = store.if_contains("doubts"); list != nullptr && list->is_array())
        for (const auto& each : list->get_array())
            if (each.is_string()) doubts.emplace_back(each.get_string());
    streams.out << fmt::format(
                       "nothing that asks the gate is sent: {} in doubt since {}; hikyaku store "
                       "confirm",
                       fmt::join(doubts, ", "), text_at(store, "since", "?"))
                << std::endl;
    return confirms ? 0 : 1;
}

/// The store of a gateway that does not run, opened here.
class closed_store {
public:
    closed_store(std::unique_ptr<store::environment> store, const config::settings& settings)
        : store_(std::move(store)),
          clock_(read_boot_clock(boot_number())),
          guard_(read_stamp(settings.store.machine_id_file, settings.store.path), clock_,
                 store_->read(), last_ms(settings)),
          node_(settings.store.node) {}

    [[nodiscard]] bool confirm(const store_request& request) {
        if (guard_.what() == 0) return true;
        store::batch rows;
        dunning::put_confirmation({clock_.wall_ms, guard_.what(), request.by, request.why},
                                  store::id_source(node_, last_id()).next(clock_.wall_ms), rows);
        guard_.write_confirmed(clock_, rows);
        const store::batch* const list[] = {&rows};
        if (!store_->apply(list)) return false;
        guard_.confirmed();
        return true;
    }

    [[nodiscard]] json::object told() const {
        api::store_view view;
        for (const auto name : names_of(guard_.what()))
            view.doubts.emplace_back(name);
        view.since_ms = guard_.since_ms();
        return api::to_json(view);
    }

private:
    /// When its youngest message was accepted; a sandbox's time is no time of the machine.
    [[nodiscard]] std::int64_t last_ms(const config::settings& settings) const {
        const auto message = store_->read().last(model::table::messages);
        const auto id = message ? model::message_key::parse(message->key) : std::nullopt;
        const auto at_ms = id ? store::id_milliseconds(*id) : 0;
        const bool is_moved = settings.sandbox.clock != config::clock_kind::system;
        return is_moved ? std::min(at_ms, clock_.wall_ms) : at_ms;
    }
    [[nodiscard]] std::uint64_t last_id() const {
        const auto entry = store_->read().last(dunning::table::confirmations);
        return entry ? dunning::id_key::parse(entry->key).value_or(0) : 0;
    }

    std::unique_ptr<store::environment> store_;
    clock_reading clock_;
    store_guard guard_;
    std::uint32_t node_;
};

int ask_gateway(const store_request& request, const std::string& admin,
                const standard_streams& streams) {
    admin_question question;
    question.admin = admin;
    question.target = "/admin/store";
    if (request.confirms) {
        question.method = "POST";
        question.target = "/admin/store:confirm";
        question.body = api::write_json(json::object{{"by", request.by}, {"why", request.why}});
    }
    const auto answer = ask_admin(question, streams);
    return answer ? print(*answer, request.confirms, streams) : 1;
}

}  // namespace

int run_store_command(const store_request& request, const standard_streams& streams) {
    if (request.config.empty()) return ask_gateway(request, request.admin, streams);
    const auto read = load_settings(request.config, streams);
    if (!read) return 1;
    if (sodium_init() < 0) return 1;
    const auto& settings = read->values;
    store::environment_settings wanted;
    wanted.path = settings.store.path;
    wanted.map_bytes_initial = settings.store.map_bytes_initial;
    wanted.map_bytes_max = settings.store.map_bytes_max;
    wanted.sync = settings.store.sync;
    auto opened = store::environment::open(std::move(wanted), {model::domain, dunning::domain});
    if (opened.has_error() && opened.error().kind == store::open_error::held) {
        const auto admin = admin_url_of(request.config, streams);
        return admin.empty() ? 1 : ask_gateway(request, admin, streams);
    }
    if (opened.has_error()) {
        streams.error << "hikyaku: " << opened.error().sentence << std::endl;
        return 1;
    }
    closed_store store(std::move(*opened), settings);
    if (request.confirms && !store.confirm(request)) {
        streams.error << "hikyaku: the disk refuses" << std::endl;
        return 1;
    }
    return print(store.told(), request.confirms, streams);
}

}  // namespace hikyaku::gateway::app
