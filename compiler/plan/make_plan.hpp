// Partitions a verified graph with bound weights into kernels, lays out its memory, and lists the steps.
#pragma once

#include <string>

#include <kiln/compiler/ir/graph.hpp>
#include <kiln/compiler/plan/options.hpp>
#include <kiln/compiler/plan/plan.hpp>

namespace kiln::plan {

/// `target`: a resolved target (vector width and registers decide weight packing).
plan make_plan(const ir::graph& g, const std::string& target, const plan_options& options = {});

}  // namespace kiln::plan
