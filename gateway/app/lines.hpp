// The loop that the tools over lines share: read a line, convert it to an object, print that. Main
// thread.
#pragma once

#include <boost/json/object.hpp>
#include <istream>
#include <ostream>
#include <string>

#include "gateway/api/json/text.hpp"

namespace hikyaku::gateway::app {

/// Calls `convert` for each line, without those that are blank if `skip_blank`, and prints the
/// object that it returns. The exit code: 1 if any of them has the member "error", else 0.
template <class Convert>
int for_each_line(std::istream& in, std::ostream& out, bool skip_blank, Convert convert) {
    int exit_code = 0;
    std::string line;
    while (std::getline(in, line)) {
        if (line.ends_with('\r')) line.pop_back();
        if (skip_blank && line.find_first_not_of(" \t") == std::string::npos) continue;
        const boost::json::object object = convert(line);
        if (object.contains("error")) exit_code = 1;
        out << api::write_json(object) << std::endl;
    }
    return exit_code;
}

}  // namespace hikyaku::gateway::app
