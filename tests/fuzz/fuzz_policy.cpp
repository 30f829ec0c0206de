// What strangers and operators write for the gate: a question as JSON (first octet even) and a
// policy pack as TOML (odd). Whatever comes is read or refused; what is read is decided without a
// crash, and the decision keeps its promises.
#include <algorithm>
#include <cassert>
#include <string>
#include <string_view>

#include "config/policy.hpp"
#include "gateway/api/policy/evaluate.hpp"
#include "gateway/gate/compile.hpp"
#include "gateway/gate/decide.hpp"
#include "tests/fuzz/fuzz_input.hpp"

namespace hikyaku::gateway {
namespace {

gate::zone_book& book() {
    static gate::zone_book made;
    return made;
}

void ask(std::string_view question) {
    const auto answer =
        api::evaluate_policy_text(question, {config::shipped_packs(), nullptr, book()});
    if (!answer) return;
    const std::string_view said = answer->at("decision").get_string();
    assert(said == "allow" || said == "delay" || said == "block" || said == "require");
    assert(answer->at("until").is_null() == (said != "delay"));
    assert(answer->at("reasons").get_array().empty() == (said == "allow"));
}

void read_pack(std::string_view text) {
    const auto pack = config::parse_policy_pack(text, "a", "a.toml", {});
    if (!pack) return;
    const gate::policy rules = gate::compile(*pack);
    gate::facts about;
    about.now_ms = 1'796'000'000'000;
    about.number = "819012345678";
    const auto made = gate::decide(about, rules, book());
    assert(made.says != gate::outcome::allow || made.deliver_by_ms > about.now_ms);
    assert(made.says != gate::outcome::delay || made.until_ms > about.now_ms);
    (void)gate::explain(made, about, rules, book());
}

}  // namespace
}  // namespace hikyaku::gateway

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    hikyaku::fuzz::fuzz_input input(data, size);
    const bool question = input.u8() % 2 == 0;
    const auto rest = input.rest();
    const std::string text(rest.begin(), rest.end());
    if (question)
        hikyaku::gateway::ask(text);
    else
        hikyaku::gateway::read_pack(text);
    return 0;
}
