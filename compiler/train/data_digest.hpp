// data_digest: whether two data sets are the same, told from few digits: a training must go on with the samples it
// began with, and all processes of a team must have the same.
#pragma once

#include <string>

#include <kiln/runtime/data/data_set.hpp>

namespace kiln::train {

/// 16 hexadecimal digits (XXH3) of all samples as the network is given them, in their order; not of names.
std::string data_digest(const data::data_set& set);

}  // namespace kiln::train
