// The places of max pooling's values, and the way back, for Halide. A cell's number counts along x first, then y and z,
// as the memory of one channel does.
#include <limits>

#include <kiln/compiler/lower/definition.hpp>
#include <kiln/compiler/lower/windows.hpp>
#include <kiln/dsl/ops/max_unpool.hpp>
#include <kiln/dsl/ops/pool.hpp>

namespace kiln::compiler {
namespace {

using namespace Halide;

Expr cell_number(const std::array<Expr, 3>& at, const std::array<std::int32_t, 3>& extents) {
    return (at[2] * extents[1] + at[1]) * extents[0] + at[0];
}

}  // namespace

Expr define_max_pool_place(definition& d) {
    const ops::window w = unpack<ops::pool_attributes>(d.kernel.attributes).slide;
    auto& s = d.stages;
    const RDom r = window_domain(w);
    const window_position p = walk(d, w, r);
    const auto& extents = d.view_of(0).extent;
    const Expr cell = cell_number({p.index[1], p.index[2], p.index[3]}, {extents[1], extents[2], extents[3]});
    s.sum = Func("largest");
    s.sum(s.c, s.x, s.y, s.z, s.n) = {Expr(-std::numeric_limits<float>::infinity()), Expr(-1)};
    const Tuple so_far = s.sum(s.c, s.x, s.y, s.z, s.n);
    const Expr value = d.inputs[0](p.index);
    const Expr larger = p.inside.defined() ? p.inside && value > so_far[0] : value > so_far[0];
    s.sum(s.c, s.x, s.y, s.z, s.n) = {select(larger, value, so_far[0]), select(larger, cell, so_far[1])};
    s.reduction = {r[0], r[1], r[2]};
    return s.sum(s.c, s.x, s.y, s.z, s.n)[1];
}

// A cell asks the windows that can hold it. Those beyond the last one, and before the first, are left out.
Expr define_max_unpool(definition& d) {
    const auto a = unpack<ops::max_unpool::attributes>(d.kernel.attributes);
    auto& s = d.stages;
    const std::array<Var, 3> at{s.x, s.y, s.z};
    std::array<std::int32_t, 3> candidates{};
    for (std::size_t axis = 0; axis < 3; ++axis) candidates[axis] = ops::max_unpool::windows(a.slide, axis);
    const bool several = candidates != std::array<std::int32_t, 3>{1, 1, 1};
    RDom r;
    if (several) r = RDom({{0, candidates[0]}, {0, candidates[1]}, {0, candidates[2]}}, "r");
    std::vector<Expr> index{s.c};
    Expr holds = Halide::Internal::const_true();
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int32_t last = d.view_of(0).extent[axis + 1] - 1;
        Expr window = (at[axis] + a.slide.pad_before[axis]) / a.slide.stride[axis];
        if (several) window -= r[static_cast<int>(axis)];
        index.push_back(clamp(window, 0, last));
        holds = holds && window >= 0 && window <= last;
    }
    index.emplace_back(s.n);
    const Expr cell = cell_number({s.x, s.y, s.z}, {a.extents[0], a.extents[1], a.extents[2]});
    const Expr value = select(holds && d.load(1, index) == cell, d.load(0, index), 0.0F);
    if (!several) return value;
    s.sum = Func("total");
    s.sum(s.c, s.x, s.y, s.z, s.n) = 0.0F;
    s.sum(s.c, s.x, s.y, s.z, s.n) += value;
    s.reduction = {r[0], r[1], r[2]};
    return s.sum(s.c, s.x, s.y, s.z, s.n);
}

}  // namespace kiln::compiler
