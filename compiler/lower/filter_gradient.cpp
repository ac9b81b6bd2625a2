// The gradient of a convolution's filter for Halide: a sum over all outputs of all samples, in one part or several
// (schedules/filter_gradient.hpp). Samples are the batch axis of both operands; the filter's axes (filters, channels,
// window) are the result's c, x, y, z and n. Zero padding is the input's halo.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/filter_gradient.hpp>
#include <kiln/schedules/filter_gradient.hpp>

namespace kiln::compiler {

using namespace Halide;

Expr define_filter_gradient(definition& d) {
    const auto a = unpack<ops::filter_gradient::attributes>(d.kernel.attributes);
    const auto p = schedules::filter_gradient_part(d.kernel);
    const auto& w = a.slide;
    auto& s = d.stages;
    const std::int32_t group_filters = a.filters / a.groups, group_channels = d.view_of(0).extent[0] / a.groups;

    // Which part, along y, z and the samples, and the positions in it.
    const std::array<Var, 3> part = {Var("part_y"), Var("part_z"), Var("part_n")};
    const RDom r({{0, d.view_of(1).extent[1]}, {0, p.rows}, {0, p.planes}, {0, p.samples}}, "r");
    const std::array<Expr, 4> o = {r[0], part[0] * p.rows + r[1], part[1] * p.planes + r[2],
                                   part[2] * p.samples + r[3]};

    std::vector<Expr> at{a.groups == 1 ? Expr(s.x) : s.c / group_filters * group_channels + s.x};
    const std::array<Var, 3> taps = {s.y, s.z, s.n};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const Expr tap = a.flip != 0 ? w.extent[axis] - 1 - taps[axis] : Expr(taps[axis]);
        at.push_back(o[axis] * w.stride[axis] + tap * w.dilation[axis] - w.pad_before[axis]);
    }
    at.push_back(o[3]);

    std::vector<Var> axes = s.axes();
    axes.insert(axes.end(), part.begin(), part.end());
    s.sum = Func("sum");
    s.sum(axes) = 0.0F;
    s.sum(axes) += d.load(0, at) * d.load(1, {s.c, o[0], o[1], o[2], o[3]});
    s.reduction = {r[0], r[1], r[2], r[3]};
    if (schedules::filter_gradient_parts(d.kernel) != schedules::filter_gradient_extents{}) return 0.0F;
    std::vector<Expr> whole = d.position();
    whole.insert(whole.end(), 3, 0);
    return s.sum(whole);
}

void update_filter_gradient(definition& d) {
    const auto parts = schedules::filter_gradient_parts(d.kernel);
    if (parts == schedules::filter_gradient_extents{}) return;
    auto& s = d.stages;
    const RDom q({{0, parts.rows}, {0, parts.planes}, {0, parts.samples}}, "part");
    std::vector<Expr> at = d.position();
    at.insert(at.end(), {q[0], q[1], q[2]});
    s.result(s.axes()) += s.sum(at);
    s.parts = {q[0], q[1], q[2]};
}

}  // namespace kiln::compiler
