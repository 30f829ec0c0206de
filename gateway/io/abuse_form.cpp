#include "gateway/io/abuse_form.hpp"

#include <algorithm>

#include "gateway/api/form.hpp"
#include "gateway/links/code.hpp"
#include "smpp/text/utf8.hpp"

namespace hikyaku::gateway::io {
namespace {

constexpr std::string_view form_begin =
    "<!doctype html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
    "<meta name=\"robots\" content=\"noindex\"><title>報告 / Report</title></head>"
    "<body style=\"font-family:sans-serif;margin:1rem;max-width:40rem\">\n";
constexpr std::string_view form_end = "</body></html>\n";
constexpr std::string_view form_fields =
    "<h1>不審なメッセージの報告 / Report a suspicious message</h1>\n"
    "<form method=\"post\" action=\"/abuse\">\n"
    "<p><label>リンク（任意） / Link (optional)<br>"
    "<input name=\"link\" size=\"40\" maxlength=\"200\"></label></p>\n"
    "<p><label>内容 / What happened<br>"
    "<textarea name=\"text\" rows=\"6\" cols=\"40\" maxlength=\"600\" required></textarea>"
    "</label></p>\n<p><button>送信 / Send</button></p>\n</form>\n";
constexpr std::string_view form_thanks =
    "<p>報告を受け付けました。ありがとうございます。</p>\n"
    "<p lang=\"en\">Thank you. Your report was received.</p>\n";

api::http_response form_page(std::string_view inner) {
    api::http_response response;
    response.content_type = "text/html; charset=utf-8";
    response.body.append(form_begin).append(inner).append(form_end);
    response.headers.emplace_back("Cache-Control", "no-store");
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("X-Robots-Tag", "noindex, nofollow");
    return response;
}

}  // namespace

std::optional<abuse_report> read_abuse_report(std::string_view content_type,
                                              std::string_view body) {
    if (!api::equal_ignoring_case(api::media_type(content_type), api::form_type))
        return std::nullopt;
    const auto form = api::read_form(body, {.fields_max = 10});
    if (!form) return std::nullopt;
    abuse_report report;
    report.text = api::trim_blanks(form->value("text").value_or(""));
    if (report.text.empty()) return std::nullopt;
    report.text = smpp::text::cut_utf8(report.text, report_text_octets_max);
    // Line ends stay, other controls would do something to whoever looks at it.
    std::ranges::replace_if(
        report.text, [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; }, ' ');
    std::string_view link = form->value("link").value_or("");
    if (const auto slash = link.rfind('/'); slash != std::string_view::npos)
        link.remove_prefix(slash + 1);
    report.code = links::find_code(link);
    return report;
}

api::http_response abuse_form_page() {
    return form_page(form_fields);
}

api::http_response abuse_thanks_page() {
    return form_page(form_thanks);
}

}  // namespace hikyaku::gateway::io
