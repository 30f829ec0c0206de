#include "gateway/dunning/answers/reply_follower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "gateway/dunning/answers/answer_texts.hpp"
#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/seal/words.hpp"
#include "gateway/engine/submission/numbers.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;
using record::AnswerKind;

constexpr std::string_view by_reply = "reply";
constexpr std::int64_t answer_pause_ms = 86'400'000;           // between two of the same kind
constexpr std::int64_t at_once_ms = std::int64_t{5} * 60'000;  // 47 CFR 64.1200(a)(12)
constexpr std::size_t quoted_octets_max = 500;
constexpr std::size_t holds_looked_at = 100;
constexpr auto reminding = static_cast<gate::purpose_set>(gate::set_of(gate::purpose::dunning) |
                                                          gate::set_of(gate::purpose::marketing));
constexpr auto asked =
    static_cast<gate::purpose_set>(reminding | gate::set_of(gate::purpose::service));

/// Whole characters of the beginning.
std::string beginning_of(const std::string& text) {
    if (text.size() <= quoted_octets_max) return text;
    std::size_t end = quoted_octets_max;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
        --end;
    return text.substr(0, end);
}

AnswerKind kind_of(wanted_answer which) {
    switch (which) {
        case wanted_answer::stop_one:
            return AnswerKind::stop_one;
        case wanted_answer::help:
            return AnswerKind::help;
        case wanted_answer::closed:
            return AnswerKind::closed;
        case wanted_answer::none:
        case wanted_answer::stop:
            break;
    }
    return AnswerKind::stop;
}

std::string quoted(std::string_view text) {
    return boost::json::serialize(boost::json::string(text));
}

}  // namespace

/// One reply on its way through follow().
struct reply_follower::work {
    const read_reply& reply;
    account_id account;
    instant now;
    party_digest name{};
    conversation row;
    std::uint64_t first_hold = 0;
    std::vector<std::string> done;  // "stopped", "hold_dispute": for the account's webhook
};

const config::account_replies& reply_follower::texts_of(std::uint32_t account) const {
    static const config::account_replies none;
    if (settings_ == nullptr) return none;
    const auto known = settings_->find(account);
    return known == settings_->end() ? none : known->second.account->replies;
}

bool reply_follower::must_wait(std::span<const read_reply> replies) const {
    return std::ranges::any_of(
        replies,
        [this](const read_reply& each) {
            const account_id account{each.account};
            const auto name = book_.name_of(account, each.contact);
            return protection_.is_changing(account, each.contact) ||
                   (name && book_.is_changing(account, *name));
        });
}

reply_facts reply_follower::facts_of(const read_reply& reply, const conversation& known,
                                     instant now) const {
    const account_id account{reply.account};
    reply_facts made;
    made.now_ms = now.wall_ms;
    made.is_readable = reply.is_whole && !reply.text.empty();
    const auto suppressed = protection_.find_suppression(account, reply.contact);
    made.is_stopped = suppressed && (suppressed->purposes & reminding) == reminding;
    made.is_of_one_debt = !reply.stopped_debt.empty();
    if (made.is_of_one_debt) {
        const auto holds = protection_.find_holds(account, party_scope::debt, reply.stopped_debt,
                                                  {0, holds_looked_at, true}, now);
        made.is_debt_stopped = std::ranges::any_of(holds.found, [](const hold_view& each) {
            return each.kind == gate::hold_kind::opt_out;
        });
    }
    made.is_closed = known.closed_ms != 0;
    const auto& texts = texts_of(reply.account);
    const auto may = [&](wanted_answer which, std::int64_t last_ms) {
        return last_ms + answer_pause_ms <= now.wall_ms &&
               !answer_text(texts, which, reply.said.language).empty();
    };
    made.may_help = may(wanted_answer::help, known.helped_ms);
    made.may_tell_closed = may(wanted_answer::closed, known.told_closed_ms);
    made.promised_ms = reply.promised_ms;
    return made;
}

void reply_follower::follow(const read_reply& reply, instant now) {
    const protection::obligation obliged(protection_);
    work about{reply, account_id{reply.account}, now, {}, {}, 0, {}};
    store::batch keys;
    about.name = book_.name_for(about.account, reply.contact, keys);
    if (!keys.empty()) engine_.keep(keys, next_ticket(), now);
    about.row = book_.find(about.account, about.name).value_or(conversation{});
    const auto next = what_follows(reply.said, facts_of(reply, about.row, now));
    about.row.replied_ms = std::max(reply.at_ms, about.row.replied_ms);
    about.row.contact = reply.contact;
    about.row.phone = reply.phone;
    about.row.number = {reply.destination.ton, reply.destination.npi, reply.destination.digits};
    if (next.reopens) about.row.closed_ms = 0;
    if (next.stops) suppress(about, reminding, reminding);
    if (next.suppresses_all) suppress(about, asked, 0);
    if (next.starts) start(about);
    for (const auto& each : next.holds)
        hold(about, each);
    if (next.task) open_task(about, *next.task);
    if (next.answer != wanted_answer::none) answer(about, next.answer);
    tell(about);
    book_.put(about.account, about.name, about.row, next_ticket(), now);
}

void reply_follower::suppress(work& about, gate::purpose_set purposes,
                              gate::purpose_set by_reply_alone) {
    suppression_view wanted;
    wanted.contact = about.reply.contact;
    wanted.purposes = purposes;
    wanted.source = record::SuppressionSource::reply;
    wanted.reason = beginning_of(about.reply.text);
    wanted.by_reply = by_reply_alone;
    (void)protection_.suppress(about.account, wanted, next_ticket(), about.now);
    about.done.emplace_back(by_reply_alone != 0 ? "stopped" : "suppressed");
}

void reply_follower::start(work& about) {
    const auto lifted =
        protection_.lift_stop(about.account, about.reply.contact, next_ticket(), about.now);
    bool has_lifted = lifted == refusal::none;
    for (const auto id : about.row.stop_holds) {
        const auto known = protection_.find_hold(about.account, id, about.now);
        if (!known || known->lifted_ms != 0) continue;
        (void)protection_.lift(about.account, id, "start", by_reply, next_ticket(), about.now);
        has_lifted = true;
    }
    about.row.stop_holds.clear();
    if (has_lifted) about.done.emplace_back("started");
}

void reply_follower::hold(work& about, const wanted_hold& wanted) {
    const auto& reply = about.reply;
    if (wanted.where == wanted_hold::on::debt)
        return place(about, wanted, party_scope::debt, reply.stopped_debt);
    place(about, wanted, party_scope::contact, reply.contact);
    // Who disputes or is represented is so by every way to them.
    if (wanted.where == wanted_hold::on::contact_and_debtor && !reply.debtor.empty())
        place(about, wanted, party_scope::debtor, reply.debtor);
}

/// Unless there is one already that holds as long.
void reply_follower::place(work& about, const wanted_hold& wanted, party_scope scope,
                           const std::string& reference) {
    const auto known = protection_.find_holds(about.account, scope, reference,
                                              {0, holds_looked_at, true}, about.now);
    const auto same = std::ranges::find_if(known.found, [&](const hold_view& each) {
        return each.kind == wanted.kind && each.until_ms >= wanted.until_ms;
    });
    if (same != known.found.end()) {
        if (about.first_hold == 0) about.first_hold = same->id;
        return;
    }
    new_hold made;
    made.kind = wanted.kind;
    made.scope = scope;
    made.reference = reference;
    made.until_ms = wanted.until_ms;
    made.evidence = fmt::format("{}reply of {}: {}", wanted.is_provisional ? "provisional, " : "",
                                about.reply.contact, beginning_of(about.reply.text));
    made.placed_by = by_reply;
    made.opens_task = false;
    const auto placed = protection_.place(about.account, std::move(made), next_ticket(), about.now);
    if (about.first_hold == 0) about.first_hold = placed.hold.id;
    auto& of_stops = about.row.stop_holds;
    if (wanted.kind == gate::hold_kind::opt_out && of_stops.size() < conversation::stop_holds_max)
        of_stops.push_back(placed.hold.id);
    auto word = fmt::format("hold_{}", gate::name_of(wanted.kind));
    if (std::ranges::find(about.done, word) == about.done.end())
        about.done.push_back(std::move(word));
}

/// One open task of each kind for a conversation: whoever does it reads all of it.
void reply_follower::open_task(work& about, replies::intent why) {
    auto& last = about.row.tasks[static_cast<std::size_t>(why)];
    about.done.emplace_back("task");
    if (last != 0) {
        const auto known = protection_.find_task(about.account, last);
        if (known && known->done_ms == 0) return;
    }
    task_view task;
    task.kind = fmt::format("reply_{}", replies::name_of(why));
    task.subject = about.first_hold;
    task.what = work_for(why);
    task.why = beginning_of(about.reply.text);
    task.contact = about.reply.contact;
    task.debtor = about.reply.debtor;
    task.debt = about.reply.debt;
    (void)protection_.open_task(about.account, task, next_ticket(), about.now);
    last = task.id;
}

void reply_follower::answer(work& about, wanted_answer which) {
    const auto& reply = about.reply;
    const auto& texts = texts_of(reply.account);
    if (which == wanted_answer::help) about.row.helped_ms = about.now.wall_ms;
    if (which == wanted_answer::closed) about.row.told_closed_ms = about.now.wall_ms;
    phone_address sender{reply.destination.ton, reply.destination.npi, reply.destination.digits};
    if (!texts.sender.empty()) {
        sender = {0, 0, std::string(without_plus(texts.sender))};
        const bool is_number =
            std::ranges::all_of(sender.digits, [](char c) { return c >= '0' && c <= '9'; });
        if (is_number)
            label_sender(sender);
        else
            sender.ton = ton::alphanumeric;
    }
    const bool is_international = reply.contact.starts_with('+');
    const bool is_confirmation = which == wanted_answer::stop || which == wanted_answer::stop_one;
    store::batch rows;
    const auto& keys = gate_.keys().of(reply.account, rows);
    const auto sealed = seal_words(
        keys, {table::answers.number, reply.event, 0},
        {reply.phone, sender.digits,
         answer_text(texts, which, reply.said.language, reply.stopped_debt), reply.contact});
    flatbuffers::FlatBufferBuilder fb;
    const auto words = octets_in(fb, sealed);
    const auto by_ms = is_confirmation && gate_.confirms_at_once(reply.account)
                           ? reply.at_ms + at_once_ms
                           : std::int64_t{0};
    fb.Finish(record::CreateAnswer(fb, reply.account, kind_of(which), reply.at_ms, by_ms,
                                   is_international ? ton::international : reply.source.ton,
                                   is_international ? npi::isdn : reply.source.npi, sender.ton,
                                   sender.npi, words));
    rows.put(table::answers, id_key(reply.event), octets_of(fb));
    engine_.keep(rows, next_ticket(), about.now);
    about.done.emplace_back(is_confirmation ? "confirmation" : "answer");
}

void reply_follower::tell(work& about) {
    const auto& reply = about.reply;
    auto json = reply.said_json.substr(0, reply.said_json.size() - 1);
    json += fmt::format(",\"contact\":{},\"conversation\":\"{}\"", quoted(reply.contact),
                        digest_text(about.name));
    if (!reply.debtor.empty()) json += fmt::format(",\"debtor\":{}", quoted(reply.debtor));
    if (!reply.debt.empty()) json += fmt::format(",\"debt\":{}", quoted(reply.debt));
    json += ",\"followed\":[";
    for (const auto& each : about.done) {
        if (json.back() == '"') json.push_back(',');
        json += quoted(each);
    }
    json += "]}";
    reply_read_event event;
    event.at_ms = reply.at_ms;
    event.reply = reply.event;
    event.source = {reply.source.ton, reply.source.npi, reply.source.digits};
    event.destination = {reply.destination.ton, reply.destination.npi, reply.destination.digits};
    event.text = reply.text;
    event.read = json;
    engine_.tell(about.account, event, about.now);
}

}  // namespace hikyaku::gateway::dunning
