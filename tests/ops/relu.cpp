#include "cases.hpp"

namespace kiln::testing {

ir::graph random_relu(dice& d, int batch) {
    graph_builder b("relu", batch);
    const auto x =
        b.input(d.chance(20) ? dims::of(d.roll(1, 200)) : random_sample(d, d.roll(1, 3), random_channels(d)));
    return b.finish(b.relu(x));
}

}  // namespace kiln::testing
