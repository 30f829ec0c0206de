#include "store/files.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace hikyaku::store {

namespace {

std::string probe_in(const std::string& folder) {
    return folder + "/probe";
}

}  // namespace

bool sync_path(const std::string& path, int flags) {
    int file = ::open(path.c_str(), flags | O_CLOEXEC);
    if (file < 0) return false;
    bool done = ::fsync(file) == 0;
    ::close(file);
    return done;
}

bool sync_parent(const std::string& path) {
    auto parent = std::filesystem::path(path).lexically_normal().parent_path().string();
    return sync_path(parent.empty() ? "." : parent, O_RDONLY | O_DIRECTORY);
}

bool is_full(const std::string& folder) {
    constexpr off_t little = 1 << 20;
    struct stat status {};
    rlimit limit{};
    if (::stat((folder + "/data.mdb").c_str(), &status) == 0 &&
        ::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        static_cast<rlim_t>(status.st_size + little) > limit.rlim_cur)
        return true;
    auto name = probe_in(folder);
    int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return errno == ENOSPC || errno == EDQUOT;
    int code = ::posix_fallocate(file, 0, little);
    ::close(file);
    ::unlink(name.c_str());
    return code == ENOSPC || code == EDQUOT;
}

bool takes_writes(const std::string& folder) {
    auto name = probe_in(folder);
    int file = ::open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_DSYNC | O_CLOEXEC, 0600);
    if (file < 0) return false;
    std::array<char, 4096> page{};
    bool done = ::pwrite(file, page.data(), page.size(), 0) == static_cast<ssize_t>(page.size()) &&
                ::fsync(file) == 0;
    ::close(file);
    ::unlink(name.c_str());
    return done;
}

}  // namespace hikyaku::store
