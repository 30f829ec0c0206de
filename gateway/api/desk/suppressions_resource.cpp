#include "gateway/api/desk/suppressions_resource.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/desk/contact_point.hpp"
#include "gateway/api/desk/csv.hpp"
#include "gateway/api/desk/documents.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/protection.hpp"
#include "gateway/engine/submission/contact_fields.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using dunning::suppression_view;
using dunning::record::SuppressionSource;

constexpr gate::purpose_set every_purpose = gate::set_of(Purpose::service) |
                                            gate::set_of(Purpose::dunning) |
                                            gate::set_of(Purpose::marketing);
constexpr std::size_t suppressions_default = 100;
constexpr std::size_t faults_told_max = 100;
constexpr std::size_t exported_at_once = 200;
constexpr std::size_t remark_octets_max = 1000;

constexpr Purpose asked[] = {Purpose::service, Purpose::dunning, Purpose::marketing};

/// In the order of their words in the table of the document.
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
        case SuppressionSource::api:
            break;
    }
    return "api";
}

json::object to_json(const suppression_view& one) {
    json::array purposes;
    for (const auto word : words_of(one.purposes))
        purposes.emplace_back(word);
    return {{"contact", one.contact},
            {"purposes", std::move(purposes)},
            {"at", format_time(one.at_ms)},
            {"source", word_of(one.source)},
            {"reason", text_or_null(one.reason)}};
}

http_response not_suppressed() {
    return refuse(problem_code::no_such_resource, "the contact point is not suppressed");
}

/// Which column of a CSV file is what; those that are not there are npos.
struct csv_columns {
    static constexpr auto none = static_cast<std::size_t>(-1);
    std::size_t contact = none, purposes = none, at = none, reason = none;
};

/// An unknown column is of no interest; one that comes twice counts the first time.
csv_columns columns_of(const std::vector<std::string>& header) {
    csv_columns found;
    const auto note = [](std::size_t& column, std::size_t index) {
        if (column == csv_columns::none) column = index;
    };
    for (std::size_t i = 0; i < header.size(); ++i) {
        if (header[i] == "contact") note(found.contact, i);
        if (header[i] == "purposes" || header[i] == "purpose") note(found.purposes, i);
        if (header[i] == "at") note(found.at, i);
        if (header[i] == "reason") note(found.reason, i);
    }
    return found;
}

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

/// What is wrong with the record; empty = it is in `into`.
std::string read_record(const csv_columns& columns, const std::vector<std::string>& fields,
                        suppression_view& into) {
    const auto field = [&](std::size_t column) {
        return column < fields.size() ? std::string_view(fields[column]) : std::string_view();
    };
    into.contact = field(columns.contact);
    if (const auto fault = gateway::label_fault(into.contact); !fault.empty())
        return fmt::format("contact {}", fault);
    const auto purposes = purposes_in(field(columns.purposes));
    if (!purposes) return "purposes must be of service, dunning and marketing";
    into.purposes = *purposes;
    if (const auto at = field(columns.at); !at.empty()) {
        const auto time = parse_time(at);
        if (!time) return "at must be a time like 2026-04-01T09:00:00+09:00";
        into.at_ms = *time;
    }
    into.reason = field(columns.reason);
    if (into.reason.size() > remark_octets_max) return "reason must have at most 1000 octets";
    into.source = SuppressionSource::imported;
    return {};
}

/// All suppressions of an account as CSV, a few at a time.
class suppression_export final : public body_source {
public:
    suppression_export(dunning::protection& desk, account_id account)
        : desk_(desk), account_(account) {}

    source_state next(std::string& out, std::size_t room, time_point) override {
        const auto begin = out.size();
        if (!std::exchange(begun_, true))
            append_csv(out, {"contact", "purposes", "at", "source", "reason"});
        while (out.size() - begin < room) {
            if (shown_ == page_.found.size()) {
                if (is_last_) return source_state::end;
                page_ = desk_.list_suppressions(account_, page_.next, exported_at_once)
                            .value_or(dunning::protection::suppression_page{});
                is_last_ = page_.next.empty();
                shown_ = 0;
                continue;
            }
            const auto& one = page_.found[shown_++];
            append_csv(out, {one.contact, fmt::format("{}", fmt::join(words_of(one.purposes), " ")),
                             format_time(one.at_ms), word_of(one.source), one.reason});
        }
        return source_state::more;
    }

private:
    dunning::protection& desk_;
    account_id account_;
    dunning::protection::suppression_page page_;
    std::size_t shown_ = 0;  // of the page
    bool begun_ = false, is_last_ = false;
};

}  // namespace

answer suppressions_resource::post(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::suppression_body);
    if (!body) return problem_response(body.error());
    if (const auto fault = body->label_fault({"contact"})) return problem_response(*fault);
    const auto words = body->words("purposes", documents::asked_purpose);
    if (!words) return problem_response(words.error());
    suppression_view wanted;
    wanted.contact = contact_point(service_.settings_of(request.account), body->text("contact"));
    wanted.purposes = *words == 0 ? every_purpose : purposes_of(*words);
    wanted.at_ms = request.now.wall_ms;
    wanted.reason = body->text("reason");
    const auto before = desk->find_suppression(request.account, wanted.contact);
    const auto why = desk->suppress(request.account, wanted, {request.session, 0}, request.now);
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    if (before) wanted.purposes |= before->purposes;
    return waiting_.wait(request.session, json_answer(to_json(wanted), 201));
}

answer suppressions_resource::list(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto limit = request.parameters.number("limit").value_or(suppressions_default);
    const auto page =
        desk->list_suppressions(request.account, request.parameters.text("after").value_or(""),
                                static_cast<std::size_t>(limit));
    if (!page)
        return refuse(problem_code::field_invalid, "after must be what a page before has given");
    json::array found;
    for (const auto& each : page->found)
        found.push_back(to_json(each));
    json::object body{{"suppressions", std::move(found)}};
    if (!page->next.empty()) body["next"] = page->next;
    return json_answer(body);
}

answer suppressions_resource::search(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::suppression_search);
    if (!body) return problem_response(body.error());
    if (const auto fault = body->label_fault({"contact"})) return problem_response(*fault);
    const auto contact =
        contact_point(service_.settings_of(request.account), body->text("contact"));
    json::array found;
    if (const auto one = desk->find_suppression(request.account, contact))
        found.push_back(to_json(*one));
    return json_answer(json::object{{"suppressions", std::move(found)}});
}

answer suppressions_resource::remove(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::suppression_removal);
    if (!body) return problem_response(body.error());
    if (const auto fault = body->label_fault({"contact"})) return problem_response(*fault);
    const auto words = body->words("purposes", documents::asked_purpose);
    if (!words) return problem_response(words.error());
    const auto purposes = *words == 0 ? every_purpose : purposes_of(*words);
    const auto contact =
        contact_point(service_.settings_of(request.account), body->text("contact"));
    const auto why =
        desk->allow_again(request.account, contact, purposes, {request.session, 0}, request.now);
    if (why == refusal::not_found) return not_suppressed();
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    return waiting_.wait(request.session,
                         json_answer(json::object{{"contact", contact}, {"status", "removed"}}));
}

answer suppressions_resource::import(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    csv_reader reader(request.http.body);
    std::vector<std::string> fields;
    const bool has_header = reader.next(fields) && !reader.is_faulty();
    const auto columns = has_header ? columns_of(fields) : csv_columns{};
    if (columns.contact == csv_columns::none)
        return refuse(problem_code::body_invalid,
                      "the first line must name the columns: contact, and perhaps purposes, at "
                      "and reason");
    std::vector<suppression_view> rows;
    json::array faults;
    std::size_t refused = 0;
    while (reader.next(fields)) {
        suppression_view one;
        auto fault = reader.is_faulty() ? std::string("a quote stands where none may")
                                        : read_record(columns, fields, one);
        if (fault.empty())
            rows.push_back(std::move(one));
        else if (++refused <= faults_told_max)
            faults.push_back(json::object{{"line", reader.line()}, {"detail", std::move(fault)}});
    }
    const auto imported = rows.size();
    auto response = json_answer(
        json::object{{"imported", imported}, {"refused", refused}, {"faults", std::move(faults)}});
    if (imported == 0) return response;
    const auto why =
        desk->suppress_all(request.account, std::move(rows), {request.session, 0}, request.now);
    if (why != refusal::none) return problem_response(problem_of(why, 0));
    return waiting_.wait(request.session, std::move(response));
}

answer suppressions_resource::export_all(const request_context& request) {
    auto* const desk = service_.desk();
    if (desk == nullptr) return refuse(problem_code::server_busy);
    http_response response;
    response.content_type = csv_type;
    response.source = std::make_unique<suppression_export>(*desk, request.account);
    return response;
}

}  // namespace hikyaku::gateway::api
