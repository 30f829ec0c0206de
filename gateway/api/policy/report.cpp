#include "gateway/api/policy/report.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "gateway/api/json/field_faults.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/model/tables.hpp"
#include "gateway/dunning/octets.hpp"
#include "gateway/gate/calendar.hpp"
#include "gateway/model/tables.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

problem wrong(std::string_view name, std::string_view sentence) {
    problem fault;
    fault.code = problem_code::field_invalid;
    fault.detail = std::string(name) + " " + std::string(sentence);
    return fault;
}

}  // namespace

boost::system::result<report_question, problem> read_report_question(const query_values& asked) {
    report_question question;
    const auto time = [&asked](std::string_view name, std::int64_t& into) {
        const auto moment = parse_time(asked.text(name).value_or(""));
        if (moment) into = *moment;
        return moment.has_value();
    };
    constexpr auto* wants_time =
        R"(must be a time as "2026-04-01T09:00:00+09:00", its + written as %2B)";
    if (!time("from", question.from_ms)) return wrong("from", wants_time);
    if (!time("to", question.to_ms)) return wrong("to", wants_time);
    if (question.to_ms <= question.from_ms) return wrong("to", "must be later than from");
    if (question.to_ms - question.from_ms > policy_report::range_max_ms)
        return wrong("to", "must be at most 92 days behind from");
    question.first = store::first_id_at(question.from_ms);
    question.end = store::first_id_at(question.to_ms);
    if (const auto text = asked.text("after")) {
        const auto id = store::parse_id(*text);
        if (!id) return wrong("after", "must be the id of a message");
        question.first = std::max(question.first, *id + 1);
    }
    question.limit = static_cast<std::size_t>(asked.number("limit").value_or(100));
    return question;
}

policy_report::policy_report(report_question question)
    : question_(std::move(question)), at_(question_.first) {}

void policy_report::read(store::environment& environment) {
    std::size_t looked_at = 0;
    while (!has_ended_ && looked_at < looked_at_max &&
           (question_.limit == 0 || listed_.size() < question_.limit))
        read_slice(environment, looked_at);
}

void policy_report::read_slice(store::environment& environment, std::size_t& looked_at) {
    const auto from = environment.read();
    std::size_t seen = 0;
    bool ended = true;
    from.for_each(dunning::table::decisions, dunning::id_key(at_).view(),
                  [&](std::string_view key, std::string_view value) {
                      const auto message = dunning::id_key::parse(key);
                      if (!message) return true;
                      if (*message >= question_.end) return false;
                      const bool is_full =
                          question_.limit != 0 && listed_.size() >= question_.limit;
                      if (seen == slice_max || is_full) {
                          ended = false;
                          return false;
                      }
                      ++seen;
                      at_ = *message + 1;
                      const auto* stored =
                          from.get(model::table::messages, model::message_key(*message), messages_);
                      if (stored != nullptr && stored->account() == question_.account)
                          take(*message, value);
                      return true;
                  });
    looked_at += seen;
    has_ended_ = ended;
}

void policy_report::take(std::uint64_t message, std::string_view decision) {
    const auto* made = decisions_.read<dunning::record::Decision>(decision);
    if (made == nullptr) return;
    const auto says = dunning::outcome_of(made->verdict());
    if (says == gate::outcome::allow) {
        ++allowed_;
        return;
    }
    listed one{message, made->at(), says, made->shadow(), {}};
    if (made->reasons() != nullptr)
        for (const auto* each : *made->reasons())
            if (each->rule() != nullptr) one.rules.push_back(each->rule()->str());
    std::ranges::sort(one.rules);
    one.rules.erase(std::unique(one.rules.begin(), one.rules.end()), one.rules.end());
    const auto day = day_of(made->at());
    for (const auto& rule : one.rules)
        ++rows_[{day, rule, says, one.shadow}];
    if (question_.limit != 0) listed_.push_back(std::move(one));
}

std::string policy_report::day_of(std::int64_t at_ms) {
    const auto* zone = question_.zone.empty() ? nullptr : zones_.find(question_.zone);
    return gate::format_day(
        gate::day_of(at_ms + (zone == nullptr ? 0 : zone->at(at_ms).offset_ms)));
}

json::object policy_report::told() const {
    json::array rows, messages;
    for (const auto& [each, count] : rows_)
        rows.push_back(json::object{{"day", each.day},
                                    {"rule", each.rule},
                                    {"decision", gate::name_of(each.says)},
                                    {"shadow", each.shadow},
                                    {"messages", count}});
    for (const auto& each : listed_) {
        json::array rules;
        for (const auto& rule : each.rules)
            rules.push_back(json::string(rule));
        messages.push_back(json::object{{"id", store::format_id(each.message)},
                                        {"at", format_time(each.at_ms)},
                                        {"decision", gate::name_of(each.says)},
                                        {"shadow", each.shadow},
                                        {"rules", std::move(rules)}});
    }
    json::object out{{"account", question_.name},
                     {"from", format_time(question_.from_ms)},
                     {"to", format_time(question_.to_ms)},
                     {"zone", question_.zone.empty() ? "UTC" : question_.zone},
                     {"allowed", allowed_},
                     {"rows", std::move(rows)},
                     {"messages", std::move(messages)}};
    if (!has_ended_) out["next"] = store::format_id(at_ - 1);
    return out;
}

}  // namespace hikyaku::gateway::api
