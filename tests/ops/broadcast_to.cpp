#include "cases.hpp"

namespace kiln::testing {

ir::graph random_broadcast_to(dice& d, int batch) {
    graph_builder b("broadcast_to", batch);
    const auto [from, to] = random_stretched(d);
    const auto x = d.chance(50) ? b.whole_input(from) : b.input(from);
    ops::broadcast_to::attributes a{to.rank, {}};
    for (int axis = 0; axis < to.rank; ++axis) a.extents[static_cast<std::size_t>(axis)] = to[axis];
    return b.finish(b.apply(op::broadcast_to, a, {x}));
}

}  // namespace kiln::testing
