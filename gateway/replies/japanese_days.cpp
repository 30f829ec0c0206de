#include <algorithm>
#include <array>

#include "gateway/replies/day_patterns.hpp"

namespace hikyaku::gateway::replies {

using namespace std::chrono;

namespace {

weekday weekday_of_kanji(const std::string& text) {
    constexpr std::array<std::string_view, 7> kanji{"日", "月", "火", "水", "木", "金", "土"};
    const auto at = std::ranges::find(kanji, text) - kanji.begin();
    return weekday(static_cast<unsigned>(at));
}

int weeks_of(const std::string& word) {
    return word == "再来週" ? 2 : word == "来週" || word == "翌週" ? 1 : word == "先週" ? -1 : 0;
}

int months_of(const std::string& word) {
    return word == "再来月" ? 2 : word == "来月" || word == "翌月" ? 1 : word == "先月" ? -1 : 0;
}

int year_of_era(const std::string& era, const std::string& count) {
    const int n = count == "元" ? 1 : number(count).value_or(0);
    if (era == "令和" || era == "r") return 2018 + n;
    if (era == "平成" || era == "h") return 1988 + n;
    if (era == "昭和" || era == "s") return 1925 + n;
    return n < 100 ? 2000 + n : n;
}

/// With a date, or a part of one.
std::vector<day_pattern> named_by_date() {
    return {
        {u"(令和|平成|昭和|r|h|s)?(\\d{1,4}|元)年(\\d{1,2})月(\\d{1,2})日?",
         [](const asked&, const words& w) {
             return exactly(year_of_era(w[1], w[2]), *number(w[3]), *number(w[4]));
         }},
        {u"(?<![\\d/.])(\\d{4})[/.-](\\d{1,2})[/.-](\\d{1,2})(?!\\d)",
         [](const asked&, const words& w) {
             return exactly(*number(w[1]), *number(w[2]), *number(w[3]));
         }},
        {u"(?<!\\d)(\\d{1,2})月の?(\\d{1,2})日?(?!\\d|回|円|万)",
         [](const asked& q, const words& w) {
             return in_some_year(q, *number(w[1]), *number(w[2]));
         }},
        {u"(?<!\\d)(\\d{1,2})月(?:の)?(?:末|まつ|中|いっぱい)",
         [](const asked& q, const words& w) -> std::optional<named_day> {
             const auto first = in_some_year(q, *number(w[1]), 28);
             if (!first) return std::nullopt;
             const auto end = [](const date& of) {
                 return date(sys_days(of.year() / of.month() / last));
             };
             return named_day{end(first->ahead), end(first->behind)};
         }},
        {u"(?<![\\d/.])(\\d{1,2})/(\\d{1,2})(?![\\d/])",
         [](const asked& q, const words& w) {
             return in_some_year(q, *number(w[1]), *number(w[2]));
         }},
        {u"(今月|来月|再来月|翌月|先月)(?:の)?(\\d{1,2})日?(?!\\d|回|円|万|%)",
         [](const asked& q, const words& w) {
             return of_month(q, months_of(w[1]), *number(w[2]));
         }},
        {u"(今月|来月|再来月|翌月|先月)?(?:の)?月?(?<=月|の)(?:末日|末|まつ|終わり)|(?<!\\d)月末",
         [](const asked& q, const words& w) { return end_of_month(q, months_of(w[1])); }},
        {u"(今週|来週|再来週)(?:の)?中",
         [](const asked& q, const words& w) { return of_week(q, weeks_of(w[1]), Sunday); }},
        {u"(今月|来月|再来月)(?:の)?中",
         [](const asked& q, const words& w) { return end_of_month(q, months_of(w[1])); }},
    };
}

/// Seen from today.
std::vector<day_pattern> named_from_today() {
    return {
        {u"年末|年内|年明け前|今年中",
         [](const asked& q, const words&) {
             return exactly(static_cast<int>(date(q.today).year()), 12, 31);
         }},
        {u"(今週|来週|再来週|翌週|先週)(?:の)?末|週末",
         [](const asked& q, const words& w) { return of_week(q, weeks_of(w[1]), Saturday); }},
        {u"(今週|来週|再来週|翌週|先週)(?:の|中の)?([月火水木金土日])(?:曜日?|(?![月日曜本間]))",
         [](const asked& q, const words& w) {
             auto made = of_week(q, weeks_of(w[1]), weekday_of_kanji(w[2]));
             made->is_behind = w[1] == "先週";
             return made;
         }},
        {u"([月火水木金土日])曜日?",
         [](const asked& q, const words& w) { return next_weekday(q, weekday_of_kanji(w[1])); }},
        {u"(?<![\\d])(\\d{1,2})(日|週間|週|か月|ヶ月|カ月|箇月)(後|以内|待|ほど待|くらい待|"
         u"ぐらい待|だけ待)",
         [](const asked& q, const words& w) {
             const int count = *number(w[1]);
             if (w[2] == "日") return one_day(q.today + days(count));
             if (w[2].starts_with("週")) return one_day(q.today + weeks(count));
             return months_later(q, count);
         }},
        {u"(?<![\\d])(\\d{1,2})(日|週間|週)前",
         [](const asked& q, const words& w) {
             const int count = *number(w[1]);
             return one_day(q.today - (w[2] == "日" ? days(count) : days(7 * count)), true);
         }},
        {u"明々後日|明明後日|しあさって|明後日|あさって|明日|あした|明晩|明朝|今日|本日|きょう|"
         u"今夜|今晩|一昨日|"
         u"おととい|昨日|きのう|昨夜|昨晩|今朝",
         [](const asked& q, const words& w) {
             const auto& word = w[0];
             if (word == "明々後日" || word == "明明後日" || word == "しあさって")
                 return one_day(q.today + days(3));
             if (word == "明後日" || word == "あさって") return one_day(q.today + days(2));
             if (word.starts_with("明") || word == "あした") return one_day(q.today + days(1));
             if (word == "一昨日" || word == "おととい") return one_day(q.today - days(2), true);
             if (word.starts_with("昨") || word == "きのう")
                 return one_day(q.today - days(1), true);
             return one_day(q.today, word == "今朝");
         }},
        {u"(?<![\\d月/"
         u".])(\\d{1,2})日(?!間|後|前|以内|ほど|くらい|ぐらい|待|程|目|分|連続|も|に(?:何|\\d)|"
         u"以上|おき|ごと|\\d)",
         [](const asked& q, const words& w) { return in_some_month(q, *number(w[1])); }},
        {u"給料日|給料(?:が)?(?:出|入)|給与日",
         [](const asked& q, const words&) -> std::optional<named_day> {
             if (q.salary_day == 0) return std::nullopt;
             return in_some_month(q, q.salary_day);
         },
         true},
    };
}

}  // namespace

std::vector<day_pattern> japanese_days() {
    auto all = named_by_date();
    for (auto& each : named_from_today())
        all.push_back(std::move(each));
    return all;
}

}  // namespace hikyaku::gateway::replies
