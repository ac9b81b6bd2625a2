#include "cases.hpp"

namespace kiln::testing {

ir::graph random_scatter_elements(dice& d, int batch) {
    graph_builder b("scatter_elements", batch);
    const dims shape = random_extents(d, d.roll(1, 5));
    ops::scatter_elements::attributes a{d.roll(0, shape.rank - 1), static_cast<scatter_function>(d.roll(0, 4))};
    dims places = shape;
    for (int axis = 0; axis < shape.rank; ++axis) places[axis] = d.roll(1, axis == a.axis ? 12 : shape[axis]);
    const auto tensor_of = [&](const dims& extents) {
        return d.chance(50) ? b.whole_input(extents) : b.input(extents);
    };
    const auto x = tensor_of(shape), updates = tensor_of(places);
    // Small random numbers of either sign: some are beyond the axis, many are equal.
    const auto indices = b.whole_input(places, d.one_of({element::int64, element::int32}));
    const auto y = b.apply(op::scatter_elements, a, {x, indices, updates});
    return b.finish(d.chance(50) ? b.relu(y) : y);
}

}  // namespace kiln::testing
