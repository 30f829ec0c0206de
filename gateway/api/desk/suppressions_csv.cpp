#include "gateway/api/desk/suppressions_csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <string>
#include <utility>

#include "gateway/api/desk/contact_point.hpp"
#include "gateway/api/desk/csv_export.hpp"
#include "gateway/api/times.hpp"
#include "gateway/engine/submission/contact_fields.hpp"

namespace hikyaku::gateway::api {
namespace {

using dunning::suppression_view;
using dunning::record::SuppressionSource;

constexpr Purpose asked[] = {Purpose::service, Purpose::dunning, Purpose::marketing};

constexpr std::string_view suppression_columns[] = {"contact", "purposes", "purpose", "at",
                                                    "reason"};
constexpr std::size_t reason_octets_max = 1000;
constexpr std::size_t suppressions_at_once = 200;

/// Words with blanks, semicolons or bars between them; none = all. Empty: one is unknown.
std::optional<gate::purpose_set> purposes_in(std::string_view text) {
    gate::purpose_set purposes = 0;
    while (!text.empty()) {
        const auto end = text.find_first_of(" ;|");
        const auto word = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (word.empty()) continue;
        const auto purpose = gate::purpose_from(word);
        if (!purpose || *purpose == Purpose::transactional) return std::nullopt;
        purposes |= gate::set_of(*purpose);
    }
    return purposes == 0 ? every_purpose : purposes;
}

class suppression_import final : public csv_target {
public:
    suppression_import(service& gateway, dunning::protection& desk, account_id account)
        : service_(gateway), desk_(desk), account_(account) {}

    std::string take_header(const record& names) override {
        columns_.read(names);
        if (columns_.has("contact")) return {};
        return "the first line must name the columns: contact, and perhaps purposes, at and reason";
    }
    std::string take(const record& fields, instant now) override {
        suppression_view one;
        const auto contact = columns_.field(fields, "contact");
        if (const auto fault = gateway::label_fault(contact); !fault.empty())
            return fmt::format("contact {}", fault);
        one.contact = contact_point(service_.settings_of(account_), contact);
        const auto words = columns_.has("purposes") ? "purposes" : "purpose";
        const auto purposes = purposes_in(columns_.field(fields, words));
        if (!purposes) return "purposes must be of service, dunning and marketing";
        one.purposes = *purposes;
        one.at_ms = now.wall_ms;
        if (const auto at = columns_.field(fields, "at"); !at.empty()) {
            const auto time = parse_time(at);
            if (!time) return "at must be a time like 2026-04-01T09:00:00+09:00";
            one.at_ms = *time;
        }
        one.reason = columns_.field(fields, "reason");
        if (one.reason.size() > reason_octets_max) return "reason must have at most 1000 octets";
        one.source = SuppressionSource::imported;
        kept_.push_back(std::move(one));
        return {};
    }
    std::size_t kept() const override { return kept_.size(); }
    refusal write(reply_ticket ticket, instant now) override {
        const auto why = desk_.import_suppressions(account_, kept_, ticket, now);
        if (why == refusal::none) kept_.clear();
        return why;
    }

private:
    service& service_;
    dunning::protection& desk_;
    account_id account_;
    csv_columns columns_{suppression_columns};
    std::vector<suppression_view> kept_;
};

}  // namespace

gate::purpose_set purposes_of(std::uint32_t words) {
    gate::purpose_set purposes = 0;
    for (std::size_t i = 0; i < std::size(asked); ++i)
        if ((words >> i & 1U) != 0) purposes |= gate::set_of(asked[i]);
    return purposes;
}

std::vector<std::string_view> words_of(gate::purpose_set purposes) {
    std::vector<std::string_view> words;
    for (const auto each : asked)
        if ((purposes & gate::set_of(each)) != 0) words.push_back(gate::name_of(each));
    return words;
}

std::string_view word_of(SuppressionSource source) {
    switch (source) {
        case SuppressionSource::carrier:
            return "carrier";
        case SuppressionSource::imported:
            return "import";
        case SuppressionSource::reply:
            return "reply";
        case SuppressionSource::api:
            break;
    }
    return "api";
}

std::unique_ptr<csv_target> make_suppression_import(service& gateway, dunning::protection& desk,
                                                    account_id account) {
    return std::make_unique<suppression_import>(gateway, desk, account);
}

std::unique_ptr<body_source> make_suppression_export(dunning::protection& desk, account_id account,
                                                     bool safe) {
    using page = dunning::protection::suppression_page;
    const auto next = [&desk, account](std::string_view after) {
        return desk.list_suppressions(account, after, suppressions_at_once).value_or(page{});
    };
    const auto head = [](std::string& out) {
        append_csv(out, {"contact", "purposes", "at", "source", "reason"});
    };
    const auto row = [safe](std::string& out, const suppression_view& one) {
        append_csv(out,
                   {one.contact, fmt::format("{}", fmt::join(words_of(one.purposes), " ")),
                    format_time(one.at_ms), word_of(one.source), one.reason},
                   safe);
    };
    return make_csv_export<page, suppression_view>(next, head, row);
}

}  // namespace hikyaku::gateway::api
