#include "gateway/api/policy_resource.hpp"

#include <memory>
#include <utility>

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

bool begin_report(report_question question, readers& pool,
                  std::function<void(http_response)> told) {
    auto taken = pool.take_place(account_id{question.account});
    if (!taken.place) return false;
    auto report = std::make_shared<policy_report>(std::move(question));
    pool.run([report, place = std::move(taken.place)](
                 store::environment& environment) { report->read(environment); },
             [report, told = std::move(told)] { told(json_answer(report->told())); });
    return true;
}

answer policy_resource::report(const request_context& request) {
    auto question = read_report_question(request.parameters);
    if (!question) return problem_response(question.error());
    const auto& account = service_.settings_of(request.account);
    question->account = stored(request.account);
    question->name = account.name;
    if (!account.zones.empty()) question->zone = account.zones.front();
    const auto told = [this, session = request.session](http_response response) {
        (void)waiting_.wait(session, std::move(response));
        if (ready_) ready_(session);
    };
    if (pool_ == nullptr || !begin_report(std::move(*question), *pool_, told))
        return refuse(problem_code::server_busy);
    return {};
}

}  // namespace hikyaku::gateway::api
