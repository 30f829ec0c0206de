#include "bench/carrier/submission_record.hpp"

#include <algorithm>
#include <cerrno>

#include "smpp/text/utf8.hpp"

namespace hikyaku::bench {

boost::system::error_code submission_record::open(const std::string& path) {
    file_.reset(std::fopen(path.c_str(), "w"));
    if (file_) return {};
    return {errno, boost::system::system_category()};
}

void submission_record::add(std::string_view destination) {
    if (!file_) return;
    std::string line(destination);
    smpp::text::mend_utf8(line);
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }, '?');
    line.push_back('\n');
    std::fwrite(line.data(), 1, line.size(), file_.get());
}

}  // namespace hikyaku::bench
