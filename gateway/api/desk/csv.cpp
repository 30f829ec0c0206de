#include "gateway/api/desk/csv.hpp"

namespace hikyaku::gateway::api {

csv_reader::csv_reader(std::string_view octets) : rest_(octets) {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
}

/// From behind the opening quote to behind the closing one.
void csv_reader::read_quoted(std::string& field) {
    for (;;) {
        const auto quote = rest_.find('"');
        const auto part = rest_.substr(0, quote);
        for (const char c : part)
            next_line_ += c == '\n' ? 1 : 0;
        field.append(part);
        if (quote == std::string_view::npos) {
            rest_ = {};
            faulty_ = true;
            return;
        }
        rest_.remove_prefix(quote + 1);
        if (!rest_.starts_with('"')) return;
        field.push_back('"');
        rest_.remove_prefix(1);
    }
}

bool csv_reader::next(std::vector<std::string>& fields) {
    fields.clear();
    faulty_ = false;
    while (!rest_.empty() && (rest_.front() == '\n' || rest_.front() == '\r')) {
        next_line_ += rest_.front() == '\n' ? 1 : 0;
        rest_.remove_prefix(1);
    }
    if (rest_.empty()) return false;
    line_ = next_line_;
    for (bool more = true; more;) {
        auto& field = fields.emplace_back();
        if (rest_.starts_with('"')) {
            rest_.remove_prefix(1);
            read_quoted(field);
        }
        const auto end = rest_.find_first_of(",\r\n");
        const auto plain = rest_.substr(0, end);
        faulty_ = faulty_ || (!field.empty() && !plain.empty()) ||
                  plain.find('"') != std::string_view::npos;
        field.append(plain);
        rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
        more = rest_.starts_with(',');
        if (more) rest_.remove_prefix(1);
    }
    return true;
}

void append_csv(std::string& out, std::initializer_list<std::string_view> fields) {
    bool first = true;
    for (const auto field : fields) {
        if (!first) out.push_back(',');
        first = false;
        if (field.find_first_of(",\"\r\n") == std::string_view::npos) {
            out.append(field);
            continue;
        }
        out.push_back('"');
        for (const char c : field) {
            if (c == '"') out.push_back('"');
            out.push_back(c);
        }
        out.push_back('"');
    }
    out.append("\r\n");
}

}  // namespace hikyaku::gateway::api
