#include "cases.hpp"

namespace kiln::testing {

ir::graph random_upsample(dice& d, int batch) {
    graph_builder b("upsample", batch);
    const int rank = d.roll(1, 3);
    const auto x = b.input(random_sample(d, rank, random_channels(d)));
    triple factor{1, 1, 1};
    for (int axis = 0; axis < rank; ++axis) factor[static_cast<std::size_t>(axis)] = d.roll(1, 3);
    return b.finish(b.upsample(x, factor));
}

}  // namespace kiln::testing
