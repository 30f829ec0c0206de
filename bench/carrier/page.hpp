// The three files of the phone page, compiled in so that the binary is all one needs. Static texts.
#pragma once

#include <string_view>

namespace hikyaku::bench {

extern const std::string_view phone_page;
extern const std::string_view phone_style;
extern const std::string_view phone_script;

}  // namespace hikyaku::bench
