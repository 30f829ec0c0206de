#include "gateway/app/unmatched_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <optional>
#include <ostream>

#include "gateway/app/admin_client.hpp"
#include "gateway/io/logging.hpp"

namespace hikyaku::gateway::app {
namespace {

namespace json = boost::json;

constexpr std::uint64_t page_max = 100;
constexpr std::uint64_t listed_default = 100;
constexpr std::uint64_t replayed_default = 100000;
constexpr std::string_view pages = "/admin/unmatched";

std::string_view text_at(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

std::string encoded(std::string_view value) {
    return boost::urls::encode(value, boost::urls::unreserved_chars);
}

class session {
public:
    session(const unmatched_request& request, const standard_streams& streams,
            io::http_target where)
        : request_(request), streams_(streams), client_(std::move(where)) {}

    /// The object that the gateway answers with; else tells what was wrong.
    std::optional<json::object> ask(std::string_view method, const std::string& target) {
        return read(client_.ask(method, target));
    }

    std::optional<json::object> read(const admin_reply& reply) {
        if (reply.status == 0) {
            streams_.error << "hikyaku: " << reply.fault << std::endl;
            return std::nullopt;
        }
        boost::system::error_code fault;
        auto body = json::parse(reply.body, fault);
        if (reply.status == 200 && !fault && body.is_object()) return std::move(body.get_object());
        streams_.error << "hikyaku: " << describe_refusal(reply) << std::endl;
        return std::nullopt;
    }

    /// Calls `visit` with each entry until it returns false. False if the gateway did not answer.
    template <typename Visit>
    bool for_each(std::uint64_t limit, Visit visit) {
        std::string after = request_.after;
        for (std::uint64_t seen = 0; seen < limit;) {
            auto target = fmt::format("{}?limit={}", pages, std::min(page_max, limit - seen));
            const auto add = [&target](std::string_view name, std::string_view value) {
                if (!value.empty()) target += fmt::format("&{}={}", name, encoded(value));
            };
            add("after", after);
            add("carrier", request_.carrier);
            add("kind", request_.kind);
            const auto page = ask("GET", target);
            if (!page) return false;
            const auto* found = page->if_contains("unmatched");
            if (found == nullptr || !found->is_array()) return unlike();
            for (const auto& each : found->get_array()) {
                if (!each.is_object()) return unlike();
                if (!visit(each.get_object())) return false;
                ++seen;
            }
            after = text_at(*page, "next");
            next_ = after;
            if (after.empty()) break;
        }
        return true;
    }

    int list() {
        const auto limit = request_.limit == 0 ? listed_default : request_.limit;
        const bool answered = for_each(limit, [this](const json::object& one) {
            streams_.out << io::format_log_line(false, text_at(one, "id"),
                                                {{"at", text_at(one, "at")},
                                                 {"carrier", text_at(one, "carrier")},
                                                 {"kind", text_at(one, "kind")},
                                                 {"why", text_at(one, "why")},
                                                 {"from", text_at(one, "source")},
                                                 {"to", text_at(one, "destination")},
                                                 {"octets", text_at(one, "octets")},
                                                 {"text", text_at(one, "text")}})
                         << '\n';
            return true;
        });
        streams_.out << std::flush;
        if (!answered) return 1;
        if (!next_.empty()) streams_.error << "more: --after " << next_ << std::endl;
        return 0;
    }

    int replay_all() {
        std::uint64_t applied = 0, left = 0;
        const auto limit = request_.limit == 0 ? replayed_default : request_.limit;
        const bool answered = for_each(limit, [&](const json::object& one) {
            const auto result = replay(std::string(text_at(one, "id")), true);
            if (!result) return false;
            applied += *result == outcome::applied ? 1 : 0;
            left += *result == outcome::unmatched ? 1 : 0;
            return true;
        });
        streams_.out << fmt::format("{} applied, {} left unmatched", applied, left) << std::endl;
        if (answered && !next_.empty()) streams_.error << "more: --after " << next_ << std::endl;
        return answered ? 0 : 1;
    }

    int replay_one() {
        const auto result = replay(request_.replay, false);
        return result && *result == outcome::applied ? 0 : 1;
    }

private:
    enum class outcome { applied, unmatched, gone };

    bool unlike() {
        streams_.error << "hikyaku: the answer is not that of a gateway" << std::endl;
        return false;
    }

    /// `may_be_gone`: with another part of its reply, or because its response came.
    std::optional<outcome> replay(const std::string& id, bool may_be_gone) {
        const auto target = fmt::format("{}/{}", pages, encoded(id));
        const auto reply = client_.ask("POST", target + ":replay");
        if (reply.status == 404 && may_be_gone) return outcome::gone;
        if (reply.status == 0 && reply.may_be_done) {
            streams_.error << fmt::format(
                                  "hikyaku: {}. The replay of {} may have been applied: list again "
                                  "before you try it again",
                                  reply.fault, id)
                           << std::endl;
            return std::nullopt;
        }
        const auto answer = read(reply);
        if (!answer) return std::nullopt;
        const bool applied = text_at(*answer, "result") == "applied";
        auto line = fmt::format("{} {}", id, applied ? "applied" : "unmatched");
        if (!applied) line += fmt::format(" {}", text_at(*answer, "why"));
        streams_.out << line << std::endl;
        return applied ? outcome::applied : outcome::unmatched;
    }

    const unmatched_request& request_;
    const standard_streams& streams_;
    admin_client client_;
    std::string next_;
};

}  // namespace

int show_unmatched(const unmatched_request& request, const standard_streams& streams) {
    auto where = parse_admin_url(request.admin);
    if (!where) {
        streams.error << wants_admin_url << std::endl;
        return 1;
    }
    session asking(request, streams, std::move(*where));
    if (request.replay.empty()) return asking.list();
    return request.replay == "all" ? asking.replay_all() : asking.replay_one();
}

}  // namespace hikyaku::gateway::app
