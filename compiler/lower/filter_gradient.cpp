// The gradient of a convolution's filter for Halide: a sum over all outputs of all samples. Samples are the batch axis
// of both operands; the filter's axes (filters, channels, window) are the result's c, x, y, z and n. Zero padding is
// the input's halo.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/filter_gradient.hpp>

namespace kiln::compiler {

using namespace Halide;

Expr define_filter_gradient(definition& d) {
    const auto a = unpack<ops::filter_gradient::attributes>(d.kernel.attributes);
    const auto& w = a.slide;
    auto& s = d.stages;
    const schedules::view& dy = d.view_of(1);
    const std::int32_t group_filters = a.filters / a.groups, group_channels = d.view_of(0).extent[0] / a.groups;

    RDom r({{0, dy.extent[1]}, {0, dy.extent[2]}, {0, dy.extent[3]}, {0, dy.extent[schedules::batch_axis]}}, "r");
    const Expr channel = a.groups == 1 ? Expr(s.x) : s.c / group_filters * group_channels + s.x;
    const std::array<Var, 3> result_axes = {s.y, s.z, s.n};
    std::vector<Expr> at{channel};
    for (std::size_t axis = 0; axis < 3; ++axis) {
        const Expr tap = a.flip != 0 ? w.extent[axis] - 1 - result_axes[axis] : Expr(result_axes[axis]);
        at.push_back(r[static_cast<int>(axis)] * w.stride[axis] + tap * w.dilation[axis] - w.pad_before[axis]);
    }
    at.emplace_back(r[3]);

    s.sum = Func("sum");
    s.sum(s.axes()) = 0.0F;
    s.sum(s.axes()) += d.load(0, at) * d.load(1, {s.c, r[0], r[1], r[2], r[3]});
    s.reduction = {r[0], r[1], r[2], r[3]};
    return s.sum(s.axes());
}

}  // namespace kiln::compiler
