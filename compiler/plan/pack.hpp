// Packs weights into the layouts kernels read (schedules/kernel.hpp, packing).
#pragma once

#include <cstddef>
#include <cstdint>

#include <kiln/compiler/plan/plan.hpp>

namespace kiln::plan {

/// The bytes of a weight of this shape, packed.
std::int64_t packed_bytes(const dims& shape, element type, const schedules::packing& packed);

/// Writes every weight of `p`, packed, to `block` (p.weights_bytes bytes).
void pack_weights(const plan& p, std::byte* block);

}  // namespace kiln::plan
