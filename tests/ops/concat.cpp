#include "cases.hpp"

namespace kiln::testing {

// In place where it can be, copied where it cannot: inputs, values used twice, nested, before a padded convolution.
ir::graph random_concat(dice& d, int batch) {
    graph_builder b("concat", batch);
    const int rank = d.roll(1, 3);
    const auto x = b.input(random_sample(d, rank, random_channels(d)));
    std::vector<ir::node_id> parts;
    for (int i = d.roll(1, 4); i > 0; --i) {
        const ops::conv::attributes a{.filters = d.roll(1, 20), .slide = square(1, rank), .groups = 1, .flip = 0};
        parts.push_back(d.chance(25) ? x : d.chance(30) ? b.sigmoid(x) : b.relu(b.conv(x, a)));
    }
    if (d.chance(20)) parts.push_back(parts.front());
    auto y = b.concat(parts);
    if (d.chance(40)) y = b.concat({b.tanh(x), y, parts.back()});
    const auto z = b.conv(y, {.filters = 5, .slide = square(3, rank, 1, 1, 1), .groups = 1, .flip = 0});
    if (d.chance(30)) return b.finish({{"joined", y}, {"after", z}, {"part", parts.front()}});
    if (d.chance(30)) return b.finish(b.dense(y, 7));
    return b.finish(z);
}

}  // namespace kiln::testing
