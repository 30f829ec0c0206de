#include "gateway/dunning/answers/what_follows.hpp"

#include <algorithm>
#include <array>

namespace hikyaku::gateway::dunning {
namespace {

using gate::hold_kind;
using replies::intent;
using where = wanted_hold::on;

constexpr std::int64_t promise_ahead_ms = std::int64_t{31} * 86'400'000;

/// What a person looks at first.
constexpr std::array by_weight{intent::death,        intent::representation, intent::insolvency,
                               intent::wrong_person, intent::dispute,        intent::complaint,
                               intent::abuse,        intent::hardship,       intent::stop,
                               intent::plan_request, intent::callback,       intent::question,
                               intent::paid,         intent::promise,        intent::start,
                               intent::help,         intent::unclear};

std::size_t weight_of(intent what) {
    return static_cast<std::size_t>(std::ranges::find(by_weight, what) - by_weight.begin());
}

class decider {
public:
    decider(const replies::reading& said, const reply_facts& known) : said_(said), known_(known) {}

    following run() {
        for (const auto& each : said_.intents)
            follow(each, known_.is_readable && each.confidence >= sure_confidence);
        if (said_.says == replies::decision::person && !made_.task) want_person(intent::unclear);
        if (made_.answer == wanted_answer::help && said_.intents.size() > 1)
            made_.answer = wanted_answer::none;
        if (known_.is_closed) look_at_closed();
        return std::move(made_);
    }

private:
    void want_person(intent why) {
        if (!made_.task || weight_of(why) < weight_of(*made_.task)) made_.task = why;
    }
    void hold(hold_kind kind, where on, bool is_sure, std::int64_t until_ms = gate::never_ms) {
        made_.holds.push_back({kind, on, until_ms, !is_sure});
    }
    /// Until a person has looked, sure or not.
    void hold_in_any_case(hold_kind kind, intent why, bool is_sure) {
        hold(kind, where::contact_and_debtor, is_sure);
        want_person(why);
    }
    void hold_if_sure(hold_kind kind, intent why, bool is_sure) {
        if (is_sure) hold(kind, where::contact_and_debtor, true);
        want_person(why);
    }

    void follow(const replies::read_intent& each, bool is_sure) {
        switch (each.what) {
            case intent::stop:
                return stop(is_sure);
            case intent::start:
                return start(is_sure);
            case intent::help:
                return help(is_sure);
            case intent::promise:
                return promise(is_sure && !each.dates.empty());
            case intent::dispute:
                return hold_in_any_case(hold_kind::dispute, each.what, is_sure);
            case intent::representation:
                return hold_in_any_case(hold_kind::representation, each.what, is_sure);
            case intent::insolvency:
                return hold_in_any_case(hold_kind::insolvency, each.what, is_sure);
            case intent::death:
                return hold_in_any_case(hold_kind::death, each.what, is_sure);
            case intent::hardship:
                return hold_if_sure(hold_kind::hardship, each.what, is_sure);
            case intent::complaint:
                return hold_if_sure(hold_kind::complaint, each.what, is_sure);
            case intent::wrong_person:
                made_.suppresses_all = made_.suppresses_all || is_sure;
                hold(hold_kind::wrong_person, where::contact, is_sure);
                return want_person(each.what);
            case intent::paid:
            case intent::plan_request:
            case intent::callback:
            case intent::question:
            case intent::abuse:
            case intent::unclear:
                return want_person(each.what);
        }
    }

    void stop(bool is_sure) {
        if (!is_sure) {
            hold(hold_kind::opt_out, where::contact, false);
            want_person(intent::stop);
        } else if (known_.is_of_one_debt) {
            if (known_.is_stopped || known_.is_debt_stopped) return;
            hold(hold_kind::opt_out, where::debt, true);
            made_.answer = wanted_answer::stop_one;
        } else if (!known_.is_stopped) {
            made_.stops = true;
            made_.answer = wanted_answer::stop;
        }
    }

    void start(bool is_sure) {
        const bool says_stop = std::ranges::any_of(
            said_.intents, [](const auto& each) { return each.what == intent::stop; });
        if (!is_sure || says_stop || said_.says == replies::decision::person)
            want_person(intent::start);
        else
            made_.starts = true;
    }

    void help(bool is_sure) {
        if (is_sure && known_.may_help && said_.says == replies::decision::act && !known_.is_closed)
            made_.answer = wanted_answer::help;
        else
            want_person(intent::help);
    }

    void promise(bool is_sure) {
        const bool is_ahead = known_.promised_ms > known_.now_ms;
        if (is_sure && is_ahead)
            hold(hold_kind::promise, where::contact_and_debtor, true, known_.promised_ms);
        if (!is_sure || !is_ahead || known_.promised_ms > known_.now_ms + promise_ahead_ms)
            want_person(intent::promise);
    }

    /// Whoever has nothing to say that counts is told that it is closed; anything else opens it.
    void look_at_closed() {
        const bool says_little = made_.holds.empty() && !made_.stops && !made_.starts &&
                                 !made_.suppresses_all && made_.answer == wanted_answer::none;
        if (says_little && known_.may_tell_closed) {
            made_.task.reset();
            made_.answer = wanted_answer::closed;
        } else {
            made_.reopens = made_.task.has_value();
        }
    }

    const replies::reading& said_;
    const reply_facts& known_;
    following made_;
};

}  // namespace

following what_follows(const replies::reading& said, const reply_facts& known) {
    return decider(said, known).run();
}

std::string_view work_for(replies::intent why) {
    switch (why) {
        case intent::stop:
            return "look whether a stop is meant: suppress the contact point, or lift the hold";
        case intent::start:
            return "look whether messages are wanted again";
        case intent::help:
            return "answer: help is asked for";
        case intent::paid:
            return "look whether the payment has come";
        case intent::promise:
            return "look what is promised, and until when";
        case intent::plan_request:
            return "answer: instalments or more time are asked for";
        case intent::dispute:
            return "look into the dispute, and lift the hold when the matter is settled";
        case intent::wrong_person:
            return "look whose number it is";
        case intent::representation:
            return "find out who represents the debtor, and write to them alone";
        case intent::insolvency:
            return "find out about the proceedings";
        case intent::death:
            return "find out who is to be addressed now";
        case intent::hardship:
            return "look what can be offered";
        case intent::callback:
            return "call back";
        case intent::question:
            return "answer the question";
        case intent::complaint:
            return "answer the complaint";
        case intent::abuse:
        case intent::unclear:
            break;
    }
    return "read the reply";
}

}  // namespace hikyaku::gateway::dunning
