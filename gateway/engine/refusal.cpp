#include "gateway/engine/refusal.hpp"

#include <array>
#include <cassert>

namespace hikyaku::gateway {
namespace {

using smpp::command_status;

struct row {
    refusal why;
    command_status status;
    std::string_view code;
};

constexpr std::array<row, refusal_count> table{{
    {refusal::none, command_status::esme_rok, "none"},
    {refusal::source_invalid, command_status::esme_rinvsrcadr, "source_invalid"},
    {refusal::source_not_allowed, command_status::esme_rinvsrcadr, "source_not_allowed"},
    {refusal::destination_invalid, command_status::esme_rinvdstadr, "destination_invalid"},
    {refusal::text_invalid, command_status::esme_rsubmitfail, "text_invalid"},
    {refusal::text_too_long, command_status::esme_rinvmsglen, "text_too_long"},
    {refusal::data_coding_invalid, command_status::esme_rinvdcs, "data_coding_invalid"},
    {refusal::esm_class_invalid, command_status::esme_rinvesmclass, "esm_class_invalid"},
    {refusal::schedule_invalid, command_status::esme_rinvsched, "schedule_invalid"},
    {refusal::validity_invalid, command_status::esme_rinvexpiry, "validity_invalid"},
    {refusal::priority_invalid, command_status::esme_rinvprtflg, "priority_invalid"},
    {refusal::registered_delivery_invalid, command_status::esme_rinvregdlvflg,
     "registered_delivery_invalid"},
    {refusal::link_invalid, command_status::esme_rsubmitfail, "link_invalid"},
    // For the application the number cannot be reached, and trying again will not change that.
    {refusal::no_route, command_status::esme_rinvdstadr, "no_route"},
    {refusal::rate_exceeded, command_status::esme_rthrottled, "rate_exceeded"},
    {refusal::queue_full, command_status::esme_rmsgqful, "queue_full"},
    {refusal::store_busy, command_status::esme_rmsgqful, "store_busy"},
    {refusal::store_failing, command_status::esme_rsyserr, "store_failing"},
    {refusal::shutting_down, command_status::esme_rsyserr, "shutting_down"},
    {refusal::not_found, command_status::esme_rinvmsgid, "not_found"},
    {refusal::not_cancellable, command_status::esme_rcancelfail, "not_cancellable"},
    {refusal::tlv_missing, command_status::esme_rmissingtlv, "tlv_missing"},
    {refusal::source_unwritable, command_status::esme_rinvsrcadr, "source_unwritable"},
    {refusal::destination_unwritable, command_status::esme_rinvdstadr, "destination_unwritable"},
    {refusal::unsupported, command_status::esme_rsubmitfail, "unsupported"},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < table.size(); ++i)
        if (static_cast<std::size_t>(table[i].why) != i) return false;
    return true;
}
static_assert(in_order(), "the table is indexed by refusal");

const row& row_of(refusal why) {
    const auto index = static_cast<std::size_t>(why);
    assert(index < table.size());
    return table[index];
}

}  // namespace

smpp::command_status status_of(refusal why) {
    return row_of(why).status;
}

std::string_view code_of(refusal why) {
    return row_of(why).code;
}

}  // namespace hikyaku::gateway
