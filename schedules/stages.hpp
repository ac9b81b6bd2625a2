// A kernel as Halide functions, before any schedule: what compiler/lower builds and the families here schedule.
#pragma once

#include <Halide.h>

#include <vector>

namespace kiln::schedules {

struct stages {
    // The axes of every activation, innermost first, as in schedules::view.
    Halide::Var c{"c"}, x{"x"}, y{"y"}, z{"z"}, n{"n"}, u{"u"}, v{"v"}, w{"w"};
    bool wide = false;                       // whether u, v and w are in use
    Halide::Func result;                     // the output, epilogue applied
    Halide::Func sum;                        // the anchor's accumulator; undefined where there is none
    std::vector<Halide::RVar> reduction;     // the accumulator's reduction, innermost first
    std::vector<Halide::Func> per_position;  // statistics of one position, each used by the next

    /// The axes in use.
    std::vector<Halide::Var> axes() const {
        std::vector<Halide::Var> used{c, x, y, z, n};
        if (wide) used.insert(used.end(), {u, v, w});
        return used;
    }
};

}  // namespace kiln::schedules
