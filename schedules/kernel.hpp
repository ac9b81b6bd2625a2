// The plain descriptor of one kernel: everything that decides its machine code, and nothing else. Kernels with equal
// descriptors (and equal target and schedule parameters) are compiled once.
//
// A kernel is an anchor operator followed by an epilogue: element-wise operators applied to the anchor's value before
// it is stored. Buffers are strided; every extent and stride is known.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include <kiln/dsl/rule.hpp>

namespace kiln::schedules {

/// How many axes a view has, and which of them is the batch. A sample's axes, innermost first, take the others in
/// order.
inline constexpr int axes = 8, batch_axis = 4;
constexpr int axis_of_sample(int from_innermost) { return from_innermost + (from_innermost >= batch_axis ? 1 : 0); }

/// Where a buffer's elements lie. Axes, innermost first: channel, x, y, z, sample, and three more of the sample. A
/// tensor with fewer spatial axes has extent 1 on the outer ones: {length, channels} is (c, x), {height, width,
/// channels} is (c, x, y). A stride of 0 repeats one value along the axis, a negative one runs backwards.
///
/// `halo` cells lie before and after the extents on x, y and z: inside the same allocation, zero when a convolution
/// reads them, so that padding costs no tests in inner loops. Index 0 is the first element, not the halo.
struct view {
    std::array<std::int32_t, axes> extent{1, 1, 1, 1, 1, 1, 1, 1};
    std::array<std::int64_t, axes> stride{1, 1, 1, 1, 1, 1, 1, 1};  // in elements
    std::array<std::int32_t, 3> halo_before{0, 0, 0}, halo_after{0, 0, 0};
    element type = element::float32;

    /// Whether it uses an axis beyond the first five.
    bool is_wide() const { return extent[5] > 1 || extent[6] > 1 || extent[7] > 1; }
    /// Whether a row's first position is elsewhere than behind the last one's last.
    bool has_row_gaps() const { return stride[1] < 0 || stride[2] != stride[1] * extent[1]; }
    /// How far element (0, ..., 0) lies behind the lowest address that is read: the first cell of the halo, or the
    /// last element of an axis that runs backwards. In elements.
    std::int64_t origin() const {
        std::int64_t behind = 0;
        for (std::size_t axis = 0; axis < axes; ++axis)
            if (stride[axis] < 0) behind -= (extent[axis] - 1) * stride[axis];
        for (std::size_t axis = 0; axis < 3; ++axis) behind += halo_before[axis] * stride[axis + 1];
        return behind;
    }
    friend bool operator==(const view&, const view&) = default;
};

/// Elements that lie at different places.
std::int64_t elements_of(const view& v);

/// One element-wise operator of an epilogue. Its operands are, in the operator's order: the running value, a kernel
/// input, or a per-channel vector.
struct epilogue_step {
    op kind = op::relu;
    attribute_words attributes{};
    std::vector<int> operands;  // index into kernel::inputs; -1: the running value
    friend bool operator==(const epilogue_step&, const epilogue_step&) = default;
};

/// How a packed weight's numbers are kept. Kernels widen narrow ones; sums stay float32.
enum class storage : std::int32_t {
    float32,
    bfloat16,  // the upper half of a float32, rounded to nearest even
    int8,      // whole multiples of a float32 that each filter has of its own; the epilogue multiplies by it
};
constexpr std::int64_t bytes_of(storage s) { return s == storage::float32 ? 4 : s == storage::bfloat16 ? 2 : 1; }

/// One of Winograd's minimal filterings, along each of two axes: see winograd_transform.hpp.
struct winograd_tile {
    std::int32_t outputs = 0;           // along an axis
    std::int32_t taps = 3, stride = 1;  // of the convolution
    /// Inputs along an axis, and frequencies.
    constexpr std::int32_t reach() const { return stride * (outputs - 1) + taps; }
    constexpr std::int32_t frequencies() const { return reach() * reach(); }
    /// Interpolation points of the phase that has the most; rounding errors grow with them.
    constexpr std::int32_t points() const { return outputs + (taps + stride - 1) / stride - 1; }
    friend auto operator<=>(const winograd_tile&, const winograd_tile&) = default;
};

/// How a weight tensor is laid out in memory for a kernel. The planner packs it so while compiling.
struct packing {
    enum class kind : std::int32_t {
        none,      // as it is: activations, depthwise filters, full-size constants
        vector,    // one value per channel, zero-padded to a multiple of `block`
        filters,   // [filters / block][window...][channels / group][block], filters zero-padded to whole blocks
        winograd,  // [filters / block][frequencies][depth][channels][block]: filters transformed for a tile
        taps,      // [filters / block][depth][channels][window][block]: those of a channel lie together
        strassen,  // [filters / 2 / block][7 products][channels / 2][block]: sums of 1x1 filters
        rows,      // [filters / block][frequencies along y][taps along x][channels][block]
    };
    kind layout = kind::none;
    std::int32_t block = 1;
    winograd_tile tile{};               // winograd, taps and rows
    storage stored = storage::float32;  // narrow for `filters`, `taps` and `winograd` only (stored_weights.hpp)
    friend auto operator<=>(const packing&, const packing&) = default;
};

struct operand {
    view where;      // activations only
    packing packed;  // weights only
    dims shape;      // weights only: the unpacked tensor's dims
    bool is_weight = false;
    bool is_computed = false;  // weights only: packed while the model runs; no part of the text
    friend bool operator==(const operand&, const operand&) = default;
};

/// Some anchors have no operator of their own in the graph.
enum class anchor : std::int32_t {
    operation,
    copy,              // of a whole tensor
    filter_transform,  // computed filters into the domain of frequencies; see winograd_filters.hpp
};

/// Which family of schedules/ shapes the kernel's loops, and the values of the family's parameters (their meaning is
/// the family's: see its header). Chosen by schedules::choose or by tuning; part of the kernel's identity.
enum class family : std::int32_t {
    pointwise,
    direct_conv,
    narrow_conv,
    depthwise_conv,
    pooling,
    softmax,
    winograd,
    filter_gradient,
    winograd_filters,
    strassen,
    winograd_rows
};
struct schedule {
    family which = family::pointwise;
    std::array<std::int32_t, 11> parameters{};
    friend bool operator==(const schedule&, const schedule&) = default;
};

/// Attributes are the operator's, but with triples in view order: x, y, z. A dense layer appears as a 1x1 convolution
/// whose x axis is the batch.
struct kernel {
    anchor what = anchor::operation;
    op kind = op::conv;  // what == operation
    attribute_words attributes{};
    int anchor_operands = 0;  // inputs[0, anchor_operands) belong to the anchor, the rest to the epilogue
    std::int32_t pool = 1;    // the epilogue takes the largest of pool x pool of the anchor's values, along x and y
    std::vector<operand> inputs;
    view output;
    std::vector<epilogue_step> epilogue;
    schedule how;
    friend bool operator==(const kernel&, const kernel&) = default;
};

/// How many values the anchor has along each axis: as many as there are outputs, or what they are the largest of.
std::array<std::int32_t, axes> anchor_extent(const kernel& k);

/// Whether the kernel's loops need more than the usual five axes.
bool is_wide(const kernel& k);

/// A canonical text of the descriptor: equal texts, equal kernels. Also what --emit stmt prints as a heading.
std::string text_of(const kernel& k);

/// The same without the schedule and the packing that belongs to it: what is to be computed, however it is done.
std::string problem_of(const kernel& k);

/// A sentence for people: "conv 3x3 64->64 + relu, 56x56".
std::string summary_of(const kernel& k);

}  // namespace kiln::schedules
