// The plain descriptor of one kernel: everything that decides its machine code, and nothing else. Kernels with equal
// descriptors (and equal target and schedule parameters) are compiled once.
//
// A kernel is an anchor operator followed by an epilogue: element-wise operators applied to the anchor's value before
// it is stored. Buffers are float32 and strided; every extent and stride is known.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <kiln/dsl/rule.hpp>

namespace kiln::schedules {

/// Where a buffer's elements lie. Axes, innermost first: channel, x, y, z, sample. A tensor with fewer spatial axes
/// has extent 1 on the outer ones: {length, channels} is (c, x), {height, width, channels} is (c, x, y).
///
/// `halo` cells lie before and after the extents on x, y and z: inside the same allocation, zero when a convolution
/// reads them, so that padding costs no tests in inner loops. `offset` 0 is element (0, 0, 0, 0, 0), not the halo.
struct view {
    std::array<std::int32_t, 5> extent{1, 1, 1, 1, 1};
    std::array<std::int64_t, 5> stride{1, 1, 1, 1, 1};  // in elements
    std::array<std::int32_t, 3> halo_before{0, 0, 0}, halo_after{0, 0, 0};

    /// How far element (0, 0, 0, 0, 0) lies behind the first cell of its halo, in elements.
    std::int64_t origin() const {
        return halo_before[0] * stride[1] + halo_before[1] * stride[2] + halo_before[2] * stride[3];
    }
    friend bool operator==(const view&, const view&) = default;
};

/// One element-wise operator of an epilogue. Its operands are, in the operator's order: the running value, a kernel
/// input, or a per-channel vector.
struct epilogue_step {
    op kind = op::relu;
    attribute_words attributes{};
    std::vector<int> operands;  // index into kernel::inputs; -1: the running value
    friend bool operator==(const epilogue_step&, const epilogue_step&) = default;
};

/// How a weight tensor is laid out in memory for a kernel. The planner packs it so while compiling.
struct packing {
    enum class kind : std::int32_t {
        none,     // as it is: activations, depthwise filters, full-size constants
        vector,   // one value per channel, zero-padded to a multiple of `block`
        filters,  // [filters / block][window...][channels / group][block], filters zero-padded to whole blocks
    };
    kind layout = kind::none;
    std::int32_t block = 1;
    friend bool operator==(const packing&, const packing&) = default;
};

struct operand {
    view where;      // activations only
    packing packed;  // weights only
    dims shape;      // weights only: the unpacked tensor's dims
    bool is_weight = false;
    friend bool operator==(const operand&, const operand&) = default;
};

/// The whole-tensor copy is an anchor too; it has no operator of its own in the graph.
enum class anchor : std::int32_t { operation, copy };

/// Which family of schedules/ shapes the kernel's loops, and the values of the family's parameters (their meaning is
/// the family's: see its header). Chosen by schedules::choose or by tuning; part of the kernel's identity.
enum class family : std::int32_t { pointwise, direct_conv, narrow_conv, depthwise_conv, pooling, softmax };
struct schedule {
    family which = family::pointwise;
    std::array<std::int32_t, 6> parameters{};
    friend bool operator==(const schedule&, const schedule&) = default;
};

/// Attributes are the operator's, but with triples in view order: x, y, z. A dense layer appears as a 1x1 convolution
/// whose x axis is the batch.
struct kernel {
    anchor what = anchor::operation;
    op kind = op::conv;  // what == operation
    attribute_words attributes{};
    int anchor_operands = 0;  // inputs[0, anchor_operands) belong to the anchor, the rest to the epilogue
    std::vector<operand> inputs;
    view output;
    std::vector<epilogue_step> epilogue;
    schedule how;
    friend bool operator==(const kernel&, const kernel&) = default;
};

/// A canonical text of the descriptor: equal texts, equal kernels. Also what --emit stmt prints as a heading.
std::string text_of(const kernel& k);

/// A sentence for people: "conv 3x3 64->64 + relu, 56x56".
std::string summary_of(const kernel& k);

}  // namespace kiln::schedules
