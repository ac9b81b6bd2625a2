// Direct convolution, dense layers included: a block of `tile` positions x `block` filters is kept in registers while
// the reduction runs outside it; weights are packed so that one load brings the next vector of filters.
//
//   for block, y, x tile:  acc[tile][block] = bias;  for k.., c:  acc += in[x + k, c] * w[block, k, c, :]
//
// Where a block's weights are more than stay in the second-level cache over all rows, the reduction is cut into parts,
// and rows are gone over for each of them; what they add up to waits in memory meanwhile:
//
//   for block:  total[y, x] = bias;  for part of k.., c:  for y, x tile:  acc = 0;  for c:  acc += ...;  total += acc
//
// Where the input is more than stays in the second-level cache from one block of filters to the next, rows are cut into
// chunks, and all filters go over one before the next (Goto and van de Geijn 2008, doi:10.1145/1356052.1356053, figure
// 4: their A is the input here):
//
//   for chunk of y:  for block:  for y in chunk, x tile:  ...
//
// Of a batch, samples fill up the register block where rows are too short to; and the loop over samples is inside that
// over filters where weights would not stay in the cache from one sample to the next.
//
// Rows may be joined: a register block's positions are then any that follow each other in a plane, over the ends of its
// rows, so that only the last block of a plane, not of each row, has some that another has already. Where their windows
// lie in memory is looked up once for each block, unless one follows the other there.
//
// Narrow weights may be widened once for all rows: those of a block of filters, or of a part of the reduction.
//
// Parameters: {lanes, block, tile, unroll, ahead, part, samples, filters_outside, join, chunk, widen}: vector width,
// filters a register block (a multiple of lanes), positions along x a register block, channels of the reduction
// unrolled, how many steps of the reduction ahead weights are prefetched (0: not; as many as there are: those of the
// next block of filters, by all register blocks together), channels of a part (0: the whole reduction at once), samples
// a register block, whether samples are inside the loop over filters, whether rows are joined, rows of a chunk
// (register blocks where they are joined; 0: all), whether weights are widened first.
#pragma once

#include <kiln/schedules/family.hpp>
#include <kiln/schedules/register_block.hpp>

namespace kiln::schedules {

struct direct_conv_parameters {
    std::int32_t lanes = 4, block = 4, tile = 1, unroll = 1, ahead = 0, part = 0;
    std::int32_t samples = 1, filters_outside = 0, join = 0, chunk = 0, widen = 0;

    /// Register blocks along an axis of so many positions.
    constexpr std::int32_t tiles_in(std::int32_t positions) const { return divided_up(positions, tile); }
};

/// What loops go over: positions of a row, or of a plane whose rows are joined; rows, or register blocks where they are
/// joined; steps of the reduction that are summed at once.
struct direct_conv_extents {
    std::int32_t row, rows, steps;
};
direct_conv_extents direct_conv_extents_of(const kernel& k, const direct_conv_parameters& p);

direct_conv_parameters direct_conv_parameters_of(const schedule& how);
direct_conv_parameters direct_conv_defaults(const kernel& k, const machine& m);
schedule schedule_of(const direct_conv_parameters& p);
/// The same for narrow weights, widened first where enough register blocks multiply them; in parts where all of a
/// block's are too many.
direct_conv_parameters with_widened_weights(const kernel& k, const direct_conv_parameters& p);
/// Whether a kernel with this schedule joins rows.
bool joins_rows(const kernel& k);
/// Whether the windows of positions that follow each other in a plane do not follow each other in memory.
bool looks_up_input_rows(const kernel& k);
void for_each_direct_conv(const kernel& k, const machine& m,
                          const std::function<void(const direct_conv_parameters&)>& f);
/// An estimate.
double direct_conv_cycles(const kernel& k, const machine& m, const direct_conv_parameters& p);
void schedule_direct_conv(const kernel& k, const direct_conv_parameters& p, stages& s);

}  // namespace kiln::schedules
