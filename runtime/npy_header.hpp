// npy_header: the Python dictionary at the start of an .npy array (numpy.lib.format): what its elements are and how
// they are laid out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <kiln/dsl/element.hpp>

namespace kiln {

struct npy_header {
    std::string descr;  // "<f4"
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
};

/// Reads exactly the keys descr, fortran_order and shape, in any order, with Python's spelling of strings, booleans and
/// tuples. `what` (a file, perhaps a tensor) starts the message of the kiln::error thrown when the text is not such a
/// dictionary.
npy_header parse_npy_header(std::string_view text, std::string_view what);

/// Magic, version and dictionary of a C-ordered array, padded so that the data after it is 64-byte aligned.
std::string npy_preamble(const std::vector<std::int64_t>& shape, element type = element::float32);

}  // namespace kiln
