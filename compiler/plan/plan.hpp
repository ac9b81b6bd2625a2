// The plan: a graph turned into a straight list of kernel calls over one arena and one block of packed weights. It is
// all the code generator needs; it holds no graph.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <kiln/runtime/tensor.hpp>
#include <kiln/schedules/kernel.hpp>

namespace kiln::plan {

enum class space : std::int32_t { arena, weights, input, output };

/// A place in one of the model's four kinds of memory. `index` counts inputs or outputs; 0 for arena and weights.
struct place {
    space where = space::arena;
    int index = 0;
    std::int64_t byte = 0;  // of element (0, ..., 0)
};

/// Bytes to set to zero before a step: `count[0] * count[1] * count[2]` runs of `bytes`, `stride` bytes apart.
struct zero_fill {
    std::int64_t arena_byte = 0, bytes = 0;
    std::array<std::int64_t, 3> count{1, 1, 1}, stride{0, 0, 0};
};

/// One kernel call, after its zero fills.
struct step {
    std::string name;  // the layers it computes: "conv1 + relu1"
    int kernel = 0;    // into plan::kernels
    std::vector<place> inputs;
    place output;
    std::int64_t scratch_byte = -1;  // in the arena; -1: the kernel needs none
    std::int32_t scratch_slots = 0;  // how many of the kernel's tasks can run at the same time
    std::vector<zero_fill> zeros;
    std::int64_t multiply_adds = 0, operations = 0;  // over the whole batch
};

/// A weight tensor to be packed at `byte` of the weights block.
struct packed_weight {
    std::string name;
    std::shared_ptr<const tensor> value;
    schedules::packing packed;
    int groups = 1;                          // of the convolution that reads it
    bool flip = false;                       // mathematical convolution: turn the filter while packing
    std::shared_ptr<const tensor> scales{};  // of each filter, where it is stored as int8
    std::int64_t byte = 0, bytes = 0;
};

struct port {
    std::string name;
    dims shape;  // with batch
    element type = element::float32;
    bool batched = true;  // whether the first extent is the batch
};

struct plan {
    std::string name;
    int batch = 1;
    std::vector<port> inputs, outputs;
    std::vector<schedules::kernel> kernels;  // distinct
    std::vector<step> steps;
    std::vector<packed_weight> weights;
    std::int64_t arena_bytes = 0;  // 64-byte aligned, with every halo
    std::int64_t weights_bytes = 0;
};

}  // namespace kiln::plan
