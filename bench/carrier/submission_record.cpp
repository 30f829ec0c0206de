#include "bench/carrier/submission_record.hpp"

#include <cerrno>

namespace hikyaku::bench {

boost::system::error_code submission_record::open(const std::string& path) {
    file_.reset(std::fopen(path.c_str(), "w"));
    if (file_) return {};
    return {errno, boost::system::system_category()};
}

void submission_record::add(std::string_view destination) {
    if (!file_) return;
    std::fwrite(destination.data(), 1, destination.size(), file_.get());
    std::fputc('\n', file_.get());
}

}  // namespace hikyaku::bench
