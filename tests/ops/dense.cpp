#include "cases.hpp"

namespace kiln::testing {

// On any rank: also behind a padded convolution, whose buffer has a halo the dense layer must not see.
ir::graph random_dense(dice& d, int batch) {
    graph_builder b("dense", batch);
    auto x = b.input(d.chance(50) ? dims::of(d.roll(1, 300)) : random_sample(d, d.roll(1, 3), d.roll(1, 9)));
    if (b.sample(x).rank > 1 && d.chance(50)) {
        x = b.conv(x,
                   {.filters = d.roll(1, 9), .slide = square(1, b.sample(x).spatial_rank()), .groups = 1, .flip = 0});
        const int rank = b.sample(x).spatial_rank();
        const auto y = b.conv(x, {.filters = 3, .slide = square(3, rank, 1, 1, 1), .groups = 1, .flip = 0});
        return b.finish({{"deep", b.dense(x, d.roll(1, 90))}, {"wide", b.dense(b.relu(y), d.roll(1, 20), false)}});
    }
    auto y = b.dense(x, d.roll(1, 130), d.chance(70));
    if (d.chance(50)) y = b.tanh(y);
    if (d.chance(30)) y = b.add(y, b.dense(x, b.sample(y).channels()));
    return b.finish(y);
}

}  // namespace kiln::testing
