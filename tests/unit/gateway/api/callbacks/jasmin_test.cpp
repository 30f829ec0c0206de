// Jasmin's callbacks as requests, and which answers acknowledge them.
#include <gtest/gtest.h>

#include "gateway/api/callbacks/callback.hpp"
#include "gateway/api/callbacks/jasmin.hpp"
#include "gateway/engine/delivery/callback_url.hpp"

namespace hikyaku::gateway::api {
namespace {

rendered_callback rendered(CallbackMethod method, std::string_view url) {
    receipt_event event;
    event.message = message_id{17};
    event.callback = callback_view{url, callback_type::accepted, "c-1"};
    const outbox_event told = event;
    return render_callback({CallbackForm::jasmin, method, url, {}, 7, told}, {});
}

TEST(jasmin_callback, query_or_form) {
    constexpr std::string_view all = "id=17&level=1&message_status=ESME_ROK&connector=unknown";
    const auto post = rendered(CallbackMethod::post, "https://app/dlr?x=1#y");
    EXPECT_EQ(post.method, CallbackMethod::post);
    EXPECT_EQ(post.url, "https://app/dlr?x=1");
    EXPECT_EQ(post.content_type, "application/x-www-form-urlencoded");
    EXPECT_EQ(post.body, all);
    const struct {
        std::string_view url, begin;
    } rows[] = {
        {"https://app", "https://app?"},
        {"https://app/a b", "https://app/a%20b?"},
        {"https://app/%41?", "https://app/%41?"},
        {"https://app/?x", "https://app/?x&"},
        {"https://app/?x=1&", "https://app/?x=1&"},
        {"https://app/\xE3\x81\x82", "https://app/%E3%81%82?"},
    };
    for (const auto& row : rows) {
        const auto get = rendered(CallbackMethod::get, row.url);
        EXPECT_EQ(get.method, CallbackMethod::get);
        EXPECT_EQ(get.url, std::string(row.begin) + std::string(all));
        EXPECT_TRUE(get.body.empty());
    }
}

TEST(jasmin_callback, a_hit_is_not_told) {
    const outbox_event told = hit_event{};
    EXPECT_TRUE(
        render_callback({CallbackForm::jasmin, CallbackMethod::get, "https://a", {}, 1, told}, {})
            .url.empty());
}

TEST(jasmin_callback, acknowledged_by_status_and_words) {
    const struct {
        std::uint32_t status;
        std::string_view body;
        bool taken;
    } rows[] = {
        {200, "ACK/Jasmin", true},
        {200, " ACK/Jasmin\r\n", true},
        {202, "ACK/Jasmin", true},
        {200, "", false},
        {200, "OK", false},
        {200, "ACK/Jasmin!", false},
        {200, "<b>ACK/Jasmin", false},
        {200, "ack/jasmin", false},
        {404, "ACK/Jasmin", false},
        {302, "ACK/Jasmin", false},
        {0, "", false},
    };
    for (const auto& row : rows)
        EXPECT_EQ(is_acknowledged(CallbackForm::jasmin, row.status, row.body), row.taken)
            << row.status << row.body;
}

}  // namespace
}  // namespace hikyaku::gateway::api
