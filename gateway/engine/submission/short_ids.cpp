#include "gateway/engine/submission/short_ids.hpp"

#include <algorithm>

#include "gateway/model/tables.hpp"

namespace hikyaku::gateway {

namespace table = model::table;

namespace {

constexpr std::string_view counter_name = "last_alias";
constexpr std::uint32_t first = 0x10000000;  // eight digits without a leading zero

}  // namespace

short_ids::short_ids(engine_context& context) : room(context) {
    const auto snapshot = environment_.read();
    const auto number = snapshot.get(table::meta, counter_name);
    last_ = static_cast<std::uint32_t>(number.value_or(first - 1));
}

std::uint32_t short_ids::give(message_id id, store::batch& into) {
    const auto snapshot = environment_.read();
    do {  // after four thousand million of them the counter begins anew
        last_ = std::max(last_ + 1, first);
    } while (snapshot.has(table::aliases, model::alias_key(last_)));
    into.put(table::aliases, model::alias_key(last_), static_cast<std::uint64_t>(id));
    into.put(table::meta, counter_name, last_);
    return last_;
}

std::optional<message_id> short_ids::find(std::uint32_t alias) const {
    const auto snapshot = environment_.read();
    const auto id = snapshot.get(table::aliases, model::alias_key(alias));
    return id ? std::optional(message_id{*id}) : std::nullopt;
}

void short_ids::erase(std::uint64_t id, std::uint32_t alias, const store::snapshot& snapshot,
                      store::batch& into) const {
    const auto key = model::alias_key(alias);
    const auto value = alias != 0 ? snapshot.get(table::aliases, key) : std::nullopt;
    if (value == id) into.erase(table::aliases, key);
}

}  // namespace hikyaku::gateway
