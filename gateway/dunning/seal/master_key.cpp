#include "gateway/dunning/seal/master_key.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace hikyaku::gateway::dunning {
namespace {

constexpr std::size_t digits = 2 * sizeof(secret_octets);
constexpr std::size_t file_octets_max = 1024;

/// What the file holds; `fault` is an errno.
std::string read_file(const std::string& path, int& fault) {
    fault = 0;
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        fault = errno;
        return {};
    }
    std::string text(file_octets_max, '\0');
    const auto got = ::read(file, text.data(), text.size());
    if (got < 0) fault = errno;
    ::close(file);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
}

/// Written and synced before it has its name, and before anything is sealed with it: after a kill
/// there is the whole of it or nothing. For its owner only.
int write_new_file(const std::string& path, std::string_view text) {
    const auto unfinished = path + ".new";
    if (::unlink(unfinished.c_str()) != 0 && errno != ENOENT) return errno;
    const int file = ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return errno;
    int fault = 0;
    if (::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(file) != 0)
        fault = errno == 0 ? EIO : errno;
    ::close(file);
    if (fault == 0 && ::rename(unfinished.c_str(), path.c_str()) != 0) fault = errno;
    if (fault != 0) ::unlink(unfinished.c_str());
    return fault;
}

int sync_folder(const std::string& path) {
    const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return errno;
    const int fault = ::fsync(folder) != 0 ? errno : 0;
    ::close(folder);
    return fault;
}

boost::system::result<secret_octets, std::string> make_in(const std::string& folder,
                                                          const std::string& path) {
    const auto made = random_secret();
    std::string text(digits + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), made.data(), made.size());
    text.back() = '\n';
    int fault = write_new_file(path, text);
    if (fault == 0) fault = sync_folder(folder);
    if (fault != 0)
        return fmt::format("the master key {} cannot be written: {}", path, std::strerror(fault));
    return made;
}

}  // namespace

std::optional<secret_octets> parse_master_key(std::string_view text) {
    constexpr std::string_view white = " \t\r\n";
    const auto begin = text.find_first_not_of(white);
    if (begin == std::string_view::npos) return std::nullopt;
    text = text.substr(begin, text.find_last_not_of(white) - begin + 1);
    secret_octets made;
    std::size_t length = 0;
    if (text.size() != digits ||
        sodium_hex2bin(made.data(), made.size(), text.data(), text.size(), nullptr, &length,
                       nullptr) != 0 ||
        length != made.size())
        return std::nullopt;
    return made;
}

boost::system::result<secret_octets, std::string> read_master_key(const master_key_source& from) {
    if (!from.environment.empty()) {
        const auto key = parse_master_key(from.environment);
        if (!key) return std::string("HIKYAKU_MASTER_KEY must be 64 hexadecimal digits");
        return *key;
    }
    const bool is_own = from.file.empty();
    const auto path = is_own ? from.store_folder + "/master.key" : from.file;
    int fault = 0;
    const auto text = read_file(path, fault);
    const bool is_missing = fault == ENOENT;
    // A program of before could be killed between its name and what is in it.
    const bool is_unfinished = fault == 0 && text.empty();
    if (is_own && from.is_store_new && (is_missing || is_unfinished))
        return make_in(from.store_folder, path);
    if (fault != 0)
        return fmt::format("the master key {} cannot be read: {}", path, std::strerror(fault));
    const auto key = parse_master_key(text);
    if (!key) return fmt::format("the master key {} must be 64 hexadecimal digits", path);
    return *key;
}

}  // namespace hikyaku::gateway::dunning
