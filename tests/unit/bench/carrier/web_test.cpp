#include "bench/carrier/web.hpp"

#include <boost/json.hpp>

#include "bench/carrier/page.hpp"
#include "tests/unit/bench/carrier/esme.hpp"

namespace hikyaku::bench {
namespace {

namespace json = boost::json;
using gateway::api::http_header;
using gateway::api::http_request;
using gateway::api::http_response;

class web : public test::carrier_fixture {
protected:
    http_response get(std::string_view target, std::string_view method = "GET") {
        http_request request;
        request.method = method;
        request.target = target;
        return carrier_web(*carrier).answer(request);
    }
    http_response post(std::string_view body, std::string_view type = "application/json") {
        const http_header headers[] = {{"content-type", type}};
        http_request request;
        request.method = "POST";
        request.target = "/api/replies";
        request.headers = headers;
        request.body = body;
        return carrier_web(*carrier).answer(request);
    }
    static std::string header(const http_response& of, std::string_view name) {
        for (const auto& [known, value] : of.headers)
            if (known == name) return value;
        return "(absent)";
    }
};

TEST_F(web, shows_the_page_and_lets_no_foreign_script_run) {
    start();
    for (const auto& [path, type] : {std::pair{"/", "text/html; charset=utf-8"},
                                     std::pair{"/phone.css", "text/css; charset=utf-8"},
                                     std::pair{"/phone.js", "text/javascript; charset=utf-8"}}) {
        const http_response page = get(path);
        EXPECT_EQ(page.status, 200U);
        EXPECT_EQ(page.content_type, type);
        EXPECT_NE(header(page, "Content-Security-Policy").find("script-src 'self'"),
                  std::string::npos);
        EXPECT_EQ(header(page, "Referrer-Policy"), "no-referrer");
        EXPECT_EQ(header(page, "X-Content-Type-Options"), "nosniff");
    }
    // Texts of strangers must never be read as HTML, and nothing comes from elsewhere.
    for (const auto* const word :
         {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"})
        EXPECT_EQ(phone_script.find(word), std::string_view::npos) << word;
    EXPECT_NE(phone_script.find("noreferrer"), std::string_view::npos);
    EXPECT_EQ(phone_page.find("http"), std::string_view::npos);
    EXPECT_EQ(phone_style.find("url("), std::string_view::npos);
}

TEST_F(web, lists_phones_and_their_messages) {
    const auto began = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
    start();
    EXPECT_EQ(get("/api/numbers").body, R"({"numbers":[]})");
    const auto app = bound();
    app->submit("819012345678", "see https://pay.example/x <b>now</b>", 0);
    run_until([&] { return app->answers.size() == 1; });
    const json::value numbers = json::parse(get("/api/numbers").body);
    const json::object& row = numbers.at("numbers").as_array().at(0).as_object();
    EXPECT_EQ(row.at("number"), "+819012345678");
    EXPECT_EQ(row.at("messages"), 1);
    const json::value inbox = json::parse(get("/api/inbox?number=%2B819012345678").body);
    const json::object& message = inbox.at("messages").as_array().at(0).as_object();
    EXPECT_EQ(message.at("text"), "see https://pay.example/x <b>now</b>");
    EXPECT_EQ(message.at("direction"), "received");
    EXPECT_EQ(message.at("with"), "Bank");
    EXPECT_EQ(message.at("segments"), 1);
    EXPECT_EQ(message.at("encoding"), "gsm7");
    EXPECT_EQ(get("/api/inbox?number=%2B1").body, R"({"number":"+1","messages":[]})");
    const json::value figures = json::parse(get("/api/stats").body);
    EXPECT_EQ(figures.at("accepted"), 1);
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    const auto first = figures.at("first_submission_us").as_int64();
    EXPECT_EQ(figures.at("last_submission_us"), first);
    EXPECT_LT(std::chrono::microseconds(first), now);
    EXPECT_GE(std::chrono::microseconds(first), began);
}

TEST_F(web, sends_replies) {
    start();
    EXPECT_EQ(post(R"({"from":"+811","to":"123","text":"x"})").status, 409U);
    const auto app = bound();
    const http_response sent = post(R"({"from":"+819011112222","to":"12345","text":"STOP"})");
    EXPECT_EQ(sent.status, 202U);
    EXPECT_EQ(sent.body, R"({"segments":1})");
    run_until([&] { return app->deliveries.size() == 1; });
    EXPECT_EQ(app->deliveries[0].octets, "STOP");
    EXPECT_EQ(post(R"({"from":"+819011112222","to":"Bank","text":"STOP"})").status, 202U);
    run_until([&] { return app->deliveries.size() == 2; });
    EXPECT_EQ(app->deliveries[1].to, "Bank");
}

TEST_F(web, says_what_is_wrong) {
    start();
    const auto app = bound();
    struct row {
        http_response answer;
        unsigned status;
    };
    const row rows[] = {
        {get("/nothing"), 404},
        {get("/api/inbox"), 400},
        {get("/api/inbox?number=%zz"), 400},
        {get("/api/numbers", "POST"), 405},
        {get("/api/replies"), 405},
        {post("{}", "text/plain"), 415},
        {post("{"), 400},
        {post("[]"), 400},
        {post(R"({"from":"+811","to":"123"})"), 400},
        {post(R"({"from":"+811","to":123,"text":"x"})"), 400},
        {post(R"({"from":"Bank","to":"123","text":"x"})"), 422},
        {post(std::string(20'000, ' ')), 413},
    };
    for (const row& one : rows) {
        EXPECT_EQ(one.answer.status, one.status) << one.answer.body;
        EXPECT_TRUE(json::parse(one.answer.body).at("error").is_string());
    }
    EXPECT_TRUE(app->deliveries.empty());
}

TEST_F(web, without_phones_there_are_figures_only) {
    options.phone = false;
    start();
    EXPECT_EQ(get("/api/numbers").status, 404U);
    EXPECT_EQ(get("/api/inbox?number=1").status, 404U);
    EXPECT_EQ(get("/api/stats").status, 200U);
}

TEST(stats, names_statuses) {
    carrier_stats stats;
    stats.refused[smpp::command_status::esme_rthrottled] = 3;
    stats.refused[static_cast<smpp::command_status>(0x400)] = 1;
    stats.most_submissions_in_one_second = 77;
    const json::value read = json::parse(to_json(stats));
    EXPECT_EQ(read.at("refused").at("ESME_RTHROTTLED"), 3);
    EXPECT_EQ(read.at("refused").at("0x00000400"), 1);
    EXPECT_EQ(read.at("most_submissions_in_one_second"), 77);
    EXPECT_EQ(read.at("first_submission_us"), 0);
    EXPECT_EQ(read.at("last_submission_us"), 0);
}

}  // namespace
}  // namespace hikyaku::bench
