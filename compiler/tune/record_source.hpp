// Which tuning records compiling picks up.
#pragma once

#include <string>
#include <string_view>

namespace kiln::tune {

inline constexpr std::string_view off = "off";

struct record_source {
    std::string file{};  // a database; empty: $KILN_TUNING_RECORDS, else the user's; "off": no records at all
    int threads = 0;     // records were measured with a number of threads; 0: one for each processor
};

}  // namespace kiln::tune
