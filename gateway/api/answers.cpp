#include "gateway/api/answers.hpp"

#include <utility>

#include "gateway/api/json/text.hpp"

namespace hikyaku::gateway::api {

http_response refuse(problem_code code, std::string detail) {
    problem what;
    what.code = code;
    what.detail = std::move(detail);
    return problem_response(what);
}

http_response refuse_method(std::string_view allowed) {
    http_response response = refuse(problem_code::method_not_allowed);
    response.headers.emplace_back("Allow", allowed);
    return response;
}

http_response json_answer(const boost::json::object& body, unsigned status) {
    http_response response;
    response.status = status;
    response.body = write_json(body);
    return response;
}

http_response plain_answer(unsigned status, std::string body, std::string_view type) {
    http_response response;
    response.status = status;
    response.content_type = type;
    response.body = std::move(body);
    return response;
}

}  // namespace hikyaku::gateway::api
