#include "gateway/dunning/seal/chain.hpp"

#include <sodium.h>

#include "store/key.hpp"

namespace hikyaku::gateway::dunning {

digest_octets chain_hash(const account_secret& by, const digest_octets& previous,
                         const chained_event& event) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, by.chain.data(), by.chain.size(), sizeof(digest_octets));
    crypto_generichash_update(&state, previous.data(), previous.size());
    const auto head = store::key{}
                          .u64(event.id)
                          .u32(event.account)
                          .u64(event.number)
                          .i64(event.at_ms)
                          .u8(event.kind)
                          .u64(event.subject);
    const auto add = [&state](std::string_view octets) {
        crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(octets.data()),
                                  octets.size());
    };
    add(head.view());
    add(event.sealed);  // the last and the only one without a fixed length
    digest_octets made;
    crypto_generichash_final(&state, made.data(), made.size());
    return made;
}

}  // namespace hikyaku::gateway::dunning
