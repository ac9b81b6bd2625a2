// Ranks for Halide: every element counts those that come before it.
#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/ranking.hpp>

namespace kiln::compiler {

using namespace Halide;
using Halide::Internal::make_zero;

Expr define_ranking(definition& d) {
    const auto a = unpack<ops::ranking::attributes>(d.kernel.attributes);
    const auto axis = static_cast<std::size_t>(a.axis);
    auto& s = d.stages;
    const std::int32_t extent = d.view_of(0).extent[axis];
    if (extent == 1) return make_zero(Int(64));  // alone on its axis, which may have no loop
    const RDom r(0, extent, "r");
    const std::vector<Expr> here = d.position();
    std::vector<Expr> there = here;
    there[axis] = r;
    const Expr own = d.load(0, here), other = d.load(0, there);
    const Expr before = (a.ascending != 0 ? other < own : other > own) || (other == own && r < here[axis]);
    s.sum = Func("before");
    s.sum(s.axes()) = 0;
    s.sum(s.axes()) += cast<std::int32_t>(before);
    s.reduction = {r};
    return cast<std::int64_t>(s.sum(s.axes()));
}

}  // namespace kiln::compiler
