// The engine's calls about tracked links, hits, what makes one a person's, hits of before by other
// lists, and what is announced of accounts.
#include <algorithm>

#include "gateway/engine/engine_impl.hpp"
#include "gateway/links/hit_lists.hpp"

namespace hikyaku::gateway {

std::optional<link_view> engine::find_link(std::string_view code) const {
    return impl_->hits_.find_link(code);
}

void engine::on_hit(const hit_facts& hit, const link_view& link, instant now) {
    impl_->context_.this_turn.set_now(now);
    const auto told = impl_->hits_.on_hit(hit, link);
    impl_->tell_hit(hit, link, impl_->context_.this_turn.now.wall_ms, told);
}

std::uint32_t engine::on_asset(const visitor& who, const link_view& link, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->hits_.raise(who, link, false);
}

void engine::on_seen(const visitor& who, const link_view& link, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->hits_.raise(who, link, true);
    const auto at_ms = impl_->context_.this_turn.now.wall_ms;
    if (link.expires_ms <= at_ms || impl_->hits_.seen_at(link, who.code)) return;
    impl_->hits_.put_seen(link, who.code, at_ms, model::record::SeenBy::page);
    impl_->tell_seen(who.code, link, at_ms);
}

seen_answer engine::tell_seen(account_id account, std::string_view code, std::int64_t at_ms,
                              reply_ticket ticket, instant now) {
    impl_->context_.this_turn.set_now(now);
    const auto link = find_link(code);
    const auto wall_ms = impl_->context_.this_turn.now.wall_ms;
    if (!link || link->account != account || link->expires_ms <= wall_ms)
        return {refusal::not_found};
    if (const auto why = refuses_changes(); why != refusal::none) return {why};
    seen_answer answer{refusal::none, std::clamp(at_ms, link->created_ms, wall_ms)};
    if (const auto before = impl_->hits_.seen_at(*link, code)) {
        answer.at_ms = *before;
    } else {
        impl_->hits_.put_seen(*link, code, answer.at_ms, model::record::SeenBy::target);
        impl_->tell_seen(code, *link, answer.at_ms);
    }
    impl_->context_.changes.must_keep().then(after::kept{ticket});
    return answer;
}

void engine::use_hit_lists(std::shared_ptr<const links::hit_lists> lists, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->reclassifier_.use(std::move(lists));
}

void engine::begin_reclassification(instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->reclassifier_.begin();
}

reclassification_view engine::reclassification() const {
    return impl_->reclassifier_.view();
}

std::optional<link_view> engine::find_link_at(std::string_view host, std::string_view code) const {
    return impl_->hits_.find_link_at(host, code);
}

std::uint64_t engine::hits_taken() const {
    return impl_->hits_.taken_to();
}

std::uint64_t engine::hits_safe() const {
    return impl_->hits_.safe_to();
}

announcement engine::announced(account_id account) const {
    return impl_->used_names_.announced(account);
}

std::vector<announcement> engine::announced_at(std::string_view host) const {
    return impl_->used_names_.announced_at(host);
}

std::optional<account_id> engine::domain_owner(std::string_view host) const {
    return impl_->used_names_.owner_of(host);
}

void engine::on_hits_synced(std::uint64_t sequence) {
    impl_->hits_.on_synced(sequence);
}

}  // namespace hikyaku::gateway
