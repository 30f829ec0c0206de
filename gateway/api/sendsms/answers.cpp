#include "gateway/api/sendsms/answers.hpp"

#include <cassert>

namespace hikyaku::gateway::api {
namespace {

http_response kannel_answer(const door_text& words) {
    http_response response;
    response.status = words.status;
    response.content_type = "text/html";
    response.body = words.text;
    response.headers.emplace_back("Pragma", "no-cache");
    response.headers.emplace_back("Cache-Control", "no-cache");
    return response;
}

}  // namespace

http_response render_sendsms(error_id why) {
    const door_text& words = line_of(why).sendsms;
    assert(words.status != 0);
    return kannel_answer(words);
}

http_response render_sendsms_accepted(bool queued) {
    constexpr door_text accepted{202, "0: Accepted for delivery"};
    constexpr door_text waits_for_a_carrier{202, "3: Queued for later delivery"};
    return kannel_answer(queued ? waits_for_a_carrier : accepted);
}

}  // namespace hikyaku::gateway::api
