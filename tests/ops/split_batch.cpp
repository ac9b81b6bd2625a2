#include "cases.hpp"

namespace kiln::testing {

ir::graph random_split_batch(dice& d, int) {
    graph_builder b("split_batch");
    const dims shape =
        dims::of(d.roll(1, 3), d.roll(1, 5), d.roll(3, 9), d.roll(3, 9));  // batch, channels, height, width
    auto x = b.whole_input(shape);
    x = b.apply(op::transpose, ops::transpose::attributes{{0, 2, 3, 1}}, {x});
    x = b.apply(op::split_batch, {x});
    if (d.chance(30)) return b.finish(b.max_pool(x, square(3)));
    x = b.conv(x, {.filters = d.roll(1, 20), .slide = square(3, 2, 1, 1, d.roll(0, 1))});
    return b.finish(d.chance(50) ? b.apply(op::merge_batch, ops::merge_batch::attributes{shape[0]}, {x}) : x);
}

}  // namespace kiln::testing
