// CSV files that come in as the bodies of requests, of any length in bounded memory: the body is
// read in pieces (body_stream.hpp), a few hundred records a turn of the loop, and more of it is
// read when those are on disk. The answer comes when all is there. What was written before a cut or
// a kill stays, and the same file may come again. The router hands on which rows are on disk.
// Engine's thread.
#pragma once

#include <boost/json/array.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/desk/csv.hpp"
#include "gateway/api/desk/pending_answers.hpp"
#include "gateway/api/http.hpp"
#include "gateway/api/request_context.hpp"
#include "gateway/api/upload.hpp"
#include "gateway/engine/types.hpp"

namespace hikyaku::gateway::api {

inline constexpr std::string_view csv_type = "text/csv";

/// What becomes of the records of one file.
class csv_target {
public:
    using record = std::vector<std::string>;

    virtual ~csv_target() = default;
    /// Of the first record, which names the columns: what is wrong with it, or nothing.
    [[nodiscard]] virtual std::string take_header(const record& names) = 0;
    /// What is wrong with it; if nothing is, it is kept until write().
    [[nodiscard]] virtual std::string take(const record& fields, instant now) = 0;
    [[nodiscard]] virtual std::size_t kept() const = 0;
    /// Gives what is kept to the disk, and `ticket` is named when it is there. After a refusal it
    /// is kept still.
    [[nodiscard]] virtual refusal write(reply_ticket ticket, instant now) = 0;
};

/// Where the columns with these names stand. An unknown column is of no interest; one that comes
/// twice counts the first time.
class csv_columns {
public:
    explicit csv_columns(std::span<const std::string_view> names)
        : names_(names), places_(names.size(), none) {}

    void read(const csv_target::record& header);
    [[nodiscard]] bool has(std::string_view name) const { return place_of(name) != none; }
    /// "" where the record or the file has none; without the apostrophe of a safe export.
    [[nodiscard]] std::string_view field(const csv_target::record& fields,
                                         std::string_view name) const;

private:
    static constexpr auto none = static_cast<std::size_t>(-1);
    [[nodiscard]] std::size_t place_of(std::string_view name) const;

    std::span<const std::string_view> names_;
    std::vector<std::size_t> places_;
};

class csv_import;

/// All imports that are under way.
class csv_imports {
public:
    static constexpr std::size_t imports_max = 4;
    static constexpr std::size_t imports_of_account_max = 2;

    /// `waiting` outlives it.
    csv_imports(pending_answers& waiting, upload_surroundings around)
        : waiting_(waiting), around_(std::move(around)) {}

    /// Pending; take_reader() has the reader of the body then. A refusal: too many are under way.
    [[nodiscard]] answer begin(const request_context& request, std::unique_ptr<csv_target> into);
    [[nodiscard]] begun_reading take_reader() { return std::exchange(reader_, {}); }

    /// Whether the rows of this ticket are of an import; what follows from their being on disk is
    /// done then.
    [[nodiscard]] bool rows_kept(reply_ticket ticket);
    /// For those that the disk has refused; to be called every now and then while there are any.
    void try_again();
    [[nodiscard]] bool has_paused() const;
    /// `ready` is called when the answer of an import is among those that wait, in any turn.
    void on_ready(std::function<void(session_id)> ready) { ready_ = std::move(ready); }

private:
    friend class csv_import;
    void give(session_id session, http_response response);
    [[nodiscard]] instant now(instant otherwise) const {
        return around_.now ? around_.now() : otherwise;
    }
    void touched() const {
        if (around_.touched) around_.touched();
    }

    pending_answers& waiting_;
    upload_surroundings around_;
    std::function<void(session_id)> ready_;
    begun_reading reader_;
    std::map<std::uint64_t, std::shared_ptr<csv_import>> all_;  // by session
};

}  // namespace hikyaku::gateway::api
