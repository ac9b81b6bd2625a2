#pragma once
#include <kiln/dsl/dsl.hpp>

inline constexpr auto block = [](auto x) {
    using namespace kiln::literals;
    return kiln::relu(x | kiln::dense(4_c));
};
