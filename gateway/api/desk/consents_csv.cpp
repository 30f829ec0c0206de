#include "gateway/api/desk/consents_csv.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gateway/api/desk/contact_point.hpp"
#include "gateway/api/desk/csv_export.hpp"
#include "gateway/api/times.hpp"
#include "gateway/engine/submission/contact_fields.hpp"

namespace hikyaku::gateway::api {
namespace {

using dunning::consent_view;

constexpr std::string_view consent_columns[] = {"contact", "kind",   "status",
                                                "at",      "source", "recorded_by"};
constexpr std::string_view given = "given", withdrawn = "withdrawn";
constexpr std::size_t remark_octets_max = 1000;
constexpr std::size_t consents_exported_at_once = 200;

class consent_import final : public csv_target {
public:
    consent_import(service& gateway, dunning::protection& desk, account_id account)
        : service_(gateway), desk_(desk), account_(account) {}

    std::string take_header(const record& names) override {
        columns_.read(names);
        for (const auto name : {"contact", "kind", "at", "source"})
            if (!columns_.has(name))
                return "the first line must name the columns: contact, kind, at and source, and "
                       "perhaps status and recorded_by";
        return {};
    }
    std::string take(const record& fields, instant now) override {
        consent_view one;
        const auto contact = columns_.field(fields, "contact");
        if (const auto fault = gateway::label_fault(contact); !fault.empty())
            return fmt::format("contact {}", fault);
        one.contact = contact_point(service_.settings_of(account_), contact);
        const auto kind = gate::consent_kind_from(columns_.field(fields, "kind"));
        if (!kind) return "kind must be direct, texted or number_checked";
        one.kind = *kind;
        const auto status = columns_.field(fields, "status");
        if (!status.empty() && status != given && status != withdrawn)
            return "status must be given or withdrawn";
        one.is_withdrawal = status == withdrawn;
        const auto at = parse_time(columns_.field(fields, "at"));
        if (!at) return "at must be a time like 2026-04-01T09:00:00+09:00";
        if (is_in_the_future(*at, now.wall_ms)) return "at must not be in the future";
        one.at_ms = std::min(*at, now.wall_ms);
        one.source = columns_.field(fields, "source");
        one.recorded_by = columns_.field(fields, "recorded_by");
        if (one.source.empty() && !one.is_withdrawal)
            return "source must say where it is written down";
        if (std::max(one.source.size(), one.recorded_by.size()) > remark_octets_max)
            return "source and recorded_by must have at most 1000 octets";
        one.is_imported = true;
        kept_.push_back(std::move(one));
        return {};
    }
    std::size_t kept() const override { return kept_.size(); }
    refusal write(reply_ticket ticket, instant now) override {
        const auto why = desk_.record_consents(account_, kept_, ticket, now);
        if (why == refusal::none) kept_.clear();
        return why;
    }

private:
    service& service_;
    dunning::protection& desk_;
    account_id account_;
    csv_columns columns_{consent_columns};
    std::vector<consent_view> kept_;
};

}  // namespace

bool is_in_the_future(std::int64_t at_ms, std::int64_t now_ms) {
    constexpr std::int64_t clocks_differ_ms = 5 * 60 * 1000;
    return at_ms > now_ms + clocks_differ_ms;
}

std::string_view status_of(const consent_view& one) {
    return one.is_withdrawal ? withdrawn : given;
}

std::unique_ptr<csv_target> make_consent_import(service& gateway, dunning::protection& desk,
                                                account_id account) {
    return std::make_unique<consent_import>(gateway, desk, account);
}

std::unique_ptr<body_source> make_consent_export(dunning::protection& desk, account_id account,
                                                 bool safe) {
    using page = dunning::protection::consent_page;
    const auto next = [&desk, account](std::string_view after) {
        return desk.list_consents(account, after, consents_exported_at_once);
    };
    const auto head = [](std::string& out) {
        append_csv(out,
                   {"contact", "kind", "status", "at", "source", "recorded_by", "recorded_at"});
    };
    const auto row = [safe](std::string& out, const consent_view& one) {
        append_csv(out,
                   {one.contact, gate::name_of(one.kind), status_of(one), format_time(one.at_ms),
                    one.source, one.recorded_by, format_time(one.recorded_ms)},
                   safe);
    };
    return make_csv_export<page, consent_view>(next, head, row);
}

}  // namespace hikyaku::gateway::api
