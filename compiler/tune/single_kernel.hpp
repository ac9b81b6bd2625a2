// One kernel as a model of its own, to be measured apart from its network.
#pragma once

#include <string>

#include <kiln/compiler/plan/plan.hpp>

namespace kiln::tune {

/// A plan of one step. Operands and scratch lie one behind the other in the arena, weights likewise in their block.
plan::plan plan_of(const schedules::kernel& k);

/// Whether it may run on arbitrary values: elements that are no floats can be indices.
bool runs_on_anything(const schedules::kernel& k);

/// The object file of plan_of(k), weights outside, exporting `name`_execute. In this process: to be called in a worker,
/// for a crash or a hang of the compiler must not end the search. Throws kiln::error.
std::string object_of(const schedules::kernel& k, const std::string& target, const std::string& name,
                      const std::string& cache_folder);

/// The same of bitcode that has been lowered already: its function is kiln_kernel_NAME.
std::string object_around(const std::string& bitcode, const schedules::kernel& k, const std::string& target,
                          const std::string& name, const std::string& cache_folder);

}  // namespace kiln::tune
