// Operators that arrange values anew.
#include <limits>

#include <kiln/compiler/onnx/exports.hpp>
#include <kiln/dsl/ops/ops.hpp>

namespace kiln::onnx {
namespace {

/// How many axes of the value come before those that operators count.
std::size_t batch_axes(const ir::node& n) { return ir::has_batch(n) ? 1 : 0; }

void export_reshaping(exporter& to, const ir::node& n) {
    to.define("Reshape", {to.in_memory_order(n.operands[0]), to.integers("shape", extents_of(n.shape))}, {},
              natural_order(static_cast<std::size_t>(n.shape.rank)));
}

}  // namespace

void export_flatten(exporter& to, const ir::node& n) { export_reshaping(to, n); }
void export_reshape(exporter& to, const ir::node& n) { export_reshaping(to, n); }

void export_merge_batch(exporter& to, const ir::node& n) {
    to.define_as(n.operands[0], natural_order(static_cast<std::size_t>(n.shape.rank)));
}
void export_split_batch(exporter& to, const ir::node& n) { export_merge_batch(to, n); }

void export_transpose(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::transpose::attributes>(n);
    const std::size_t batch = batch_axes(n);
    axis_order order = natural_order(static_cast<std::size_t>(n.shape.rank));
    for (std::size_t axis = batch; axis < order.size(); ++axis)
        order[axis] = static_cast<std::size_t>(a.order[axis - batch]) + batch;
    to.define_as(n.operands[0], order);
}

void export_concat(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::concat::attributes>(n);
    auto [order, operands] = to.aligned_operands(n);
    const std::size_t axis = order.size() - 1 - static_cast<std::size_t>(a.from_last);
    for (std::size_t i = 0; i < operands.size(); ++i) {
        const ir::node& part = to[n.operands[i]];
        if (ir::has_batch(part) == ir::has_batch(n)) continue;  // or the same part for every sample
        std::vector<std::int64_t> shape = extents_of(n.shape);
        shape[axis] = part.shape[part.shape.rank - 1 - a.from_last];
        operands[i] = to.emit("Expand", {operands[i], to.integers("shape", arranged(shape, order))});
    }
    to.define("Concat", operands, {{"axis", place_of(axis, order)}}, order);
}

void export_broadcast_to(exporter& to, const ir::node& n) {
    const auto [order, operands] = to.aligned_operands(n);
    to.define("Expand", {operands[0], to.integers("shape", arranged(extents_of(n.shape), order))}, {}, order);
}

void export_slice(exporter& to, const ir::node& n) {
    const auto a = ir::attributes_of<ops::slice::attributes>(n);
    const ir::node& x = to[n.operands[0]];
    const axis_order order = to.order_of(n.operands[0]);
    const std::string operand = to.in_order(n.operands[0], order);
    std::vector<std::int64_t> starts, ends, axes, steps;
    bool repeats = false;  // one position over and over, which no slice is
    for (std::size_t axis = batch_axes(x); axis < order.size(); ++axis) {
        const std::size_t own = axis - batch_axes(x);
        const std::int64_t begin = a.begin[own], step = a.step[own], extent = a.extent[own];
        const bool one = extent == 1 || step == 0;
        repeats = repeats || (step == 0 && extent > 1);
        if (begin == 0 && step == 1 && extent == x.shape[static_cast<int>(axis)]) continue;
        const std::int64_t end = one ? begin + 1 : begin + extent * step;
        starts.push_back(begin);
        ends.push_back(end < 0 ? std::numeric_limits<std::int64_t>::min() : end);  // as far as the first position
        axes.push_back(place_of(axis, order));
        steps.push_back(one ? 1 : step);
    }
    if (starts.empty()) return to.define("Identity", {operand}, {}, order);
    const std::vector<std::string> inputs{operand, to.integers("starts", starts), to.integers("ends", ends),
                                          to.integers("axes", axes), to.integers("steps", steps)};
    if (!repeats) return to.define("Slice", inputs, {}, order);
    const std::string shape = to.integers("shape", arranged(extents_of(n.shape), order));
    to.define("Expand", {to.emit("Slice", inputs), shape}, {}, order);
}

}  // namespace kiln::onnx
