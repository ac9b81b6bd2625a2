#include "cases.hpp"

namespace kiln::testing {

ir::graph random_elu(dice& d, int batch) {
    graph_builder b("elu", batch);
    return b.finish(b.apply(op::elu, ops::elu::attributes{d.one_of({1.0F, 0.3F})}, {random_activation(d, b)}));
}

}  // namespace kiln::testing
