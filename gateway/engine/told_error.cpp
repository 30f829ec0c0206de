#include "gateway/engine/told_error.hpp"

#include <algorithm>

#include "gateway/engine/record_values.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway {

namespace record = model::record;
using record::State;
using smpp::text::receipt_state;

void told_error::clear_error() {
    error = 0;
    error_text.clear();
    source = ErrorSource::unsaid;
    stat.clear();
    network_code.clear();
    info.clear();
}

bool error_view::says_zero() const {
    return !error_text.empty() && std::ranges::all_of(
                                      error_text, [](char digit) { return digit == '0'; });
}

bool error_view::is_told(State state) const {
    if (error != 0 || (!error_text.empty() && !says_zero())) return true;
    if (state == State::delivered || state == State::submitted || state == State::queued)
        return false;
    const bool said = !error_text.empty() || !stat.empty() || !network_code.empty();
    return source == ErrorSource::receipt ? said : source != ErrorSource::unsaid;
}

told_error refusal_error(smpp::command_status status, const refusal_words& words) {
    told_error out;
    out.error = static_cast<std::uint32_t>(status);
    out.source = words.own ? ErrorSource::gateway : ErrorSource::response;
    out.info = smpp::text::cut_utf8(words.info, status_info_octets_max);
    return out;
}

receipt_state stat_of(State state) {
    switch (state) {
        case State::delivered:
            return receipt_state::delivered;
        case State::undeliverable:
            return receipt_state::undeliverable;
        case State::expired:
            return receipt_state::expired;
        case State::rejected:
            return receipt_state::rejected;
        case State::deleted:
            return receipt_state::deleted;
        case State::unknown:
            return receipt_state::unknown;
        case State::queued:
        case State::submitted:
            break;
    }
    return receipt_state::enroute;
}

std::string_view foreign_stat(std::string_view stat, State state) {
    return stat == smpp::text::word_of(stat_of(state)) ? std::string_view{} : stat;
}

flatbuffers::Offset<record::ErrorDetails> build_details(flatbuffers::FlatBufferBuilder& fb,
                                                        const error_view& from) {
    const bool plain_success = from.stat.empty() && from.network_code.empty() &&
                               from.error_text.empty() && from.error == 0;
    if (from.source == ErrorSource::unsaid ||
        (from.source == ErrorSource::receipt && plain_success))
        return {};
    const auto text = [&fb](std::string_view value) {
        return value.empty() ? flatbuffers::Offset<flatbuffers::String>{}
                             : fb.CreateString(value.data(), value.size());
    };
    const auto stat = text(from.stat);
    const auto info = text(from.info);
    flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>> code;
    if (!from.network_code.empty()) {
        code = fb.CreateVector(reinterpret_cast<const std::uint8_t*>(from.network_code.data()),
                               from.network_code.size());
    }
    return record::CreateErrorDetails(fb, from.source, stat, code, info);
}

error_view error_in(std::uint32_t error, const flatbuffers::String* error_text,
                    const record::ErrorDetails* details) {
    error_view out;
    out.error = error;
    out.error_text = view_of(error_text);
    if (details != nullptr) {
        out.source = details->source();
        out.stat = view_of(details->stat());
        out.network_code = smpp::text::chars_of(view_of(details->network_error_code()));
        out.info = view_of(details->info());
    }
    return out;
}

void read_details(const record::ErrorDetails* stored, told_error& into) {
    if (stored == nullptr) return;
    into.source = stored->source();
    into.stat = view_of(stored->stat());
    into.network_code = smpp::text::chars_of(view_of(stored->network_error_code()));
    into.info = view_of(stored->info());
}

bool says_opted_out(const told_error& why, const std::vector<std::string>& words) {
    if (why.source == ErrorSource::gateway) return false;
    const auto is_word = [&](const std::string& word) {
        return word == why.error_text || word == why.stat || word == why.info ||
               (why.error != 0 && word == std::to_string(why.error));
    };
    if (std::ranges::any_of(words, is_word)) return true;
    constexpr std::string_view sayings[] = {"opted out", "opted-out", "optout",
                                            "opt-out",   "opt out",   "unsubscribed"};
    const auto lower = [](std::string text) {
        for (char& c : text)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        return text;
    };
    for (const auto* text : {&why.stat, &why.error_text, &why.info}) {
        if (text->size() < 6) continue;  // the shortest saying
        const auto said = lower(*text);
        for (const auto saying : sayings)
            if (said.find(saying) != std::string::npos) return true;
    }
    return false;
}

}  // namespace hikyaku::gateway
