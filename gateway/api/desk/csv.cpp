#include "gateway/api/desk/csv.hpp"

namespace hikyaku::gateway::api {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

}  // namespace

void csv_reader::begin_record() {
    fields_.clear();
    fields_.emplace_back();
    octets_ = 0;
    line_ = next_line_;
    fault_ = csv_fault::none;
    at_ = place::field_begin;
}

void csv_reader::put(char c) {
    auto& field = fields_.back();
    if (field.size() < field_octets_max)
        field.push_back(c);
    else
        fault_ = csv_fault::too_long;
}

void csv_reader::end_record() {
    at_ = place::between;
    has_record_ = true;
}

/// Of the byte order mark at the begin, of which only a whole one is none of the text.
bool csv_reader::is_of_mark(char c) {
    if (mark_ == byte_order_mark.size()) return false;
    if (c == byte_order_mark[mark_]) {
        ++mark_;
        return true;
    }
    const auto begun = byte_order_mark.substr(0, mark_);
    mark_ = byte_order_mark.size();
    for (const char each : begun)
        read(each);
    return false;
}

std::size_t csv_reader::take(std::string_view octets) {
    has_record_ = false;
    std::size_t taken = 0;
    while (taken < octets.size() && !has_record_) {
        const char c = octets[taken++];
        if (!is_of_mark(c)) read(c);
    }
    return taken;
}

void csv_reader::finish() {
    has_record_ = false;
    if (at_ == place::between) return;
    if (at_ == place::quoted && fault_ == csv_fault::none) fault_ = csv_fault::quote;
    end_record();
}

void csv_reader::read(char c) {
    if (at_ == place::between && c != '\n' && c != '\r') begin_record();
    if (c == '\n') ++next_line_;
    if (at_ == place::between) return;
    if (at_ == place::passing_over) {
        if (c == '\n') end_record();
        return;
    }
    if (++octets_ > record_octets_max) {
        fields_.clear();
        fault_ = csv_fault::too_long;
        at_ = place::passing_over;
        if (c == '\n') end_record();
        return;
    }
    if (at_ == place::quoted) {
        if (c == '"')
            at_ = place::behind_quote;
        else
            put(c);
        return;
    }
    read_plain(c);
}

/// Outside of quotes.
void csv_reader::read_plain(char c) {
    const bool was_begin = at_ == place::field_begin;
    if (c == '\n' || c == '\r') return end_record();
    if (c == ',') {
        if (fields_.size() == fields_max) {
            fault_ = csv_fault::too_long;
            at_ = place::passing_over;
            return;
        }
        fields_.emplace_back();
        at_ = place::field_begin;
        return;
    }
    if (c == '"' && at_ != place::plain) {
        if (!was_begin) put(c);  // two of them in a quoted field
        at_ = place::quoted;
        return;
    }
    if ((c == '"' || at_ == place::behind_quote) && fault_ == csv_fault::none)
        fault_ = csv_fault::quote;
    put(c);
    at_ = place::plain;
}

bool looks_like_formula(std::string_view field) {
    const auto at = field.find_first_not_of('\'');
    return at != std::string_view::npos &&
           std::string_view("=+-@\t").find(field[at]) != std::string_view::npos;
}

std::string_view without_apostrophe(std::string_view field) {
    if (field.starts_with('\'') && looks_like_formula(field)) field.remove_prefix(1);
    return field;
}

void append_csv(std::string& out, std::initializer_list<std::string_view> fields, bool safe) {
    bool first = true;
    for (const auto field : fields) {
        if (!first) out.push_back(',');
        first = false;
        const bool is_quoted = field.find_first_of(",\"\r\n") != std::string_view::npos;
        if (is_quoted) out.push_back('"');
        if (safe && looks_like_formula(field)) out.push_back('\'');
        for (const char c : field) {
            if (c == '"') out.push_back('"');
            out.push_back(c);
        }
        if (is_quoted) out.push_back('"');
    }
    out.append("\r\n");
}

}  // namespace hikyaku::gateway::api
