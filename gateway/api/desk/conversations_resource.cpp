#include "gateway/api/desk/conversations_resource.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/desk/body.hpp"
#include "gateway/api/desk/contact_point.hpp"
#include "gateway/api/desk/documents.hpp"
#include "gateway/api/desk/party.hpp"
#include "gateway/api/desk/timeline_json.hpp"
#include "gateway/api/json/text.hpp"
#include "gateway/api/times.hpp"
#include "gateway/dunning/answers/conversation_book.hpp"
#include "gateway/dunning/desk/desk.hpp"
#include "gateway/dunning/protection.hpp"
#include "store/ids.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;
using dunning::conversation;
using dunning::record::TimelineKind;

constexpr std::int64_t entries_default = 50;

http_response no_such_conversation() {
    return refuse(problem_code::no_such_resource, "the account has no conversation with this id");
}

bool has_text(TimelineKind kind) {
    return kind == TimelineKind::handed_over || kind == TimelineKind::withheld;
}

bool is_number(std::string_view contact) {
    return contact.starts_with('+') && contact.size() > 1 &&
           std::ranges::all_of(
               contact.substr(1), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

conversations_resource::named conversations_resource::read_name(const request_context& request,
                                                                std::string_view text) const {
    if (const auto digest = dunning::digest_in(text)) return {{}, digest};
    auto contact = contact_point(service_.settings_of(request.account), text);
    auto name = service_.conversations()->name_of(request.account, contact);
    return {std::move(contact), name};
}

answer conversations_resource::get(const request_context& request) {
    if (service_.conversations() == nullptr || service_.chronicler() == nullptr)
        return refuse(problem_code::server_busy);
    const auto before = read_place("before", request.parameters.text("before"));
    if (!before) return problem_response(before.error());
    const auto limit =
        static_cast<std::size_t>(request.parameters.number("limit").value_or(entries_default));
    return show(request, read_name(request, request.in_path.front()), *before, limit);
}

answer conversations_resource::search(const request_context& request) {
    if (service_.conversations() == nullptr || service_.chronicler() == nullptr)
        return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::conversation_search);
    if (!body) return problem_response(body.error());
    if (auto fault = body->label_fault({"contact"})) return problem_response(*fault);
    std::uint64_t before = 0;
    if (body->has("before")) {
        const auto place = read_place("before", body->text("before"));
        if (!place) return problem_response(place.error());
        before = *place;
    }
    const auto contact =
        contact_point(service_.settings_of(request.account), body->text("contact"));
    return show(request, {contact, service_.conversations()->name_of(request.account, contact)},
                before, static_cast<std::size_t>(body->number("limit").value_or(entries_default)));
}

answer conversations_resource::show(const request_context& request, const named& whose,
                                    std::uint64_t before, std::size_t limit) {
    if (!whose.name) {  // the account has written of nobody yet
        if (whose.contact.empty()) return no_such_conversation();
        return json_answer(json::object{{"id", nullptr},
                                        {"contact", whose.contact},
                                        {"state", "open"},
                                        {"number", nullptr},
                                        {"replied_at", nullptr},
                                        {"entries", json::array{}}});
    }
    dunning::desk::timeline_question question;
    question.account = request.account;
    question.contact = whose.name;
    if (before != 0) question.before = before;
    question.limit = limit;
    const bool is_taken = service_.chronicler()->ask(
        std::move(question), [this, account = request.account, session = request.session, whose,
                              limit](const std::vector<dunning::timeline_view>& found) {
            const bool is_known = !found.empty() || !whose.contact.empty() ||
                                  service_.conversations()->find(account, *whose.name);
            auto response = is_known ? http_response{} : no_such_conversation();
            if (is_known) {
                response.content_type = json_type;
                response.body = page_of(account, whose, found, limit);
            }
            (void)waiting_.wait(session, std::move(response));
            if (ready_) ready_(session);
        });
    if (!is_taken) return refuse(problem_code::server_busy);
    return {};
}

/// The oldest of the page first, as people read.
std::string conversations_resource::page_of(account_id account, const named& whose,
                                            const std::vector<dunning::timeline_view>& found,
                                            std::size_t limit) const {
    const auto row = service_.conversations()->find(account, *whose.name).value_or(conversation{});
    json::array entries;
    std::string contact = row.contact.empty() ? whose.contact : row.contact;
    for (auto at = found.rbegin(); at != found.rend(); ++at) {
        auto entry = to_json(*at);
        if (has_text(at->kind))
            entry["text"] = text_or_null(service_.text_of(account, message_id{at->subject}));
        if (contact.empty()) contact = at->contact.empty() ? at->phone : at->contact;
        entries.push_back(std::move(entry));
    }
    json::object body{{"id", dunning::digest_text(*whose.name)},
                      {"contact", text_or_null(contact)},
                      {"state", row.closed_ms == 0 ? "open" : "closed"},
                      {"number", text_or_null(row.number.digits)},
                      {"replied_at", time_or_null(row.replied_ms)},
                      {"entries", std::move(entries)}};
    if (found.size() == limit) body["next"] = store::format_id(found.back().id);
    return write_json(body);
}

/// As POST /v1/messages, to the phone of the conversation and from the number that it wrote to.
answer conversations_resource::post(const request_context& request) {
    auto* const book = service_.conversations();
    if (book == nullptr) return refuse(problem_code::server_busy);
    const auto body = body_object::read(request.http.body, documents::conversation_message);
    if (!body) return problem_response(body.error());
    const auto whose = read_name(request, request.in_path.front());
    const auto row = whose.name ? book->find(request.account, *whose.name) : std::nullopt;
    std::string to = row ? (row->contact.starts_with('+') ? row->contact : row->phone) : "";
    if (to.empty() && is_number(whose.contact)) to = whose.contact;
    if (to.empty()) return no_such_conversation();
    json::object message{{"to", to}, {"purpose", "service"}};
    if (row && !row->number.digits.empty()) {
        const bool is_international = row->number.ton == 1;
        message["from"] = (is_international ? "+" : "") + row->number.digits;
    }
    for (const std::string_view name :
         {"from", "text", "purpose", "reference", "debtor", "debt", "valid_for", "send_at"})
        if (body->has(name)) message[name] = body->text(name);
    const auto text = write_json(message);
    auto http = request.http;
    http.body = text;
    return messages_.post({http, request.query, request.in_path, request.account, request.session,
                           request.now, request.parameters});
}

answer conversations_resource::close(const request_context& request) {
    auto* const book = service_.conversations();
    auto* const desk = service_.desk();
    if (book == nullptr || desk == nullptr) return refuse(problem_code::server_busy);
    const auto whose = read_name(request, request.in_path.front());
    auto row = whose.name ? book->find(request.account, *whose.name) : std::nullopt;
    if (!row) return no_such_conversation();
    if (book->is_changing(request.account, *whose.name))
        return problem_response(problem_of(refusal::store_busy, 0));
    if (row->closed_ms == 0) row->closed_ms = request.now.wall_ms;
    const auto closed = row->closed_ms;
    if (const auto why = desk->refuses_changes(); why != refusal::none)
        return problem_response(problem_of(why, 0));
    book->put(request.account, *whose.name, *row, {request.session, 0}, request.now);
    desk->tell_timeline(request.account,
                        {.kind = TimelineKind::conversation_closed, .contact = row->contact},
                        {request.session, 1}, request.now);
    return waiting_.wait(request.session,
                         json_answer(json::object{{"id", dunning::digest_text(*whose.name)},
                                                  {"contact", text_or_null(row->contact)},
                                                  {"state", "closed"},
                                                  {"closed_at", format_time(closed)}}));
}

}  // namespace hikyaku::gateway::api
