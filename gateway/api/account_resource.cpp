#include "gateway/api/account_resource.hpp"

#include <boost/json/object.hpp>

#include "gateway/api/announce/announce.hpp"
#include "gateway/api/answers.hpp"
#include "gateway/api/messages.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::int64_t replayed_default = 1000;

}  // namespace

answer account_resource::get(const request_context& request) {
    const std::string& name = service_.settings_of(request.account).name;
    for (const account_view& each : service_.accounts())
        if (each.name == name) return render_account(each);
    return refuse(problem_code::internal_error);
}

answer account_resource::announce(const request_context& request) {
    return json_answer(to_json(service_.announced(request.account)));
}

answer account_resource::replay_dead_letters(const request_context& request) {
    const std::int64_t limit = request.parameters.number("limit").value_or(replayed_default);
    const std::size_t replayed =
        service_.replay_dead_letters(request.account, static_cast<std::size_t>(limit), request.now);
    return json_answer({{"replayed", replayed}});
}

answer account_resource::enable_webhook(const request_context& request) {
    if (!service_.settings_of(request.account).webhook)
        return refuse(problem_code::no_such_resource, "the account has no webhook");
    service_.enable_webhook(request.account, request.now);
    return json_answer({{"disabled", false}});
}

}  // namespace hikyaku::gateway::api
