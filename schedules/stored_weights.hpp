// Which weights are stored narrow (kernel.hpp, storage) when that is asked for.
//
// It saves time where weights come from memory: dense layers, which read each weight once, and convolutions over few
// positions. Elsewhere it saves room, and costs little time where weights are widened once for many register blocks
// (widen.hpp). So the rule asks for size alone.
#pragma once

#include <kiln/schedules/family.hpp>

namespace kiln::schedules {

/// How the filters of a kernel that has no schedule yet are to be stored where `wanted` is asked for: so in
/// convolutions and dense layers of at least `fewest_narrowed` weights, unless they are of a family without blocks of
/// filters (depthwise ones, and those of few filters). What Winograd's family computes is asked for as bfloat16 where
/// int8 is wanted; see winograd_storage for what becomes of that.
storage storage_for(const kernel& k, const machine& m, precision allowed, storage wanted);

/// 16 KiB of float32.
inline constexpr std::int64_t fewest_narrowed = 4096;

}  // namespace kiln::schedules
