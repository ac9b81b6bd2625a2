#include "cases.hpp"

namespace kiln::testing {

// Dense, grouped and depthwise convolution of rank 1 to 3, with and without bias and a fused epilogue.
ir::graph random_conv(dice& d, int batch) {
    graph_builder b("conv", batch);
    const int rank = d.roll(1, 3);
    const int groups = d.chance(60) ? 1 : d.one_of({2, 3, 4, 8});
    const bool depthwise = d.chance(25);
    const int channels = depthwise ? random_channels(d) : groups * d.roll(1, groups > 1 ? 9 : 40);
    const auto x = b.input(random_sample(d, rank, channels));
    ops::conv::attributes a;
    a.groups = depthwise ? channels : groups;
    a.filters = depthwise ? channels : groups * d.roll(1, groups > 1 ? 20 : 70);
    a.slide = random_window(d, b.sample(x));
    a.flip = d.chance(15);
    auto y = b.conv(x, a, d.chance(70));
    if (d.chance(30)) y = b.batch_norm(y);
    if (d.chance(30)) y = b.add(y, b.conv(x, a, false));
    if (d.chance(50)) y = d.chance(50) ? b.relu(y) : b.leaky_relu(y, 0.1F);
    if (d.chance(20)) y = b.conv(y, {.filters = d.roll(1, 20), .slide = square(1, rank), .groups = 1, .flip = 0});
    return b.finish(y);
}

}  // namespace kiln::testing
