#include "cases.hpp"

namespace kiln::testing {

ir::graph random_gelu(dice& d, int batch) {
    graph_builder b("gelu", batch);
    return b.finish(b.apply(op::gelu, {random_activation(d, b)}));
}

}  // namespace kiln::testing
