#include "gateway/dunning/policy_gate.hpp"

#include <algorithm>

#include "gateway/dunning/octets.hpp"
#include "gateway/dunning/seal/words.hpp"
#include "gateway/dunning/seen_values.hpp"
#include "gateway/engine/submission/numbers.hpp"
#include "gateway/gate/compile.hpp"

namespace hikyaku::gateway::dunning {
namespace {

using model::party_scope;

// Until the next attempt of a message counts as another contact: what a carrier refuses and is
// tried again at once is one.
constexpr std::int64_t repeated_within_ms = 60 * 1000;
/// Until the timeline tells of it again.
constexpr std::int64_t told_again_after_ms = 3600 * 1000;

/// The greatest id in the tables that have theirs from one source.
std::uint64_t last_id(const store::snapshot& from) {
    std::uint64_t last = 0;
    const auto look = [&](const auto& which) {
        if (const auto entry = from.last(which))
            last = std::max(last, id_key::parse(entry->key).value_or(0));
    };
    look(table::holds);
    look(table::contacts);
    look(table::timeline);
    look(table::tasks);
    look(table::intake);
    return last;
}

}  // namespace

policy_gate::policy_gate(store::environment& store, std::uint32_t node)
    : store_(store), ids_(node, last_id(store.read())) {}

bool policy_gate::load(const secret_octets& master) {
    const auto from = store_.read();
    stops_.load(from);
    any_stop_ = !stops_.empty();
    return keys_.load(master, from);
}

const store::snapshot& policy_gate::view() {
    if (!view_) view_.emplace(store_.read());
    return *view_;
}

gate_verdict policy_gate::ask(const gate_question& about) {
    collect(about);
    judge(facts_, rules_for(about), zones_, judged_as_);
    judged_ = about.message;
    if (judged_as_.is_shadow) return gate_allow{};
    switch (judged_as_.says) {
        case gate::outcome::block:
            return gate_block{judged_as_.reasons.front().rule};
        case gate::outcome::require:
            return gate_require{{judged_as_.fields.begin(), judged_as_.fields.end()}};
        case gate::outcome::delay:
            if (history_.is_provisional())  // another that keeps it back may still not go
                judged_as_.until_ms =
                    std::min(judged_as_.until_ms, about.now_ms + repeated_within_ms);
            return gate_delay{judged_as_.until_ms};
        case gate::outcome::allow:
            break;
    }
    return gate_allow{judged_as_.deliver_by_ms};
}

const gate::policy* policy_gate::rules_for(const gate_question& about) const {
    // Of what is under way already the times stand: only holds, suppressions and stops end it.
    if (about.begun) return nullptr;
    const auto& of_accounts = about.record.confirms_stop() ? confirming_ : policies_;
    const auto known = of_accounts.find(about.record.account());
    return known == of_accounts.end() ? nullptr : &known->second;
}

void policy_gate::collect(const gate_question& about) {
    const auto& record = about.record;
    facts_ = {};
    facts_.why = record.purpose();
    facts_.now_ms = about.now_ms;
    facts_.expires_ms = about.expires_ms;
    facts_.carrier_retry_ms = about.carrier_retry_ms;
    facts_.carrier_keeps_validity = about.carrier_keeps_validity;
    collect_number(*record.destination());
    if (record.debtor() != nullptr) facts_.debtor = record.debtor()->string_view();
    collect_contact(record);
    facts_.stopped = !stops_.empty() && stops_.stops(record.account(), record.purpose());
    facts_.unconfirmed = unconfirmed_;
    hold_facts_.clear();
    contact_facts_.clear();
    consent_facts_.clear();
    // Without keys nothing about anybody has been written for the account.
    if (const auto* keys = keys_.find(record.account())) {
        const parties whose(record, *keys);
        // The confirmation of a stop passes what it confirms, once.
        if (!record.confirms_stop()) {
            collect_holds(about, whose.all(), *keys);
            collect_suppressed(record.account(), whose.all());
        }
        history_.find(view(), about.message, whose.all(), about.now_ms, contact_facts_);
        if (!about.begun) collect_consents(record.account(), whose.all(), *keys);
    } else {
        history_.forget_own();
    }
    facts_.holds = hold_facts_;
    facts_.history = contact_facts_;
    facts_.consents = consent_facts_;
}

/// Only an international number says where a phone is; digits without a type may be one.
void policy_gate::collect_number(const model::record::Address& to) {
    const auto type = to.ton();
    if (type != ton::international && type != ton::unknown) return;
    facts_.number = to.digits()->string_view();
    facts_.number_is_sure = type == ton::international;
}

/// What the application says of the contact point.
void policy_gate::collect_contact(const model::record::Message& record) {
    contact_zones_.clear();
    contact_tags_.clear();
    const auto append = [](const auto* from, std::vector<std::string_view>& into) {
        if (from == nullptr) return;
        for (const auto* word : *from)
            into.push_back(word->string_view());
    };
    if (record.contact() != nullptr) {
        append(record.contact()->zones(), contact_zones_);
        append(record.contact()->tags(), contact_tags_);
    }
    facts_.zones = contact_zones_;
    facts_.tags = contact_tags_;
}

void policy_gate::collect_holds(const gate_question& about, std::span<const party> whose,
                                const account_secret& keys) {
    const auto account = about.record.account();
    const auto accepted_ms = store::id_milliseconds(about.message);
    const waiting_since waits{accepted_ms, std::max(accepted_ms, about.record.not_before())};
    for (const auto& each : whose)
        holds_.find(view(), account, each, waits, about.now_ms, hold_facts_);
    holds_.find(view(), account, party_of_account(keys), waits, about.now_ms, hold_facts_);
}

void policy_gate::collect_suppressed(std::uint32_t account, std::span<const party> whose) {
    if (suppressions_.is_empty(view())) return;
    for (const auto& each : whose)
        if (each.scope == party_scope::contact)
            facts_.suppressed |= suppressions_.find(view(), {account, each.digest});
}

/// Only for those that have a rule about it; everybody else pays one look-up.
void policy_gate::collect_consents(std::uint32_t account, std::span<const party> whose,
                                   const account_secret& keys) {
    const auto rules = consent_rules_.find(account);
    if (rules == consent_rules_.end() || (rules->second.purposes & gate::set_of(facts_.why)) == 0)
        return;
    consents_.find(view(), account, whose, keys, rules->second.kinds, consent_facts_);
}

std::uint64_t policy_gate::on_handed_over(const gate_question& about, const gate_allow& as,
                                          store::batch& rows) {
    const auto& keys = keys_.of(about.record.account(), rows);  // the desk makes none
    const parties whose(about.record, keys);
    if (judged_ != about.message) {  // asked in another turn
        contact_facts_.clear();
        history_.find(view(), about.message, whose.all(), about.now_ms, contact_facts_);
    }
    const auto since_ms = about.now_ms - history_.own_ms();
    std::uint64_t number = 0;
    if (since_ms >= repeated_within_ms) {
        number = ids_.next(about.now_ms);
        history_.add(about.record, {about.message, number, since_ms < told_again_after_ms},
                     whose.all(), turn_, rows);
    }
    has_written_ = true;
    // What was decided is told with the bound; only a shadow has more to say.
    judgement allowed;
    const bool is_last = judged_ == about.message;
    if (!is_last) allowed.deliver_by_ms = as.deliver_by_ms;
    write_decision(is_last ? judged_as_ : allowed, about, as, rows);
    return number;
}

void policy_gate::on_not_handed_over(std::uint64_t hand_off, std::int64_t now_ms,
                                     store::batch& rows) {
    const auto from = store_.read();
    store::record_reader reader;
    const auto* row = from.get(table::contacts, id_key(hand_off), reader);
    if (row == nullptr) return history_.note_went(hand_off);  // it was never stored
    history_.take_back(hand_off, turn_, rows);
    auto& fb = builder_;
    fb.Clear();
    const auto when = fb.CreateString(std::to_string(store::id_milliseconds(hand_off)));
    fb.Finish(record::CreateIntake(fb, row->account(), now_ms,
                                   record::TimelineKind::not_handed_over, row->message(), when));
    rows.put(table::intake, id_key(ids_.next(now_ms)), octets_of(fb));
    has_written_ = true;
}

void policy_gate::on_withheld(const gate_question& about, const gate_verdict& why,
                              store::batch& rows) {
    if (std::holds_alternative<gate_allow>(why)) {
        judgement late;
        late.says = gate::outcome::delay;
        late.until_ms = about.now_ms;
        late.reasons.push_back({"deliver_by", "less than a second is left of the window"});
        write_decision(late, about, {}, rows);
        return;
    }
    const judgement unknown;
    const auto& made = judged_ == about.message ? judged_as_ : unknown;
    write_decision(made, about, {}, rows);
    if (made.says != gate::outcome::block && made.says != gate::outcome::require) return;
    note_in_timeline(about, record::TimelineKind::withheld,
                     made.reasons.empty() ? std::string_view{} : made.reasons.front().rule, rows);
}

/// An event about the message, which the desk finds the parties of.
void policy_gate::note_in_timeline(const gate_question& about, record::TimelineKind kind,
                                   std::string_view note, store::batch& rows) {
    (void)keys_.of(about.record.account(), rows);
    auto& fb = builder_;
    fb.Clear();
    const auto text = fb.CreateString(note.data(), note.size());
    fb.Finish(
        record::CreateIntake(fb, about.record.account(), about.now_ms, kind, about.message, text));
    rows.put(table::intake, id_key(ids_.next(about.now_ms)), octets_of(fb));
    has_written_ = true;
}

void policy_gate::on_delivered_late(const gate_question& about, std::string_view carrier,
                                    store::batch& rows) {
    note_in_timeline(about, record::TimelineKind::delivered_late, carrier, rows);
}

void policy_gate::write_decision(const judgement& made, const gate_question& about,
                                 const gate_allow& as, store::batch& rows) {
    auto& fb = builder_;
    fb.Clear();
    flatbuffers::Offset<flatbuffers::Vector<flatbuffers::Offset<record::Reason>>> reasons;
    if (!made.reasons.empty()) {
        std::vector<flatbuffers::Offset<record::Reason>> list;
        for (const auto& each : made.reasons)
            list.push_back(record::CreateReasonDirect(fb, each.rule.c_str(), each.text.c_str()));
        reasons = fb.CreateVector(list);
    }
    const auto values = made.values.empty() ? flatbuffers::Offset<flatbuffers::String>{}
                                            : fb.CreateString(values_text(made.values));
    fb.Finish(record::CreateDecision(fb, verdict_of(made.says), about.now_ms, made.until_ms,
                                     as.deliver_by_ms.value_or(0), reasons, values,
                                     made.is_shadow));
    rows.put(table::decisions, id_key(about.message), octets_of(fb));
}

/// A suppression of the number for all that asks the gate, and its event.
void policy_gate::on_opted_out(const gate_question& about, store::batch& rows) {
    const auto account = about.record.account();
    const auto phone = about.record.destination()->digits()->string_view();
    const auto& keys = keys_.of(account, rows);
    const suppression_position at{account, digest_of(keys, party_scope::contact, phone)};
    constexpr gate::purpose_set all = gate::set_of(gate::purpose::service) |
                                      gate::set_of(gate::purpose::dunning) |
                                      gate::set_of(gate::purpose::marketing);
    if (!suppressions_.is_pending(at) && suppressions_.find(store_.read(), at) == all) return;
    put_suppression(at,
                    {.contact = phone,
                     .purposes = all,
                     .at_ms = about.now_ms,
                     .source = record::SuppressionSource::carrier},
                    keys, rows);
    suppressions_.note_added(at, all);
    note_change();
    opt_outs_.emplace_back(turn_, at);
    const auto id = ids_.next(about.now_ms);
    const auto sealed = seal_words(keys, {table::intake.number, id, 0}, {phone});
    auto& fb = builder_;
    fb.Clear();
    const auto note = fb.CreateString("carrier");
    const auto words = octets_in(fb, sealed);
    fb.Finish(record::CreateIntake(fb, account, about.now_ms, record::TimelineKind::suppressed,
                                   about.message, note, words));
    rows.put(table::intake, id_key(id), octets_of(fb));
    has_written_ = true;
}

void policy_gate::forget_opt_outs(std::uint64_t turn) {
    for (; !opt_outs_.empty() && opt_outs_.front().first <= turn; opt_outs_.pop_front())
        suppressions_.note_stored(opt_outs_.front().second);
}

std::uint64_t policy_gate::end_turn() {
    view_.reset();
    judged_ = 0;
    if (!has_written_) return 0;
    has_written_ = false;
    return turn_++;
}

void policy_gate::on_forgotten(std::uint64_t message, store::batch& rows) {
    rows.erase(table::decisions, id_key(message));
}

std::size_t policy_gate::erase_old(const store::snapshot& from, std::int64_t now_ms,
                                   std::size_t limit, store::batch& rows) {
    return contact_history::erase_old(from, now_ms, limit, rows);
}

void policy_gate::take_policies(boost::unordered_flat_map<std::uint32_t, gate::policy> of_accounts,
                                const std::function<bool(std::uint32_t)>& is_known) {
    for (auto& [account, rules] : policies_)
        if (!is_known(account)) of_accounts.emplace(account, std::move(rules));
    policies_ = std::move(of_accounts);
    confirming_.clear();
    for (const auto& [account, rules] : policies_)
        confirming_.emplace(account, gate::for_confirmations(rules));
    note_consent_rules();
    note_change();
}

void policy_gate::note_consent_rules() {
    consent_rules_.clear();
    for (const auto& [account, rules] : policies_)
        for (const auto& each : rules.rules)
            if (each.kind == gate::rule_kind::consent) {
                auto& known = consent_rules_[account];
                known.purposes |= each.purposes;
                known.kinds |= each.kinds;
            }
}

void policy_gate::add_stop(const stop_row& stop) {
    stops_.add(stop);
    note_change();
    any_stop_ = true;
}

void policy_gate::remove_stop(const stop_position& of, std::uint64_t number) {
    stops_.remove(of, number);
    note_change();
    any_stop_ = !stops_.empty();
}

}  // namespace hikyaku::gateway::dunning
