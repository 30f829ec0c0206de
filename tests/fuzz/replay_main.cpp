// What a fuzz target is linked with where there is no libFuzzer: runs it on every file of a corpus,
// so that what was once found is tried again in every build.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_input.hpp"

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1], error))
        if (entry.is_regular_file()) paths.push_back(entry.path());
    if (error || paths.empty()) {
        std::fprintf(stderr, "no corpus in %s\n", argv[1]);
        return 1;
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        const std::string read((std::istreambuf_iterator<char>(file)), {});
        // Of exactly its size and on the heap, so that a sanitizer sees a step beyond it.
        const auto bytes = std::make_unique<std::uint8_t[]>(read.size());
        std::copy(read.begin(), read.end(), bytes.get());
        std::printf("%s\n", path.filename().c_str());
        std::fflush(stdout);
        (void)LLVMFuzzerTestOneInput(bytes.get(), read.size());
    }
    (void)LLVMFuzzerTestOneInput(nullptr, 0);
    std::printf("%zu inputs\n", paths.size());
    return 0;
}
