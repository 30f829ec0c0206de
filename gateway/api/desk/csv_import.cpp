#include "gateway/api/desk/csv_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <utility>

#include "gateway/api/answers.hpp"

namespace hikyaku::gateway::api {
namespace {

namespace json = boost::json;

// Records of one turn of the loop, and of one commit: with 200 of them, 2 ms.
constexpr std::size_t records_at_once = 200;
constexpr std::size_t faults_told_max = 100;

std::string sentence_of(csv_fault fault) {
    if (fault == csv_fault::quote) return "a quote stands where none may";
    return fmt::format("a field has {} octets at most, a record {} and {} fields",
                       csv_reader::field_octets_max, csv_reader::record_octets_max,
                       csv_reader::fields_max);
}

}  // namespace

/// One of them. Shared by its reader and those that are under way.
class csv_import : public std::enable_shared_from_this<csv_import> {
public:
    class reader;

    csv_import(csv_imports& all, account_id account, session_id session,
               std::unique_ptr<csv_target> into, instant now)
        : all_(all), account_(account), session_(session), into_(std::move(into)), begun_(now) {}

    [[nodiscard]] account_id account() const { return account_; }
    [[nodiscard]] bool is_paused() const { return paused_; }
    [[nodiscard]] std::size_t take(std::string_view octets);
    void finish();
    void cut();
    void rows_kept();
    void try_again();

private:
    void take_record();
    void add_fault(std::size_t line, std::string detail);
    void write();
    void go_on();
    void end(http_response response);

    csv_imports& all_;
    account_id account_;
    session_id session_;
    std::unique_ptr<csv_target> into_;
    instant begun_;
    reader* reader_ = nullptr;
    csv_reader csv_;
    bool has_header_ = false;
    bool finished_ = false;  // the body has come to its end
    bool writing_ = false;   // records are on their way to the disk
    bool paused_ = false;    // the disk has refused them
    bool over_ = false;      // it is answered
    std::uint32_t sequence_ = 0;
    std::uint64_t imported_ = 0, refused_ = 0;
    json::array faults_;
};

class csv_import::reader final : public body_reader {
public:
    explicit reader(std::shared_ptr<csv_import> of) : of_(std::move(of)) { of_->reader_ = this; }
    ~reader() override {
        of_->reader_ = nullptr;
        of_->cut();
    }
    std::size_t take(std::string_view octets) override { return of_->take(octets); }
    void finish() override { of_->finish(); }
    using wakes_connection::wake;

private:
    std::shared_ptr<csv_import> of_;
};

std::size_t csv_import::take(std::string_view octets) {
    if (over_) return octets.size();
    std::size_t taken = 0, records = 0;
    while (taken < octets.size() && !writing_ && !paused_ && !over_) {
        if (records == records_at_once) {  // faulty ones, most of them
            reader_->wake();
            break;
        }
        taken += csv_.take(octets.substr(taken));
        if (!csv_.has_record()) break;
        records += has_header_ ? 1 : 0;
        take_record();
        if (into_->kept() == records_at_once) write();
    }
    return over_ ? octets.size() : taken;
}

void csv_import::take_record() {
    const auto now = all_.now(begun_);
    if (!has_header_) {
        has_header_ = true;
        auto fault = csv_.fault() == csv_fault::none ? into_->take_header(csv_.fields())
                                                     : sentence_of(csv_.fault());
        if (!fault.empty()) end(refuse(problem_code::body_invalid, std::move(fault)));
        return;
    }
    auto fault = csv_.fault() == csv_fault::none ? into_->take(csv_.fields(), now)
                                                 : sentence_of(csv_.fault());
    if (fault.empty())
        ++imported_;
    else
        add_fault(csv_.line(), std::move(fault));
}

void csv_import::add_fault(std::size_t line, std::string detail) {
    if (++refused_ <= faults_told_max)
        faults_.push_back(json::object{{"line", line}, {"detail", std::move(detail)}});
}

void csv_import::write() {
    const auto why = into_->write({session_, ++sequence_}, all_.now(begun_));
    writing_ = why == refusal::none;
    paused_ = why == refusal::store_busy;
    all_.touched();
    if (!writing_ && !paused_) end(problem_response(problem_of(why, 0)));
}

void csv_import::rows_kept() {
    writing_ = false;
    go_on();
}

void csv_import::try_again() {
    paused_ = false;
    write();
}

void csv_import::go_on() {
    if (over_) return;
    if (!finished_) {
        if (reader_ != nullptr) reader_->wake();
        return;
    }
    if (into_->kept() > 0) return write();
    if (!has_header_) return end(refuse(problem_code::body_invalid, into_->take_header({})));
    end(json_answer(json::object{
        {"imported", imported_}, {"refused", refused_}, {"faults", std::move(faults_)}}));
}

void csv_import::finish() {
    finished_ = true;
    if (over_) return;
    csv_.finish();
    if (csv_.has_record()) take_record();
    if (!writing_ && !paused_) go_on();
}

/// What is written stays so; what is not is forgotten. Nobody is there to hear an answer.
void csv_import::cut() {
    if (finished_ || over_) return;
    end(refuse(problem_code::http_invalid));
}

void csv_import::end(http_response response) {
    if (std::exchange(over_, true)) return;
    paused_ = false;
    all_.give(session_, std::move(response));
}

void csv_columns::read(const csv_target::record& header) {
    for (std::size_t i = 0; i < header.size(); ++i) {
        const auto name = std::ranges::find(names_, header[i]);
        if (name == names_.end()) continue;
        auto& place = places_[static_cast<std::size_t>(name - names_.begin())];
        if (place == none) place = i;
    }
}

std::size_t csv_columns::place_of(std::string_view name) const {
    const auto at = std::ranges::find(names_, name);
    return at == names_.end() ? none : places_[static_cast<std::size_t>(at - names_.begin())];
}

std::string_view csv_columns::field(const csv_target::record& fields, std::string_view name) const {
    const auto place = place_of(name);
    return place < fields.size() ? without_apostrophe(fields[place]) : std::string_view();
}

answer csv_imports::begin(const request_context& request, std::unique_ptr<csv_target> into) {
    const auto of_account = std::ranges::count_if(
        all_, [&request](const auto& each) { return each.second->account() == request.account; });
    if (all_.size() >= imports_max ||
        static_cast<std::size_t>(of_account) >= imports_of_account_max)
        return refuse(problem_code::server_busy, "too many files are being imported");
    auto made = std::make_shared<csv_import>(*this, request.account, request.session,
                                             std::move(into), request.now);
    all_.emplace(static_cast<std::uint64_t>(request.session), made);
    reader_ = {std::make_unique<csv_import::reader>(std::move(made)), request.account};
    return {};
}

bool csv_imports::rows_kept(reply_ticket ticket) {
    if (ticket.sequence == 0) return false;  // of its answer
    const auto at = all_.find(static_cast<std::uint64_t>(ticket.session));
    if (at == all_.end()) return false;
    const auto kept = at->second;
    kept->rows_kept();
    return true;
}

void csv_imports::try_again() {
    std::vector<std::shared_ptr<csv_import>> paused;
    for (const auto& [session, each] : all_)
        if (each->is_paused()) paused.push_back(each);
    for (const auto& each : paused)
        each->try_again();
}

bool csv_imports::has_paused() const {
    return std::ranges::any_of(
        all_, [](const auto& each) { return each.second->is_paused(); });
}

void csv_imports::give(session_id session, http_response response) {
    all_.erase(static_cast<std::uint64_t>(session));
    (void)waiting_.wait(session, std::move(response));
    if (ready_) ready_(session);
}

}  // namespace hikyaku::gateway::api
