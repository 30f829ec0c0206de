#include "bench/load/options.hpp"

namespace hikyaku::bench {

void write_destination(const load_options& options, std::uint64_t index, std::string& into) {
    into.assign(options.to_prefix);
    into.append(options.to_digits, '0');
    for (std::size_t at = into.size(); at-- > options.to_prefix.size() && index > 0; index /= 10)
        into[at] = static_cast<char>('0' + index % 10);
}

std::string destination(const load_options& options, std::uint64_t index) {
    std::string result;
    write_destination(options, index, result);
    return result;
}

std::string system_id_of(const load_options& options, std::size_t which) {
    if (options.accounts == 0) return options.system_id;
    return options.system_id + std::to_string(which % options.accounts + 1);
}

}  // namespace hikyaku::bench
