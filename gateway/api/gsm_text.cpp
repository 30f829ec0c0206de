#include "gateway/api/gsm_text.hpp"

#include "smpp/text/gsm.hpp"
#include "smpp/text/transliterate.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {

bool fits_gsm(std::string_view utf8) {
    for (std::size_t at = 0; at < utf8.size();) {
        const auto [character, bytes] = smpp::text::decode_utf8(utf8, at);
        if (smpp::text::gsm_septets(character) == 0) return false;
        at += bytes;
    }
    return true;
}

std::string forced_into_gsm(const std::string& utf8, const config::account& account) {
    if (fits_gsm(utf8)) return utf8;
    const auto how = static_cast<smpp::text::transliteration>(account.transliteration);
    const std::string given = account.transliteration == config::transliteration::off
                                  ? utf8
                                  : smpp::text::transliterate(utf8, how).text;
    std::string out;
    for (std::size_t at = 0; at < given.size();) {
        const auto [character, bytes] = smpp::text::decode_utf8(given, at);
        if (smpp::text::gsm_septets(character) == 0)
            out.push_back('?');
        else
            out.append(given, at, bytes);
        at += bytes;
    }
    return out;
}

}  // namespace hikyaku::gateway::api
