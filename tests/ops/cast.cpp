#include "cases.hpp"

namespace kiln::testing {

ir::graph random_cast(dice& d, int batch) {
    graph_builder b("cast", batch);
    auto x = b.input(random_sample(d, d.roll(1, 3), random_channels(d)));
    x = b.multiply(x, b.constant(dims::of(1), {100.0F}));
    const auto to = [&](ir::node_id id, element e) { return b.apply(op::cast, ops::cast::attributes{e}, {id}); };
    const element first = d.one_of({element::int64, element::int32, element::boolean});
    const auto y = to(x, first);
    return b.finish(d.chance(50) ? to(y, d.one_of({element::float32, element::int64, element::int32})) : y);
}

}  // namespace kiln::testing
