// What the families have in common that transform a block of the input, sum products of it with transformed weights,
// and transform those back (Winograd's and Strassen's): how threads share them, what that needs of the arena, and how
// long it takes.
#pragma once

#include <kiln/schedules/family.hpp>
#include <kiln/schedules/scratch.hpp>
#include <kiln/schedules/stages.hpp>

namespace kiln::schedules {

/// A store of what a block's products need must not fall into a few sets of the first-level cache: an odd distance, in
/// vectors, of odd counts.
constexpr std::int32_t odd(std::int32_t count) { return count | 1; }

/// How many tasks threads share, and whether they share blocks of filters or blocks of the input.
struct shared_out {
    std::int32_t tasks = 1, by_filters = 0;
};

/// Among threads: blocks of the input where there are enough of them, otherwise blocks of filters.
shared_out share_out(const kernel& k, std::int32_t input_blocks, std::int32_t filter_blocks);

/// Blocks of filters share one transformed input.
scratch shared_scratch(std::int64_t transformed_bytes, std::int64_t product_bytes, const shared_out& out);

/// What a block of the input takes, in cycles of one thread, and what it reads.
struct block_cycles {
    double products = 0;
    double in = 0, out = 0;  // the transforms
    double weights_bytes = 0, transformed_bytes = 0;
    bool weights_from_memory = true;  // at first; those that have just been computed are in a cache
    double times_read = 1;            // of what is transformed
    double weights_bytes_again = 0;   // that come from the second-level cache after they were read
};

/// Cycles of so many threads for `blocks` of the input, each of `tiles` and for `filter_blocks`.
double shared_cycles(const machine& m, const block_cycles& each, double blocks, double filter_blocks, double tiles,
                     const shared_out& out, std::int32_t threads);

/// What is chosen by: the mean of what one thread and what two together take, given the cycles of so many threads.
template <class Cycles>
double cost_of(const Cycles& cycles) {
    return (cycles(1) + 2 * cycles(2)) / 2;
}

/// The products of a block of filters: `registers` of the `tiles` at a time, for each of `frequencies`, innermost
/// first. While they are summed, the weights of those that follow come from memory. Half the reduction runs over
/// `channel_lanes`, the other over `parts`. Where filters come in chunks, the products of all are added up.
struct products_of_a_block {
    std::int32_t lanes, tiles, registers, channel_lanes, parts;
    std::vector<Halide::Var> frequencies;
};
void schedule_products(stages& s, const products_of_a_block& p);

}  // namespace kiln::schedules
