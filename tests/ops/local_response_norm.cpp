#include "cases.hpp"

namespace kiln::testing {

// Alphas large enough for the window to show in the result; windows wider than the channels, too.
ir::graph random_local_response_norm(dice& d, int batch) {
    graph_builder b("local_response_norm", batch);
    const ops::local_response_norm::attributes a{
        .size = d.chance(80) ? d.roll(1, 9) : d.roll(10, 90),
        .alpha = d.one_of({1e-4F, 0.5F, 8.0F}),
        .beta = d.one_of({0.75F, 0.5F, 1.0F, 0.6F}),
        .bias = d.one_of({1.0F, 2.0F, 0.25F}),
    };
    const auto y = b.apply(op::local_response_norm, a, {random_activation(d, b)});
    return b.finish(d.chance(30) ? b.relu(y) : y);
}

}  // namespace kiln::testing
