#include "gateway/api/policy_resource.hpp"

#include "gateway/api/answers.hpp"
#include "gateway/api/policy/evaluate.hpp"

namespace hikyaku::gateway::api {

answer policy_resource::evaluate(const request_context& request) {
    const policy_surroundings around{service_.packs(), &service_.settings_of(request.account),
                                     zones_};
    const auto made = evaluate_policy_text(request.http.body, around);
    if (!made) return problem_response(made.error());
    return json_answer(*made);
}

}  // namespace hikyaku::gateway::api
