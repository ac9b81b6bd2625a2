#include "cases.hpp"

namespace kiln::testing {

ir::graph random_max_unpool(dice& d, int batch) {
    graph_builder b("max_unpool", batch);
    const auto x = b.input(random_sample(d, d.roll(1, 3), random_channels(d)));
    const dims pooled = b.sample(x);
    const ops::window w = random_window(d, pooled, 4);
    const auto places = b.apply(op::max_pool_place, ops::pool_attributes{w, 0}, {x});
    ops::max_unpool::attributes a{.slide = w};
    for (int axis = 0; axis < pooled.spatial_rank(); ++axis) a.extents[static_cast<std::size_t>(axis)] = pooled[axis];
    const auto y = b.apply(op::max_unpool, a, {b.input(b.sample(places)), places});
    return b.finish(d.chance(30) ? b.add(y, x) : y);
}

}  // namespace kiln::testing
