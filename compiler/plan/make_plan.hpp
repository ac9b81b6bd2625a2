// Partitions a verified graph with bound weights into kernels, lays out its memory, and lists the steps.
#pragma once

#include <cstddef>
#include <string>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/plan/plan.hpp>
#include <kiln/schedules/family.hpp>

namespace kiln::plan {

/// `target`: a resolved target (vector width and registers decide weight packing).
struct plan_options {
    schedules::precision precision = schedules::precision::bounded;
    schedules::storage weights =
        schedules::storage::float32;  // of filters where it pays (schedules/stored_weights.hpp)
    schedules::chooser choose{};      // of schedules; the defaults without
    /// How many threads the arena has room for; more do their work less well side by side. 0: as many as this machine
    /// has processors.
    int threads = 0;
};

plan make_plan(const ir::graph& g, const std::string& target, const plan_options& options = {});

/// The bytes of a weight of this shape, packed.
std::int64_t packed_bytes(const dims& shape, element type, const schedules::packing& packed);

/// Writes every weight of `p`, packed, to `block` (p.weights_bytes bytes).
void pack_weights(const plan& p, std::byte* block);

}  // namespace kiln::plan
