// A folder of a test's own below the system's folder for temporary files (TMPDIR). Tests run beside
// each other, and none may find what another has left.
#pragma once

#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>

namespace hikyaku {

/// Made by the constructor, removed with all that is in it by the destructor.
class temporary_folder {
public:
    temporary_folder() : path_(std::filesystem::temp_directory_path() / "hikyaku-XXXXXX") {
        if (::mkdtemp(path_.data()) == nullptr) std::abort();
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] std::string operator/(std::string_view name) const {
        return (std::filesystem::path(path_) / name).string();
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace hikyaku
