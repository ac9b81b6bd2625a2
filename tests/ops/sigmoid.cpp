#include "cases.hpp"

namespace kiln::testing {

ir::graph random_sigmoid(dice& d, int batch) {
    graph_builder b("sigmoid", batch);
    const auto x =
        b.input(d.chance(20) ? dims::of(d.roll(1, 200)) : random_sample(d, d.roll(1, 3), random_channels(d)));
    return b.finish(b.sigmoid(x));
}

}  // namespace kiln::testing
