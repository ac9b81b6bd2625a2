// A kernel call while the plan is made: what of the graph one kernel computes, and what stands behind its inputs and
// its output. How it is computed (choose.hpp) and where its blocks of memory lie (step_memory.hpp) are decided after
// that.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <kiln/compiler/plan/groups.hpp>
#include <kiln/compiler/plan/layout.hpp>
#include <kiln/compiler/plan/packing_steps.hpp>
#include <kiln/schedules/kernel.hpp>

namespace kiln::plan {

struct weight {
    std::string name;
    std::shared_ptr<const tensor> value;
    std::shared_ptr<const tensor> scales{};  // of each filter, where it is stored as int8
};

/// What a kernel's operand is in this call: a weight, or what lies in a block of memory.
struct argument {
    int block = -1;          // as step_memory counts them: the layout's buffers come first; -1: a weight
    std::int64_t byte = 0;   // of element (0, ..., 0), behind the block's own
    weight constant{};       // without a value where there is a block
    ir::node_id packs = -1;  // the value, where the kernel reads it packed though it is no weight
};

struct call {
    schedules::kernel k;
    std::vector<argument> inputs;  // of k.inputs
    argument output;
    std::vector<ir::node_id> nodes;  // what it computes
    struct band {
        std::int32_t first = 0, count = 0, of = 0;
    } rows;               // those it computes, of how many; of == 0: all
    bool chosen = false;  // whether it has its schedule and packing
    bool flip = false;    // of a convolution: turn the filter while packing
    int groups = 1;
};

/// The call that computes a group.
call call_of(const layout& memory, const group& g);
/// The one that copies a value.
call call_of(const layout& memory, const value_copy& copied);
/// The one that does a part of packing `value`, no weight, to `block`.
call call_of(const layout& memory, ir::node_id value, const packing_copy& part, int block);

/// Whether `reader`'s input is the whole of what `writer` writes.
bool reads(const call& reader, std::size_t input, const call& writer);

/// Adds an input that is a weight, read as it lies until somebody packs it, and returns its number.
int add_weight(call& c, weight w, const dims& shape, element type);

}  // namespace kiln::plan
