// Picking positions for Halide. Axes are counted as views count (compiler/plan/axes.hpp).
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/gather.hpp>
#include <kiln/dsl/ops/gather_elements.hpp>

namespace kiln::compiler {
namespace {

using namespace Halide;

/// A computed index as one that lies inside an axis of `extent`.
Expr inside(const Expr& index, std::int32_t extent) {
    return cast<std::int32_t>(clamp(select(index < 0, index + extent, index), 0, extent - 1));
}

/// Operands without a batch serve every sample.
Expr sample_of(const definition& d, int input) {
    return d.view_of(input).extent[schedules::batch_axis] > 1 ? Expr(d.stages.n) : Expr(0);
}

}  // namespace

Expr define_gather(definition& d) {
    const auto axis = static_cast<std::size_t>(unpack<ops::gather::attributes>(d.kernel.attributes).axis);
    std::vector<Expr> at = d.position(), of_index(at.size(), 0);
    of_index[0] = at[axis];
    of_index[schedules::batch_axis] = sample_of(d, 1);
    at[axis] = inside(d.load(1, of_index), d.view_of(0).extent[axis]);
    at[schedules::batch_axis] = sample_of(d, 0);
    return d.load(0, at);
}

Expr define_gather_elements(definition& d) {
    const auto axis = static_cast<std::size_t>(unpack<ops::gather_elements::attributes>(d.kernel.attributes).axis);
    std::vector<Expr> at = d.position(), of_index = at;
    of_index[schedules::batch_axis] = sample_of(d, 1);
    at[axis] = inside(d.load(1, of_index), d.view_of(0).extent[axis]);
    at[schedules::batch_axis] = sample_of(d, 0);
    return d.load(0, at);
}

}  // namespace kiln::compiler
