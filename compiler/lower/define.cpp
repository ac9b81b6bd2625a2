#include <kiln/compiler/lower/define.hpp>

#include <cstdlib>
#include <stdexcept>
#include <utility>

#include <kiln/compiler/ops/operator.hpp>
#include <kiln/schedules/direct_conv.hpp>
#include <kiln/schedules/strassen.hpp>

namespace kiln::compiler {
namespace {

using namespace Halide;
using schedules::kernel;
using schedules::operand;
using schedules::packing;

// A dimension's minimum and stride become constants, so that generated code reads nothing but the host pointer.
void fix(Halide::Internal::Dimension dim, std::int32_t extent, std::int64_t stride) {
    dim.set_bounds(0, extent).set_stride(static_cast<std::int32_t>(stride));
}

/// Extents innermost first.
ImageParam dense_parameter(Type type, const std::string& name, const std::vector<std::int32_t>& extents) {
    ImageParam p(type, static_cast<int>(extents.size()), name);
    std::int64_t stride = 1;
    for (int axis = 0; axis < p.dimensions(); ++axis) {
        fix(p.dim(axis), extents[static_cast<std::size_t>(axis)], stride);
        stride *= extents[static_cast<std::size_t>(axis)];
    }
    return p;
}

Type type_in_memory(schedules::storage s) {
    switch (s) {
        case schedules::storage::float32: return Float(32);
        case schedules::storage::bfloat16: return UInt(16);  // their bits: widening is a shift
        case schedules::storage::int8: return Int(8);
    }
    throw std::logic_error("no such storage");
}

ImageParam weight_parameter(const operand& o, const std::string& name) {
    const Type type = type_in_memory(o.packed.stored);
    const std::int32_t b = o.packed.block, taps = o.packed.tile.taps, reach = o.packed.tile.reach();
    const std::int32_t filters = o.shape[o.shape.rank - 1];
    if (o.packed.layout == packing::kind::vector)
        return dense_parameter(Float(32), name, {schedules::divided_up(filters, b) * b});
    const std::int32_t channels = o.shape[o.shape.rank - 2], depth = o.shape.rank == 5 ? o.shape[0] : 1;
    switch (o.packed.layout) {
        case packing::kind::winograd:  // lanes, channels, depth, frequencies, blocks of filters
            return dense_parameter(type, name, {b, channels, depth, reach * reach, filters / b});
        case packing::kind::taps:  // lanes, the window's x, y, channels, depth, blocks of filters
            return dense_parameter(type, name, {b, taps, taps, channels, depth, filters / b});
        case packing::kind::rows:  // lanes, taps along x of all channels, frequencies, blocks of filters
            return dense_parameter(type, name, {b, taps * channels, reach, filters / b});
        case packing::kind::strassen:  // lanes, half the channels, products, pairs of blocks
            return dense_parameter(type, name, {b, channels / 2, schedules::strassen_products, filters / 2 / b});
        default: break;
    }
    // Filters (or their lanes), channels of a group, the window's x, y, z, and the block of filters, if there are any.
    const bool blocked = o.packed.layout == packing::kind::filters;
    std::vector<std::int32_t> extents{blocked ? b : filters, channels, 1, 1, 1};
    for (int axis = 0; axis < o.shape.rank - 2; ++axis)
        extents[static_cast<std::size_t>(2 + axis)] = o.shape[o.shape.rank - 3 - axis];
    if (blocked) extents.push_back(schedules::divided_up(filters, b));
    return dense_parameter(type, name, extents);
}

Type type_in_memory(element e) {
    switch (e) {
        case element::float32: return Float(32);
        case element::int64: return Int(64);
        case element::int32: return Int(32);
        case element::boolean: return UInt(8);
    }
    throw std::logic_error("no such element type");
}

ImageParam activation_parameter(const operand& o, int rank, const std::string& name) {
    ImageParam p(type_in_memory(o.where.type), rank, name);
    for (int axis = 0; axis < rank; ++axis) {
        // The extent stays open: a convolution also reads the halo around it. The first cell of the halo is where the
        // pointer points to, because Halide refuses negative constant indices (which remain where all is unrolled).
        const auto a = static_cast<std::size_t>(axis);
        const std::int32_t halo = axis >= 1 && axis <= 3 ? o.where.halo_before[a - 1] : 0;
        p.dim(axis).set_min(-halo).set_stride(static_cast<std::int32_t>(std::abs(o.where.stride[a])));
    }
    return p;
}

Expr operand_value(const definition& d, int index) {
    const operand& o = d.kernel.inputs[static_cast<std::size_t>(index)];
    if (o.packed.layout == packing::kind::vector) return d.inputs[static_cast<std::size_t>(index)](d.stages.c);
    return d.load(index, d.position_in(o.where));
}

Expr anchor_value(definition& d) {
    if (d.kernel.what == schedules::anchor::copy) return operand_value(d, 0);
    if (d.kernel.what == schedules::anchor::filter_transform) return define_winograd_filters(d);
    switch (d.kernel.kind) {
        case op::conv: return define_conv(d);
        case op::max_pool: return define_max_pool(d);
        case op::max_pool_place: return define_max_pool_place(d);
        case op::max_unpool: return define_max_unpool(d);
        case op::average_pool: return define_average_pool(d);
        case op::softmax: return define_softmax(d);
        case op::upsample: return define_upsample(d);
        case op::local_response_norm: return define_local_response_norm(d);
        case op::reduce: return define_reduce(d);
        case op::gather: return define_gather(d);
        case op::gather_elements: return define_gather_elements(d);
        case op::matmul: return define_matmul(d);
        case op::scatter_elements: return define_scatter_elements(d);
        case op::ranking: return define_ranking(d);
        case op::filter_gradient: return define_filter_gradient(d);
        default: throw std::logic_error("no kernel for operator " + std::string(name_of(d.kernel.kind)));
    }
}

}  // namespace

std::vector<Expr> definition::position() const {
    const std::vector<Var> axes = stages.axes();
    return {axes.begin(), axes.end()};
}

std::vector<Expr> definition::position_in(const schedules::view& v) const {
    std::vector<Expr> at = position();
    if (!joined.defined()) return at;
    const bool gaps = v.has_row_gaps();  // which have to be looked up
    at[1] = gaps ? joined % v.extent[1] : joined;
    at[2] = gaps ? joined / v.extent[1] : 0;
    return at;
}

Expr definition::load(int input, std::vector<Expr> index) const {
    const schedules::view& v = view_of(input);
    for (std::size_t axis = 0; axis < index.size(); ++axis)
        // The pointer points to the last element of an axis that runs backwards.
        if (v.stride[axis] < 0) index[axis] = v.extent[axis] - 1 - index[axis];
    const Expr value = inputs[static_cast<std::size_t>(input)](index);
    return v.type == element::boolean ? value != cast<std::uint8_t>(0) : value;
}

Expr definition::up_to_halo(int input, const Expr& index, std::size_t axis, std::int32_t furthest) const {
    const schedules::view& v = view_of(input);
    const std::int32_t last = v.extent[axis] - 1 + v.halo_after[axis - 1];
    return furthest > last ? min(index, last) : index;
}

Expr definition::largest_of_window(const std::function<Expr(const Expr& x, const Expr& y)>& value) const {
    if (kernel.pool == 1) return value(stages.x, stages.y);
    Expr largest;
    for (std::int32_t dx = 0; dx < kernel.pool; ++dx)
        for (std::int32_t dy = 0; dy < kernel.pool; ++dy) {
            const Expr one = value(stages.x * kernel.pool + dx, stages.y * kernel.pool + dy);
            largest = largest.defined() ? max(largest, one) : one;
        }
    return largest;
}

Expr definition::filter(const std::vector<Expr>& index) {
    const schedules::storage stored = kernel.inputs[1].packed.stored;
    if (stored == schedules::storage::float32) return inputs[1](index);
    if (!stages.widened.defined()) {
        std::vector<Var> axes;
        for (std::size_t i = 0; i < index.size(); ++i) axes.emplace_back("w" + std::to_string(i));
        const Expr value = inputs[1](std::vector<Expr>(axes.begin(), axes.end()));
        stages.widened = Func("widened");
        if (stored == schedules::storage::bfloat16)
            stages.widened(axes) = reinterpret<float>(cast<std::uint32_t>(value) << 16);
        else
            stages.widened(axes) = cast<float>(cast<std::int32_t>(value));
    }
    return stages.widened(index);
}

definition define(const kernel& k) {
    definition d{k, {}, {}, {}};
    d.stages.wide = schedules::is_wide(k);
    const int rank = d.stages.wide ? schedules::axes : 5;
    for (std::size_t i = 0; i < k.inputs.size(); ++i) {
        const operand& o = k.inputs[i];
        const std::string name = "input" + std::to_string(i);
        const bool as_activation = !o.is_weight || static_cast<int>(i) >= k.anchor_operands ||
                                   k.what == schedules::anchor::copy || k.kind != op::conv;
        d.inputs.push_back(as_activation && o.packed.layout == packing::kind::none ? activation_parameter(o, rank, name)
                                                                                   : weight_parameter(o, name));
    }
    d.stages.inputs = d.inputs;
    if (schedules::joins_rows(k)) join_rows(d);
    if (k.how.which == schedules::family::strassen) join_pairs(d);
    Expr value = anchor_value(d);
    for (const schedules::epilogue_step& e : k.epilogue) {
        std::vector<Expr> operands;
        for (const int index : e.operands) operands.push_back(index < 0 ? value : operand_value(d, index));
        value = row_of(e.kind).expression(e.attributes, operands);
    }
    auto& s = d.stages;
    s.result = Func("result");
    const std::vector<Var> axes = s.axes();
    const Type type = type_in_memory(k.output.type);
    if (d.joined.defined()) s.result(axes) = undef(type);
    s.result(d.position_in(k.output)) = cast(type, value);
    std::array<std::int32_t, schedules::axes> extent = k.output.extent;
    if (d.joined.defined() && !k.output.has_row_gaps()) extent[1] *= std::exchange(extent[2], 1);
    if (k.what == schedules::anchor::operation && k.kind == op::scatter_elements) update_scatter_elements(d);
    if (k.what == schedules::anchor::operation && k.kind == op::filter_gradient) update_filter_gradient(d);
    for (int axis = 0; axis < rank; ++axis) {
        const auto a = static_cast<std::size_t>(axis);
        fix(s.result.output_buffer().dim(axis), extent[a], k.output.stride[a]);
        s.result.bound(axes[a], 0, extent[a]);
    }
    return d;
}

}  // namespace kiln::compiler
