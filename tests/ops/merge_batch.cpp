#include "cases.hpp"

namespace kiln::testing {

/// Normalises over the samples: something that only a merged batch can do.
ir::graph random_merge_batch(dice& d, int batch) {
    graph_builder b("merge_batch", batch);
    const auto x = b.input(random_extents(d, d.roll(1, 4)));
    const auto merged = b.apply(op::merge_batch, ops::merge_batch::attributes{batch}, {x});
    const auto mean = b.apply(op::reduce, ops::reduce::attributes{reduce_function::mean, 1}, {merged});
    return b.finish({{"mean", mean}, {"centred", b.apply(op::binary, {merged, mean})}});
}

}  // namespace kiln::testing
