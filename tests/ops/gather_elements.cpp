#include "cases.hpp"

namespace kiln::testing {

ir::graph random_gather_elements(dice& d, int batch) {
    graph_builder b("gather_elements", batch);
    const dims shape = random_extents(d, d.roll(1, 5));
    const auto x = d.chance(50) ? b.whole_input(shape) : b.input(shape);
    const ops::gather_elements::attributes a{d.roll(0, shape.rank - 1)};
    dims picked = shape;
    for (int axis = 0; axis < shape.rank; ++axis) picked[axis] = d.roll(1, axis == a.axis ? 12 : shape[axis]);
    const auto indices = b.whole_input(picked, d.one_of({element::int64, element::int32}));
    return b.finish(b.apply(op::gather_elements, a, {x, indices}));
}

}  // namespace kiln::testing
