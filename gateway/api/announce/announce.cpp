#include "gateway/api/announce/announce.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "gateway/api/answers.hpp"
#include "gateway/api/json/text.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

constexpr std::string_view announced_html = "text/html; charset=utf-8";
// A new sender is on the page soon, and a phone that looks twice does not ask twice.
constexpr std::string_view announced_for = "public, max-age=300";

json::array words_of(const std::vector<std::string>& texts) {
    json::array out;
    for (const auto& each : texts)
        out.push_back(json::string(each));
    return out;
}

void append_list(std::string& page, std::string_view heading,
                 const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    page += fmt::format("<h3>{}</h3>\n<ul>\n", heading);
    for (const auto& each : texts)
        page += fmt::format("<li>{}</li>\n", escape_html(each));
    page += "</ul>\n";
}

void append_words(std::string& page, std::string_view heading, const std::string& words) {
    if (words.empty()) return;
    page += fmt::format("<h3>{}</h3>\n<p>{}</p>\n", heading, escape_html(words));
}

}  // namespace

std::string escape_html(std::string_view text) {
    std::string sound(text);
    smpp::text::mend_utf8(sound);
    std::string out;
    for (const char c : sound) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            case '\'':
                out += "&#39;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

json::object to_json(const announcement& what) {
    return {{"name", text_or_null(what.says.name)},
            {"senders", words_of(what.used.senders)},
            {"domains", words_of(what.used.domains)},
            {"samples", words_of(what.says.samples)},
            {"how_to_check", text_or_null(what.says.how_to_check)},
            {"contact", text_or_null(what.says.contact)},
            {"complete", what.used.is_complete}};
}

http_response announce_page(std::span<const announcement> all) {
    std::string page =
        "<!doctype html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        "<title>送信者の確認 / Who sends these messages</title></head>"
        "<body style=\"font-family:sans-serif;margin:1rem;max-width:40rem\">\n"
        "<h1>送信者の確認 / Who sends these messages</h1>\n";
    for (const announcement& each : all) {
        page += fmt::format("<h2>{}</h2>\n", escape_html(each.says.name));
        append_list(page, "送信元 / Senders (30日 / 30 days)", each.used.senders);
        append_list(page, "リンクのドメイン / Domains of links", each.used.domains);
        append_list(page, "文面の例 / Sample texts", each.says.samples);
        append_words(page, "確認方法 / How to check", each.says.how_to_check);
        append_words(page, "お問い合わせ / Contact", each.says.contact);
    }
    if (all.empty()) page += "<p>情報はありません。 / There is no information here.</p>\n";
    page +=
        "<p><a href=\"/abuse\">不審なメッセージを報告する / Report a suspicious message</a></p>\n"
        "</body></html>\n";
    http_response response;
    response.content_type = announced_html;
    response.body = std::move(page);
    response.headers.emplace_back("Cache-Control", announced_for);
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    return response;
}

http_response announce_document(std::span<const announcement> all) {
    json::array businesses;
    for (const announcement& each : all)
        businesses.push_back(to_json(each));
    auto response = json_answer(json::object{{"businesses", std::move(businesses)}});
    response.headers.emplace_back("Cache-Control", announced_for);
    return response;
}

}  // namespace hikyaku::gateway::api
