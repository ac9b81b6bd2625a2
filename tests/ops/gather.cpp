#include "cases.hpp"

namespace kiln::testing {

ir::graph random_gather(dice& d, int batch) {
    graph_builder b("gather", batch);
    const dims shape = random_extents(d, d.roll(1, 5));
    const auto x = d.chance(50) ? b.whole_input(shape) : b.input(shape);
    const int count = d.roll(1, 20);
    ops::gather::attributes a{d.roll(0, shape.rank - 1)};
    // Small random numbers of either sign, some of them beyond the axis.
    const auto indices = b.whole_input(dims::of(count), d.one_of({element::int64, element::int32}));
    return b.finish(b.apply(op::gather, a, {x, indices}));
}

}  // namespace kiln::testing
