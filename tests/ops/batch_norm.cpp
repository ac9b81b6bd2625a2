#include "cases.hpp"

namespace kiln::testing {

// Alone, behind pooling and behind a convolution whose value is used twice, so that it cannot always be folded.
ir::graph random_batch_norm(dice& d, int batch) {
    graph_builder b("batch_norm", batch);
    auto x = b.input(random_sample(d, d.roll(1, 3), random_channels(d)));
    if (d.chance(30)) x = b.average_pool(x, {});
    const auto y = b.batch_norm(x, d.one_of({1e-5F, 1e-3F}));
    return d.chance(50) ? b.finish(b.relu(y)) : b.finish({{"normal", y}, {"sum", b.add(x, y)}});
}

}  // namespace kiln::testing
