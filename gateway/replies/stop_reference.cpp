#include "gateway/replies/stop_reference.hpp"

#include <unicode/regex.h>

#include <memory>

#include "gateway/replies/normal_text.hpp"

namespace hikyaku::gateway::replies {
namespace {

constexpr std::size_t reference_octets_max = 64;  // of a message and a debt

const icu::RegexPattern& stop_pattern() {
    static const std::unique_ptr<icu::RegexPattern> made = [] {
        UErrorCode fault = U_ZERO_ERROR;
        UParseError where;
        return std::unique_ptr<icu::RegexPattern>(icu::RegexPattern::compile(
            icu::UnicodeString(
                u"^(?:please |pls )?(?:stop|unsubscribe|cancel|end|quit|revoke|opt ?-?out|停止|"
                u"配信停止|送信停止|中止|解除|ストップ)(?:[ :,]*(?:for|about|the|my|debt|ref|"
                u"reference|no\\.?|number|account|acct|invoice|番号|管理番号|契約番号))*[ :,#]*"
                u"((?=[^ ]*\\d)[\\w./:-]{0,63}\\w)(?: please| pls)?[ .!。]*$"),
            where, fault));
    }();
    return *made;
}

}  // namespace

std::string reference_after_stop(std::string_view text) {
    UErrorCode fault = U_ZERO_ERROR;
    const auto whole = normal_text(text, false);
    const std::unique_ptr<icu::RegexMatcher> matcher(stop_pattern().matcher(whole, fault));
    if (U_FAILURE(fault)) return {};
    matcher->setTimeLimit(20, fault);
    if (!matcher->find(fault) || U_FAILURE(fault)) return {};
    std::string made;
    matcher->group(1, fault).toUTF8String(made);
    return U_FAILURE(fault) || made.size() > reference_octets_max ? std::string() : made;
}

std::string comparable_reference(std::string_view reference) {
    std::string made;
    normal_text(reference, false).toUTF8String(made);
    return made;
}

}  // namespace hikyaku::gateway::replies
