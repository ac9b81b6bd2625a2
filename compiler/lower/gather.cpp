// Picking positions for Halide. Axes are counted as views count (compiler/plan/axes.hpp).
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/gather.hpp>
#include <kiln/dsl/ops/gather_elements.hpp>

namespace kiln::compiler {

using namespace Halide;

Expr inside(const Expr& index, std::int32_t extent) {
    return cast<std::int32_t>(clamp(select(index < 0, index + extent, index), 0, extent - 1));
}

Expr definition::sample_of(int input, const Expr& n) const {
    return view_of(input).extent[schedules::batch_axis] > 1 ? n : Expr(0);
}

Expr define_gather(definition& d) {
    const auto axis = static_cast<std::size_t>(unpack<ops::gather::attributes>(d.kernel.attributes).axis);
    std::vector<Expr> at = d.position(), of_index(at.size(), 0);
    of_index[0] = d.has_axis(axis) ? at[axis] : 0;
    of_index[schedules::batch_axis] = d.sample_of(1, d.stages.n);
    if (d.has_axis(axis)) at[axis] = inside(d.load(1, of_index), d.view_of(0).extent[axis]);
    at[schedules::batch_axis] = d.sample_of(0, d.stages.n);
    return d.load(0, at);
}

Expr define_gather_elements(definition& d) {
    const auto axis = static_cast<std::size_t>(unpack<ops::gather_elements::attributes>(d.kernel.attributes).axis);
    std::vector<Expr> at = d.position(), of_index = at;
    of_index[schedules::batch_axis] = d.sample_of(1, d.stages.n);
    if (d.has_axis(axis)) at[axis] = inside(d.load(1, of_index), d.view_of(0).extent[axis]);
    at[schedules::batch_axis] = d.sample_of(0, d.stages.n);
    return d.load(0, at);
}

}  // namespace kiln::compiler
