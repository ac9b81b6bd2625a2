#include "cases.hpp"

namespace kiln::testing {

ir::graph random_silu(dice& d, int batch) {
    graph_builder b("silu", batch);
    return b.finish(b.apply(op::silu, {random_activation(d, b)}));
}

}  // namespace kiln::testing
