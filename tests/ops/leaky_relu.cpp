#include "cases.hpp"

namespace kiln::testing {

ir::graph random_leaky_relu(dice& d, int batch) {
    graph_builder b("leaky_relu", batch);
    const auto x =
        b.input(d.chance(20) ? dims::of(d.roll(1, 200)) : random_sample(d, d.roll(1, 3), random_channels(d)));
    return b.finish(b.leaky_relu(x, d.one_of({0.01F, 0.2F})));
}

}  // namespace kiln::testing
