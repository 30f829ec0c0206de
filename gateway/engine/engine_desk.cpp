// What the engine does for the desk: rows of other domains in its batches, and the end of what is
// queued for somebody.
#include "gateway/engine/engine_impl.hpp"

namespace hikyaku::gateway {

refusal engine::refuses_changes() const {
    return impl_->submissions_.refuse_now();
}

void engine::keep(const store::batch& rows, reply_ticket ticket, instant now) {
    impl_->context_.this_turn.set_now(now);
    auto& pending = impl_->context_.changes.must_keep();
    pending.rows().append(rows);
    pending.then(after::kept{ticket});
}

void engine::tell(account_id account, const reply_read_event& what, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->delivery_.tell(account, what);
}

withdrawal engine::withdraw(const withdrawn_party& whose, instant now) {
    impl_->context_.this_turn.set_now(now);
    return impl_->withdrawals_.begin(whose);
}

void engine::withdraw_from(const withdrawn_party& whose, std::int64_t from_ms, instant now) {
    impl_->context_.this_turn.set_now(now);
    impl_->withdrawals_.order(whose, from_ms);
}

}  // namespace hikyaku::gateway
