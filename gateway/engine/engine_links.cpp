// Tracked links: looking a code up for the redirector, and storing hits with their counters. A hit
// goes into the hit log first, because its answer does not wait for the commit.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/links/classify.hpp"
#include "store/environment.hpp"
#include "store/key.hpp"

namespace hikyaku::gateway {

using store::table;
namespace record = store::record;

namespace {

constexpr std::string_view stored_name = "hits_stored";  // in table meta: sequence of the hit log
constexpr std::size_t logged_head_octets = 10;           // time and length of the code
constexpr std::size_t user_agent_octets_max = 256;
constexpr std::uint32_t hits_stored_max = 1000;  // of one message, one by one; then only counted

std::string_view finished(const flatbuffers::FlatBufferBuilder& builder) {
    return {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()};
}

std::optional<stored_link> read_link(store::environment& environment, std::string_view code) {
    const auto snapshot = environment.read();
    const auto value = snapshot.get(table::links, store::link_key(code));
    store::record_reader reader;
    const auto* link = value ? reader.read<record::Link>(*value) : nullptr;
    if (link == nullptr) {
        return std::nullopt;
    }
    return stored_link{
        link->account(),
        {message_id{link->message()}, link->target()->str(), link->created(), link->expires()}};
}

struct told_message {
    std::string reference;
    phone_address destination;
};

// What the event of a hit says about its message; empty once retention has removed that.
std::optional<told_message> read_message(store::environment& environment, message_id id) {
    const auto snapshot = environment.read();
    const auto value =
        snapshot.get(table::messages, store::message_key(static_cast<std::uint64_t>(id)));
    store::record_reader reader;
    const auto* message = value ? reader.read<record::Message>(*value) : nullptr;
    if (message == nullptr) {
        return std::nullopt;
    }
    const auto* to = message->destination();
    return told_message{message->reference() == nullptr ? "" : message->reference()->str(),
                        {to->ton(), to->npi(), to->digits()->str()}};
}

}  // namespace

std::optional<link_view> engine::find_link(std::string_view code) const {
    auto found = read_link(impl_->environment_, code);
    return found ? std::optional(std::move(found->view)) : std::nullopt;
}

hit_counters& engine::impl::counters_of(message_id message) {
    const auto known = hit_counters_.find(message);
    if (known != hit_counters_.end()) {
        return known->second;
    }
    auto& counters = hit_counters_[message];
    const auto snapshot = environment_.read();
    const auto value =
        snapshot.get(table::hit_counts, store::message_key(static_cast<std::uint64_t>(message)));
    store::record_reader reader;
    if (const auto* stored = value ? reader.read<record::HitCounts>(*value) : nullptr) {
        counters.total = stored->total();
        counters.first_human_ms = stored->first_human();
        const auto* classes = stored->by_class();
        for (std::size_t i = 0;
             classes != nullptr && i < counters.by_class.size() && i < classes->size(); ++i) {
            counters.by_class[i] = classes->Get(static_cast<flatbuffers::uoffset_t>(i));
        }
    }
    return counters;
}

std::uint64_t engine::impl::hits_stored() const {
    const auto snapshot = environment_.read();
    const auto value = snapshot.get(table::meta, stored_name);
    return value ? store::parse_meta_value(*value).value_or(0) : 0;
}

void engine::impl::recover_hits() {
    hit_log_.take_found([this](std::uint64_t sequence, std::string_view bytes) {
        store::key_reader head(bytes);
        const auto at = head.i64();
        const auto code = head.bytes(head.u16());
        const auto octets = bytes.substr(head.ok() ? logged_head_octets + code.size() : 0);
        store::record_reader reader;
        const auto* hit = head.ok() ? reader.read<record::Hit>(octets) : nullptr;
        const auto link = hit == nullptr ? std::nullopt : read_link(environment_, code);
        if (!link) {
            return;
        }
        const auto text = [](const flatbuffers::String* value) {
            return value == nullptr ? std::string_view{} : value->string_view();
        };
        const hit_facts facts{code,
                              hit->hit_class(),
                              hit->reasons(),
                              text(hit->method()),
                              text(hit->network()),
                              text(hit->user_agent())};
        count_hit(facts, octets, *link, at, sequence);
    });
}

void engine::impl::on_hit(const hit_facts& hit) {
    if (hits_pending_ >= settings_.links.hits_pending_max) {
        ++count_.hits_lost;
        return;
    }
    const auto link = read_link(environment_, hit.code);
    if (!link) {
        return;
    }
    auto& fb = builder_;
    fb.Clear();
    const auto user_agent = hit.user_agent.substr(0, user_agent_octets_max);
    const auto method = fb.CreateString(hit.method.data(), hit.method.size());
    const auto network = fb.CreateString(hit.network.data(), hit.network.size());
    const auto agent = fb.CreateString(user_agent.data(), user_agent.size());
    fb.Finish(record::CreateHit(fb, hit.hit_class, hit.reasons, method, network, agent));
    // What the hit log keeps: time, octets of the code, the code, the record.
    store::key head;
    const auto code = hit.code.substr(0, store::key_text_max);
    head.i64(now_.wall_ms).u16(static_cast<std::uint16_t>(code.size())).bytes(code);
    logged_.assign(head.view());
    logged_.append(finished(fb));
    const auto sequence =
        logged_.size() > store::hit_log::record_bytes_max ? 0 : hit_log_.append(logged_);
    count_hit(hit, std::string_view(logged_).substr(head.size()), *link, now_.wall_ms, sequence);
}

/// `octets` are the hit as it is stored, `sequence` that of the hit log, or 0.
void engine::impl::count_hit(const hit_facts& hit, std::string_view octets, const stored_link& link,
                             std::int64_t at_ms, std::uint64_t sequence) {
    ++count_.hits;
    const auto message = link.view.message;
    auto& fb = builder_;
    auto& pending = state();
    auto& counters = counters_of(message);
    ++counters.total;
    ++counters.by_class[std::min<std::size_t>(hit.hit_class, counters.by_class.size() - 1)];
    const bool human = hit.hit_class == static_cast<std::uint8_t>(links::hit_class::human_likely);
    if (human && counters.first_human_ms == 0) {
        counters.first_human_ms = at_ms;
    }
    // Beyond a bound somebody plays with the link: the store must not grow with each request.
    const bool kept = counters.total <= hits_stored_max;
    if (kept) {
        pending.batch->put(table::hits, store::hit_key(at_ms, hit.code, ids_.next(now_.wall_ms)),
                           octets);
    }
    fb.Clear();
    fb.Finish(record::CreateHitCounts(
        fb, counters.total, fb.CreateVector(counters.by_class.data(), counters.by_class.size()),
        counters.first_human_ms));
    pending.batch->put(table::hit_counts, store::message_key(static_cast<std::uint64_t>(message)),
                       finished(fb));
    ++counters.pins;
    ++hits_pending_;
    hits_logged_ = std::max(hits_logged_, sequence);
    pending.then.push_back(
        {after::hit_counted, 0, static_cast<std::uint64_t>(message), sequence, {}});
    if (kept) {
        emit_hit(hit, link, at_ms);
    }
}

/// Behind the hits of the state batch: up to where the log is stored with it.
void engine::impl::note_logged_hits() {
    if (hits_logged_ > 0) {
        state().batch->put(table::meta, stored_name, store::meta_value(hits_logged_));
        hits_logged_ = 0;
    }
}

void engine::impl::emit_hit(const hit_facts& hit, const stored_link& link, std::int64_t at_ms) {
    auto& fb = builder_;
    const auto message = link.view.message;
    const auto account = account_by_number_.find(link.account);
    const auto endpoint = account == account_by_number_.end()
                              ? std::nullopt
                              : webhook_for(accounts_[account->second], "hit");
    if (!endpoint) {
        return;
    }
    fb.Clear();
    const auto code = fb.CreateString(hit.code.data(), hit.code.size());
    const auto target = fb.CreateString(link.view.target);
    const auto user_agent = hit.user_agent.substr(0, user_agent_octets_max);
    const auto agent = fb.CreateString(user_agent.data(), user_agent.size());
    flatbuffers::Offset<flatbuffers::String> reference;
    flatbuffers::Offset<record::Address> destination;
    if (const auto about = read_message(environment_, message)) {
        const auto& to = about->destination;
        reference = fb.CreateString(about->reference);
        destination = record::CreateAddress(fb, to.ton, to.npi, fb.CreateString(to.digits));
    }
    record::EventBuilder event(fb);
    event.add_kind(EventKind::hit);
    event.add_at(at_ms);
    event.add_message(static_cast<std::uint64_t>(message));
    event.add_reference(reference);
    event.add_destination(destination);
    event.add_link(code);
    event.add_target(target);
    event.add_hit_class(hit.hit_class);
    event.add_hit_reasons(hit.reasons);
    event.add_user_agent(agent);
    put_event(*endpoint, event.Finish());
}

}  // namespace hikyaku::gateway
