// Max and average pooling for Halide. Windows reach over the border: indices are clamped, and what lies outside is left
// out of the value and, for the average, of the count.
#include <limits>

#include <kiln/compiler/lower/definition.hpp>
#include <kiln/compiler/lower/windows.hpp>
#include <kiln/dsl/ops/pool.hpp>
#include <kiln/schedules/streaming.hpp>

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

constexpr float lowest = std::numeric_limits<float>::lowest();

// The cell a tap meets. A clamped index stays inside a window without holes, so the maximum does not change.
Expr cell_of(const definition& d, const ops::window& w, const window_position& p) {
    const Expr value = d.inputs[0](p.index);
    const bool holes = w.dilation[0] > 1 || w.dilation[1] > 1 || w.dilation[2] > 1;
    return p.inside.defined() && holes ? select(p.inside, value, lowest) : value;
}

}  // namespace

Expr define_max_pool(definition& d) {
    ops::window w = unpack<ops::pool_attributes>(d.kernel.attributes).slide;
    auto& s = d.stages;
    s.sum = Func("maximum");
    s.sum(s.c, s.x, s.y, s.z, s.n) = lowest;
    RDom r = window_domain(w);
    Expr value;
    if (schedules::reduces_columns_first(d.kernel)) {
        r = RDom(0, w.extent[0], "r");
        const std::int32_t stride = w.stride[0];
        w.extent[0] = w.stride[0] = 1;  // a window of one column, at each of them
        const RDom rows = window_domain(w);
        s.columns = Func("columns");
        s.columns(s.c, s.x, s.y, s.z, s.n) = lowest;
        s.columns(s.c, s.x, s.y, s.z, s.n) = max(s.columns(s.c, s.x, s.y, s.z, s.n), cell_of(d, w, walk(d, w, rows)));
        value = s.columns(s.c, s.x * stride + r, s.y, s.z, s.n);
        s.reduction = {r[0]};
    } else {
        value = cell_of(d, w, walk(d, w, r));
        s.reduction = {r[0], r[1], r[2]};
    }
    s.sum(s.c, s.x, s.y, s.z, s.n) = max(s.sum(s.c, s.x, s.y, s.z, s.n), value);
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
