#include "cases.hpp"

namespace kiln::testing {

ir::graph random_average_pool(dice& d, int batch) {
    graph_builder b("average_pool", batch);
    const auto x = b.input(random_sample(d, d.roll(1, 3), random_channels(d)));
    const bool global = d.chance(20);
    ops::window w = random_window(d, b.sample(x), 4);
    if (global) {
        w = {};
        for (int axis = 0; axis < b.sample(x).spatial_rank(); ++axis)
            w.extent[static_cast<std::size_t>(axis)] = b.sample(x)[axis];
    }
    auto y = b.average_pool(x, w, d.chance(30));
    if (d.chance(30)) y = b.relu(y);
    return b.finish(y);
}

}  // namespace kiln::testing
