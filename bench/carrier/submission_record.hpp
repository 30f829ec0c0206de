// Writes the destination of every submission that the simulated carrier accepted to a file, one a
// line, so that after a run whose gateway was killed somebody can say which messages arrived and
// which came twice. `--record FILE` switches it on. Used on the carrier's thread only; the file is
// buffered and complete when the carrier has ended.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

namespace hikyaku::bench {

class submission_record {
public:
    /// Begins the file anew; without it add() does nothing.
    [[nodiscard]] boost::system::error_code open(const std::string& path);
    /// `destination` as the submission had it, but for octets that are no UTF-8 (U+FFFD) and
    /// controls ('?'). What the disk refuses is missing from the file.
    void add(std::string_view destination);

private:
    struct closer {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    std::unique_ptr<std::FILE, closer> file_;
};

}  // namespace hikyaku::bench
