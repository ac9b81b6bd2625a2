#include "cases.hpp"

namespace kiln::testing {

// Values in steps of a quarter, so that windows hold equal ones.
ir::graph random_max_pool_place(dice& d, int batch) {
    graph_builder b("max_pool_place", batch);
    auto x = b.input(random_sample(d, d.roll(1, 3), random_channels(d)));
    if (d.chance(60)) {
        x = b.multiply(x, b.constant(dims::of(1), {4}));
        x = b.apply(op::unary, ops::unary::attributes{unary_function::round}, {x});
    }
    const ops::pool_attributes a{random_window(d, b.sample(x), 4), 0};
    return b.finish(b.apply(op::max_pool_place, a, {x}));
}

}  // namespace kiln::testing
