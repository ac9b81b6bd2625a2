#include "cases.hpp"

namespace kiln::testing {

ir::graph random_multiply(dice& d, int batch) {
    graph_builder b("multiply", batch);
    const dims shape = random_sample(d, d.roll(1, 3), random_channels(d));
    const auto x = b.input(shape), y = b.input(shape);
    const auto z = b.multiply(x, d.chance(20) ? x : y);
    if (d.chance(30)) {  // a constant operand, the same for every sample
        const tensor values = random_tensor(shape, d.random());
        return b.finish(b.multiply(z, b.constant(shape, values.values)));
    }
    return b.finish(z);
}

}  // namespace kiln::testing
