// A kernel as Halide functions, before any schedule: what compiler/lower builds and the families here schedule.
#pragma once

#include <Halide.h>

#include <vector>

namespace kiln::schedules {

struct stages {
    // The axes of every activation, innermost first, as in schedules::view.
    Halide::Var c{"c"}, x{"x"}, y{"y"}, z{"z"}, n{"n"};
    Halide::Func result;                     // the output, epilogue applied
    Halide::Func sum;                        // the anchor's accumulator; undefined where there is none
    std::vector<Halide::RVar> reduction;     // the accumulator's reduction, innermost first
    std::vector<Halide::Func> per_position;  // softmax: statistics of one position, each used by the next
};

}  // namespace kiln::schedules
