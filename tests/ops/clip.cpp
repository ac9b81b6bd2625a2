#include "cases.hpp"

namespace kiln::testing {

ir::graph random_clip(dice& d, int batch) {
    graph_builder b("clip", batch);
    const ops::clip::attributes bounds{d.one_of({0.0F, -1.0F, -0.5F, std::numeric_limits<float>::lowest()}),
                                       d.one_of({0.0F, 0.25F, 6.0F, std::numeric_limits<float>::max()})};
    return b.finish(b.apply(op::clip, bounds, {random_activation(d, b)}));
}

}  // namespace kiln::testing
