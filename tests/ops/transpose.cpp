#include "cases.hpp"

namespace kiln::testing {

ir::graph random_transpose(dice& d, int batch) {
    graph_builder b("transpose", batch);
    const dims shape = random_extents(d, d.roll(1, 6));
    const auto x = d.chance(50) ? b.whole_input(shape) : b.input(shape);
    ops::transpose::attributes a;
    std::vector<std::int32_t> order;
    for (int axis = 0; axis < shape.rank; ++axis) order.push_back(axis);
    std::shuffle(order.begin(), order.end(), d.random);
    std::copy(order.begin(), order.end(), a.order.begin());
    const auto y = b.apply(op::transpose, a, {x});
    return b.finish(d.chance(50) ? b.relu(y) : y);
}

}  // namespace kiln::testing
