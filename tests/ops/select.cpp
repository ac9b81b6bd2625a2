#include "cases.hpp"

namespace kiln::testing {

ir::graph random_select(dice& d, int batch) {
    graph_builder b("select", batch);
    const auto [left, right] = random_stretched(d);
    const auto x = b.input(left), y = b.input(right);
    const auto above = b.apply(op::binary, ops::binary::attributes{binary_function::greater}, {x, y});
    return b.finish(b.apply(op::select, {above, d.chance(50) ? x : y, b.constant(dims::of(1), {0.5F})}));
}

}  // namespace kiln::testing
