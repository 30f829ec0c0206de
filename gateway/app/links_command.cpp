#include "gateway/app/links_command.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/system/result.hpp>
#include <optional>
#include <string_view>

#include "config/values.hpp"
#include "gateway/api/json/document.hpp"
#include "gateway/api/json/field_faults.hpp"
#include "gateway/app/admin_question.hpp"
#include "gateway/app/lines.hpp"
#include "gateway/links/classify.hpp"
#include "gateway/links/hit_lists.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;
using api::member;
using api::problem;
using api::problem_code;
using api::shape;

constexpr std::size_t scratch_octets = 4096;
constexpr std::string_view version_words[] = {"0.9", "1.0", "1.1", "2", "2.0", "3", "3.0"};
constexpr unsigned version_numbers[] = {9, 10, 11, 20, 20, 30, 30};
constexpr std::int64_t years_ms = 100LL * 366 * 24 * 3600 * 1000;

constexpr shape method_shape = api::text_shape(0, 32);
constexpr shape headers_shape{.is = shape::kind::object, .max = 200, .open = true};
constexpr shape version_shape = api::word_shape(version_words);
constexpr shape network_shape = api::text_shape(1, 64);
constexpr shape since_shape = api::integer_shape(-years_ms, years_ms);
constexpr shape codes_shape = api::integer_shape(0, 1'000'000);
constexpr member request_members[] = {
    {"method", &method_shape, true},     {"headers", &headers_shape, true},
    {"http", &version_shape, false},     {"network", &network_shape, false},
    {"ip", &network_shape, false},       {"since_sent_ms", &since_shape, false},
    {"other_codes", &codes_shape, false}};
/// Open: a recorded request has more to tell, such as its URL and time.
constexpr shape request_shape{.is = shape::kind::object, .members = request_members, .open = true};

/// A header that came several times is a list; the first of them counts.
const json::string* value_of(const json::value& given) {
    if (given.is_string()) return &given.get_string();
    const auto* list = given.if_array();
    return list != nullptr && !list->empty() ? list->front().if_string() : nullptr;
}

std::optional<problem> read_headers(const json::object& headers, links::request_facts& facts) {
    for (const auto& [name, given] : headers) {
        if (given.is_null()) continue;
        const auto* value = value_of(given);
        if (value == nullptr)
            return api::field_fault(problem_code::field_invalid, "/headers", name,
                                    "must be a text, or a list of texts");
        links::add_header(facts, name, {value->data(), value->size()});
    }
    return std::nullopt;
}

std::optional<problem> read_network(const json::object& request, std::string_view field,
                                    const links::network_list& networks,
                                    links::request_facts& facts) {
    const auto* given = request.if_contains(field);
    if (given == nullptr) return std::nullopt;
    const std::string_view text(given->get_string().data(), given->get_string().size());
    if (const auto network = config::parse_network(text); !network)
        return api::field_fault(problem_code::field_invalid, "", field, network.error());
    facts.network_says = networks.says_of_network(text).some;
    return std::nullopt;
}

boost::system::result<json::object, problem> classify_request(const std::string& line,
                                                              const links::hit_lists& lists) {
    std::array<unsigned char, scratch_octets> scratch;
    const auto document = api::parse_json(line, {}, scratch);
    if (!document) return document.error();
    if (!document->is_object())
        return api::field_fault(problem_code::field_invalid, "", "", "must be an object");
    const json::object& request = document->get_object();
    if (auto wrong = api::object_fault(request_shape, request, "")) return std::move(*wrong);

    links::request_facts facts;
    facts.method = request.at("method").get_string();
    if (auto wrong = read_headers(request.at("headers").get_object(), facts))
        return std::move(*wrong);
    for (const std::string_view field : {"network", "ip"})
        if (auto wrong = read_network(request, field, lists.networks, facts))
            return std::move(*wrong);
    if (const auto* version = request.if_contains("http"))
        facts.http_version = version_numbers[api::index_of(version_words, version->get_string())];
    if (const auto* since = request.if_contains("since_sent_ms"))
        facts.since_sent = std::chrono::milliseconds{since->to_number<std::int64_t>()};
    if (const auto* codes = request.if_contains("other_codes"))
        facts.other_codes = codes->to_number<std::uint32_t>();
    facts.agent = lists.agents.describe(facts.user_agent);

    const links::hit_verdict verdict = links::classify(facts);
    json::array reasons;
    for (const std::string_view each : links::reason_names(verdict.reasons))
        reasons.emplace_back(each);
    return json::object{{"class", links::to_string(verdict.kind)}, {"reasons", std::move(reasons)}};
}

constexpr std::chrono::milliseconds look_pause{200};

std::uint64_t number_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

void print_moves(const json::object& state, const standard_streams& streams) {
    streams.out << fmt::format(
        "{}: {} hits looked at, {} of another class now, {} with other "
        "reasons only\n",
        text_at(state, "state", "?"), number_at(state, "looked_at"), number_at(state, "changed"),
        number_at(state, "reasons_only"));
    const auto* moved = state.if_contains("moved");
    if (moved != nullptr && moved->is_array())
        for (const auto& each : moved->get_array())
            if (const auto* move = each.if_object())
                streams.out << fmt::format("{} -> {}: {}\n", text_at(*move, "from", "?"),
                                           text_at(*move, "to", "?"), number_at(*move, "hits"));
    streams.out << std::flush;
}

}  // namespace

int classify_requests(const config::settings& settings, const standard_streams& streams) {
    const links::hit_lists lists(settings);
    return for_each_line(streams.in, streams.out, true, [&](const std::string& line) {
        auto verdict = classify_request(line, lists);
        if (verdict) return std::move(*verdict);
        return json::object{{"error", api::to_json(verdict.error())}};
    });
}

int reclassify_hits(const reclassify_request& request, const standard_streams& streams) {
    constexpr std::string_view page = "/admin/links/reclassification";
    admin_question question{
        .admin = request.admin,
        .method = request.looks ? "GET" : "POST",
        .target = request.looks ? std::string(page) : "/admin/links:reclassify"};
    auto state = ask_admin(question, streams);
    question.method = "GET";
    question.target = page;
    boost::asio::io_context context{1};
    boost::asio::steady_timer pause(context);
    while (state && !request.looks && text_at(*state, "state", "") == "running") {
        pause.expires_after(look_pause);
        pause.wait();
        state = ask_admin(question, streams);
    }
    if (!state) return 1;
    print_moves(*state, streams);
    return 0;
}

}  // namespace hikyaku::gateway::app
