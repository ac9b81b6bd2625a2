#include "cases.hpp"

namespace kiln::testing {

ir::graph random_hard_swish(dice& d, int batch) {
    graph_builder b("hard_swish", batch);
    return b.finish(b.apply(op::hard_swish, {random_activation(d, b)}));
}

}  // namespace kiln::testing
