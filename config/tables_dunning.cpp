// The lines of [dunning].
#include "config/table.hpp"

namespace hikyaku::config {

const section& dunning_section() {
    using object = dunning;
    static const section made{
        "[dunning]",
        "What is kept about people who are not to be contacted: holds, suppressions, timelines. It "
        "is sealed with a key of each account, and those keys with a master key.",
        defaults_of<object>(),
        {
            field<object, &object::master_key_file>(make::path_of(
                names_file::secret,
                make::text("master_key_file", R"("")",
                           "File with the master key, 64 hexadecimal digits. The environment "
                           "variable `HIKYAKU_MASTER_KEY` has precedence. `\"\"`: the file "
                           "`master.key` in the store's folder, made at the first start; then "
                           "whoever has a copy of that folder can read everything. A lost master "
                           "key cannot be replaced"))),
        }};
    static const section marked = with_effect(made, takes_effect::restart, {"master_key_file"});
    return marked;
}

}  // namespace hikyaku::config
