// Convolutions of few channels by Winograd's minimal filtering (winograd_transform.hpp) along y alone: a tile is some
// rows of one position. Taps along x and channels are summed as they are, and what lies side by side in a row, its
// positions' channels or a plane's positions, is transformed together: channels need not fill a vector. F(2, 5) takes 6
// products for a tap along x where the definition takes 10.
//
//   for a row of tiles:  transformed[frequency, x, channel] = B^T input
//     for a block of filters, a register block of positions:
//       for frequency:  products[frequency, position, filter] = sum over taps along x and channels
//                                                               of  transformed * weight[frequency]
//       output = epilogue(A^T products + bias)
//
// What is transformed and the products stay in the first-level cache, on the stack.
//
// Parameters: {lanes, block, tile, registers}: vector width; filters and positions a register block; rows of a tile.
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

struct winograd_rows_parameters {
    std::int32_t lanes = 4, block = 4, tile = 2, registers = 1;
};

/// A row of the input in memory: positions with their channels between them, or a plane for each channel.
struct winograd_row {
    std::int32_t step;    // numbers from one position to the next
    std::int32_t planes;  // rows that an output reads
    std::int32_t length;  // numbers of each that a row of outputs reads
};
winograd_row winograd_row_of(const kernel& k);

winograd_rows_parameters winograd_rows_parameters_of(const schedule& how);
winograd_tile winograd_rows_tile_of(const kernel& k, const winograd_rows_parameters& p);

/// Whether the convolution is one the family computes: 3x3 or 5x5 with a stride of 1, no groups, filters that fill
/// vectors and are float32 weights; numbers of a row of the input that lie side by side.
bool winograd_rows_takes(const kernel& k, const machine& m);

/// Whether the estimate can be believed: where the output does not stay in the second-level cache, all that is written
/// is what the time goes to (VGG-16's first layer took twice as long as directly).
bool winograd_rows_may_pay(const kernel& k, const machine& m);

schedule schedule_of(const winograd_rows_parameters& p);
void for_each_winograd_rows(const kernel& k, const machine& m,
                            const std::function<void(const winograd_rows_parameters&)>& f);
/// An estimate of one thread's cycles.
double winograd_rows_cycles(const kernel& k, const machine& m, const winograd_rows_parameters& p);
winograd_rows_parameters winograd_rows_defaults(const kernel& k, const machine& m);
void schedule_winograd_rows(const kernel& k, const winograd_rows_parameters& p, stages& s);

}  // namespace kiln::schedules
