// A kernel as Halide functions, before any schedule: what compiler/lower builds and the families here schedule.
#pragma once

#include <Halide.h>

#include <string>
#include <vector>

#include <kiln/schedules/register_block.hpp>

namespace kiln::schedules {

/// Keeps on the stack what MemoryType::Stack would allocate on the heap: more than most_bytes_on_stack.
inline constexpr auto on_stack = Halide::MemoryType::Register;

/// Those of a convolution in the domain of frequencies, besides its sum. See winograd.hpp.
struct winograd_stages {
    // A lane and a part of the channels; frequencies along x and y, or cells of a tile; a tile within its block; the
    // block; a tile's place in the output.
    Halide::Var lane{"lane_in"}, part{"part"}, i{"i"}, j{"j"}, tile{"tile"}, block{"tile_block"}, tile_x{"tile_x"},
        tile_y{"tile_y"};
    Halide::Func columns;      // the input transformed along x
    Halide::Func transformed;  // and along y
    Halide::Func products;     // the sums, in memory
    Halide::Func rows;         // the output transformed along x
    Halide::Func taps;         // of a filter that is transformed when the model runs: as they are
    // Where filters are transformed chunk by chunk: a channel of them; the chunks of a plane, and the planes; what
    // filters are along y, and along x.
    Halide::Var channel{"channel"};
    std::vector<Halide::RVar> chunks;
    Halide::Func filter_rows, filters;
};

/// Weights that something is made of before it is multiplied, chunk by chunk, the next of which is prefetched
/// meanwhile: the name of the loop over chunks; how many numbers one is; how much of the loop's time it takes to
/// transform them.
struct weights_in_chunks {
    std::string loop;
    std::int32_t numbers = 0;  // 0: nothing is prefetched in this way
    double transforming = 0;   // 0 where they are only widened: prefetches are left to the sums
};

struct stages {
    // The axes of every activation, innermost first, as in schedules::view.
    Halide::Var c{"c"}, x{"x"}, y{"y"}, z{"z"}, n{"n"}, u{"u"}, v{"v"}, w{"w"};
    bool wide = false;                       // whether u, v and w are in use
    std::vector<Halide::ImageParam> inputs;  // the kernel's, in its order
    Halide::Func result;                     // the output, epilogue applied
    Halide::Func sum;                        // the anchor's accumulator; undefined where there is none
    Halide::Func total;                   // the sum of the accumulators of all parts of the reduction, where it has any
    std::vector<Halide::RVar> parts;      // its reduction; or the result's, where it has parts
    std::vector<Halide::RVar> reduction;  // the accumulator's reduction, innermost first
    // A convolution whose rows are joined: the positions of a register block, and the blocks; or Strassen's: those of a
    // pair, the pairs of a block, and the blocks. The result is then an update, without x and y.
    std::vector<Halide::RVar> positions;
    sharing_of_prefetches sharing = sharing_of_prefetches::none;
    Halide::Func widened;  // narrow weights as float32; undefined where there are none
    weights_in_chunks prefetched;
    winograd_stages winograd;                // of that family
    Halide::Func columns;                    // of pooling: each column's maximum over a window's rows; mostly undefined
    std::vector<Halide::Func> per_position;  // statistics of one position, each used by the next

    /// The axes in use.
    std::vector<Halide::Var> axes() const {
        std::vector<Halide::Var> used{c, x, y, z, n};
        if (wide) used.insert(used.end(), {u, v, w});
        return used;
    }
};

}  // namespace kiln::schedules
