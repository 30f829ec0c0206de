// A list that comes in pages as the body of a response, a few records at a time: each page is read
// when the client has taken the one before. Used inside this folder; engine's thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/api/body_stream.hpp"

namespace hikyaku::gateway::api {

/// `Page` has `found`, a list of `Row`, and `next`, which is empty at the end.
template <class Page, class Row>
class csv_export final : public body_source {
public:
    using page_function = std::function<Page(std::string_view after)>;
    using head_function = std::function<void(std::string& out)>;
    using row_function = std::function<void(std::string& out, const Row& row)>;

    csv_export(page_function next, const head_function& head, row_function row)
        : next_(std::move(next)), row_(std::move(row)) {
        head(head_);
    }

    source_state next(std::string& out, std::size_t room, time_point) override {
        const auto begin = out.size();
        out.append(std::exchange(head_, {}));
        while (out.size() - begin < room) {
            if (shown_ < page_.found.size()) {
                row_(out, page_.found[shown_++]);
                continue;
            }
            if (is_last_) return source_state::end;
            page_ = next_(page_.next);
            is_last_ = page_.next.empty();
            shown_ = 0;
        }
        return source_state::more;
    }

private:
    page_function next_;
    row_function row_;
    std::string head_;
    Page page_;
    std::size_t shown_ = 0;  // of the page
    bool is_last_ = false;
};

template <class Page, class Row>
[[nodiscard]] std::unique_ptr<body_source> make_csv_export(
    typename csv_export<Page, Row>::page_function next,
    const typename csv_export<Page, Row>::head_function& head,
    typename csv_export<Page, Row>::row_function row) {
    return std::make_unique<csv_export<Page, Row>>(std::move(next), head, std::move(row));
}

}  // namespace hikyaku::gateway::api
