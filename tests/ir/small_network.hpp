// A network with most kinds of nodes in it, for tests of what handles whole graphs.
#pragma once

#include <kiln/tests/graph_builder.hpp>

namespace kiln::testing {

inline ir::graph small_network(int batch = 1) {
    graph_builder b("small", batch);
    const auto image = b.input(dims::of(8, 8, 3), "image");
    const auto filter = b.constant(dims::of(1, 1, 3, 2), {1, 0, 0, 1, 0.5F, 0.5F}, "mix.weight");
    const auto mixed =
        b.apply(op::conv, ops::conv::attributes{.filters = 2, .slide = square(1)}, {image, filter}, "mix");
    auto x = b.relu(b.batch_norm(b.conv(mixed, {.filters = 4, .slide = square(3, 2, 1, 1, 1)}, false)));
    x = b.leaky_relu(b.depthwise(x, square(3, 2, 2, 1, 1)), 0.1F);
    const auto pooled = b.max_pool(x, square(2, 2, 2));
    const auto averaged = b.average_pool(x, square(2, 2, 2));
    x = b.concat({b.upsample(pooled, {2, 2, 1}), b.upsample(averaged, {2, 2, 1})});
    x = b.multiply(b.sigmoid(x), b.tanh(x));
    return b.finish({{"features", x}, {"scores", b.softmax(b.dense(b.flatten(x), 3))}});
}

}  // namespace kiln::testing
