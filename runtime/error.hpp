// error: what a user did wrong or the machine refused, as one sentence they can act on: which file, layer or dimension,
// what was expected, what was found, what to do. The command line prints it after "kiln: error: " and exits with 1.
#pragma once

#include <stdexcept>

namespace kiln {

struct error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace kiln
