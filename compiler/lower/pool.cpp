// Max and average pooling for Halide. Windows reach over the border: indices are clamped, and what lies outside is left
// out of the value and, for the average, of the count.
#include <limits>

#include <kiln/compiler/lower/definition.hpp>
#include <kiln/compiler/lower/windows.hpp>
#include <kiln/dsl/ops/pool.hpp>

namespace kiln::compiler {
namespace {

using namespace Halide;

// How many cells of the window at this position count on one axis.
Expr cells(const definition& d, const ops::pool_attributes& a, int axis) {
    const ops::window& w = a.slide;
    if (!may_leave(w, axis)) return w.extent[axis];
    const Var axes[] = {d.stages.x, d.stages.y, d.stages.z};
    const Expr start = axes[axis] * w.stride[axis] - w.pad_before[axis];
    const std::int32_t extent = d.view_of(0).extent[static_cast<std::size_t>(axis) + 1];
    const std::int32_t low = a.count_padding ? -w.pad_before[axis] : 0;
    const std::int32_t high = extent + (a.count_padding ? w.pad_after[axis] : 0);  // exclusive
    const Expr first = max(0, (low - start + w.dilation[axis] - 1) / w.dilation[axis]);
    const Expr last = min(w.extent[axis] - 1, (high - 1 - start) / w.dilation[axis]);
    return last - first + 1;
}

}  // namespace

Expr define_max_pool(definition& d) {
    const auto a = unpack<ops::pool_attributes>(d.kernel.attributes);
    auto& s = d.stages;
    const RDom r = window_domain(a.slide);
    const window_position p = walk(d, a.slide, r);
    const float lowest = std::numeric_limits<float>::lowest();
    Expr value = d.inputs[0](p.index);
    // A clamped index stays inside a window without holes, so the maximum does not change.
    const bool holes = a.slide.dilation[0] > 1 || a.slide.dilation[1] > 1 || a.slide.dilation[2] > 1;
    if (p.inside.defined() && holes) value = select(p.inside, value, lowest);
    s.sum = Func("maximum");
    s.sum(s.c, s.x, s.y, s.z, s.n) = lowest;
    s.sum(s.c, s.x, s.y, s.z, s.n) = max(s.sum(s.c, s.x, s.y, s.z, s.n), value);
    s.reduction = {r[0], r[1], r[2]};
    return s.sum(s.c, s.x, s.y, s.z, s.n);
}

Expr define_average_pool(definition& d) {
    const auto a = unpack<ops::pool_attributes>(d.kernel.attributes);
    auto& s = d.stages;
    const RDom r = window_domain(a.slide);
    const window_position p = walk(d, a.slide, r);
    Expr value = d.inputs[0](p.index);
    if (p.inside.defined()) value = select(p.inside, value, 0.0F);
    s.sum = Func("total");
    s.sum(s.c, s.x, s.y, s.z, s.n) = 0.0F;
    s.sum(s.c, s.x, s.y, s.z, s.n) += value;
    s.reduction = {r[0], r[1], r[2]};
    const Expr count = cells(d, a, 0) * cells(d, a, 1) * cells(d, a, 2);
    // A window with holes may lie wholly in the padding: its average is 0, as the reference says.
    return s.sum(s.c, s.x, s.y, s.z, s.n) / cast<float>(max(count, 1));
}

}  // namespace kiln::compiler
