#include "cases.hpp"

namespace kiln::testing {

ir::graph random_slice(dice& d, int batch) {
    graph_builder b("slice", batch);
    const dims shape = random_extents(d, d.roll(1, 4));
    const auto x = d.chance(50) ? b.whole_input(shape) : b.input(shape);
    ops::slice::attributes a;
    for (int axis = 0; axis < shape.rank; ++axis) {
        const auto i = static_cast<std::size_t>(axis);
        const std::int32_t first = d.roll(0, shape[axis] - 1), last = d.roll(0, shape[axis] - 1);
        const std::int32_t size = d.roll(1, 3);
        a.begin[i] = first;
        a.step[i] = first <= last ? size : -size;
        a.extent[i] = std::abs(last - first) / size + 1;
    }
    auto y = b.apply(op::slice, a, {x});
    if (d.chance(30)) y = b.apply(op::slice, ops::slice::attributes{{}, {1, 1, 1, 1}, {1, 1, 1, 1}}, {y});
    return b.finish(d.chance(50) ? b.relu(y) : y);
}

}  // namespace kiln::testing
