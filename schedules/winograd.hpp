// 3x3 and 5x5 convolutions by Winograd's minimal filtering (winograd_transform.hpp): fewer multiplications than there
// are products. The two inner spatial axes are transformed; in 3D, depth joins the reduction.
//
//   for a block of tiles:  transformed[frequency, tile, channel] = B^T input B
//     for a block of filters:
//       for frequency:  products[frequency, tile, filter] = sum over channels of  transformed * weight[frequency]
//       for tile:  output = epilogue(A^T products A + bias)
//
// The sum is the matrix product of direct_conv, with a register block of `registers` tiles x `block` filters. What is
// transformed stays in the second-level cache, in scratch memory from the arena.
//
// Filters are weights, so they can be transformed when they are packed. But there are then as many numbers of them as
// there are frequencies: 36 instead of 9 where a tile has 4 x 4 outputs. Where tiles are few, the products wait for
// memory. So they can be transformed here as well, a chunk of channels and a row of frequencies at a time, which stay
// in the first-level cache until they are multiplied, while the next chunk's taps come from memory:
//
//     for a block of filters:
//       for a chunk of channels, for frequency along y:
//         filters[frequency along x, channel, filter] = (G weights G^T) of that row
//         for frequency along x:  products += sum over the chunk of  transformed * filters[frequency]
//
// Parameters: {lanes, block, tile, registers, along_x, along_y, along_z, tasks, by_filters, chunk}: vector width;
// filters a register block; outputs of a tile along an axis; tiles a register block; tiles a block along each axis; how
// many tasks threads share; whether they share blocks of filters (1) or blocks of tiles (0); channels of a chunk (0:
// filters are transformed when they are packed).
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

struct winograd_parameters {
    std::int32_t lanes = 4, block = 4, tile = 4, registers = 1, along_x = 1, along_y = 1, along_z = 1, tasks = 1;
    std::int32_t by_filters = 0, chunk = 0;
};

/// What follows from a kernel and its parameters.
struct winograd_shape {
    winograd_tile tile;
    std::int32_t tiles_x, tiles_y;  // of the whole output
    std::int32_t blocks_x, blocks_y, blocks_z;
    std::int32_t depth;                         // of the filter: 1 in 2D
    std::int32_t slice;                         // tiles of a block in one plane
    std::int32_t output_tiles, input_tiles;     // of a block; in 3D the input has depth - 1 planes more
    std::int32_t channel_lanes, channel_parts;  // channels = lanes * parts
    std::int32_t group_parts;                   // those that one filter reads
    std::int32_t chunk_parts;                   // those of a chunk, or all of them
    std::int32_t chunks;                        // of a filter's plane

    std::int32_t blocks() const { return blocks_x * blocks_y * blocks_z; }
};

winograd_parameters winograd_parameters_of(const schedule& how);
winograd_shape winograd_shape_of(const kernel& k, const winograd_parameters& p);

/// Filters that are computed cannot be checked for how much rounding they make of a tile: theirs are small. With 6
/// interpolation points it rounds about ten times as much as the direct convolution, whatever the filters are; with 8
/// up to a hundred times.
inline constexpr std::int32_t most_points_of_computed_filters = 6;

/// Whether the convolution is one the family computes: 3x3 with a stride of 1 or 2, or 5x5 (times any depth), dilation
/// 1, groups whose channels and filters fill vectors; filters that are computed have no depth.
bool winograd_takes(const kernel& k, const machine& m);

/// The tiles of a convolution that the family takes, and the family of rows (winograd_rows.hpp): pooling windows lie
/// inside them.
std::vector<winograd_tile> winograd_tiles_of(const kernel& k);

/// What filters that were transformed when they were packed may be stored as where `wanted` is asked for: bfloat16 at
/// most, with 4 interpolation points. More multiply its rounding by 10 (6 points) to 30: measured, 4 to 10 % of the
/// largest output.
storage winograd_storage(storage wanted, const winograd_tile& tile);

schedule schedule_of(const winograd_parameters& p);
void for_each_winograd(const kernel& k, const machine& m, const std::function<void(const winograd_parameters&)>& f);

/// An estimate of the cycles that so many threads take.
double winograd_cycles(const kernel& k, const machine& m, const winograd_parameters& p, std::int32_t threads);
/// The parameters of the least cost: how many threads there will be is not known, so it is the mean of one thread's
/// cycles and of what two threads take together. With them, those of the transform of computed filters.
winograd_parameters winograd_defaults(const kernel& k, const machine& m);
double winograd_cost(const kernel& k, const machine& m, const winograd_parameters& p);

scratch winograd_scratch(const kernel& k, const winograd_parameters& p);
void schedule_winograd(const kernel& k, const winograd_parameters& p, stages& s);

}  // namespace kiln::schedules
