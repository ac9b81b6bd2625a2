#pragma once
#include "block.hpp"

inline constexpr auto gate = [](auto x) {
    using namespace kiln::literals;
    return x | block | kiln::dense(2_c) | kiln::sigmoid;
};
using gate_input = kiln::shape<3>;
