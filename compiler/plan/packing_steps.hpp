// How filters and vectors that are no weights, but inputs or computed, are brought into the layout kernels read
// (schedules::packing): by copies between views, where the value does not lie like that already.
//
//   {window..., channels, filters}  ->  [filters / block][window...][channels][block]
//
// Or, for Winograd's convolution, with frequencies in the window's place: one kernel transforms and packs.
#pragma once

#include <cstdint>
#include <vector>

#include <kiln/compiler/plan/layout.hpp>
#include <kiln/schedules/kernel.hpp>

namespace kiln::plan {

/// What packing makes of a tensor: elements, those of whole blocks included.
std::int64_t packed_elements(const dims& shape, const schedules::packing& packed);

/// Whether `value` lies in memory as a kernel that wants it `packed` reads it.
bool lies_packed(const strided& value, const dims& shape, const schedules::packing& packed, bool flip);

/// A copy, or where there is a tile a transform of filters (schedules/winograd_filters.hpp); offsets in elements, from
/// the value's origin and from the packed block's first element.
struct packing_copy {
    schedules::view from, to;
    std::int64_t from_offset = 0, to_offset = 0;
    schedules::winograd_tile tile{};
};

/// The copies that pack `value`. The lanes that fill up the last block stay as they
/// are: they must be zero.
std::vector<packing_copy> packing_copies(const strided& value, const dims& shape, const schedules::packing& packed,
                                         bool flip);

/// The lanes that fill up the last block: so many elements, in so many runs a block apart, from the first one on.
struct packing_gap {
    std::int64_t first = 0, elements = 0, runs = 0, distance = 0;
};
packing_gap packing_gap_of(const dims& shape, const schedules::packing& packed);

}  // namespace kiln::plan
