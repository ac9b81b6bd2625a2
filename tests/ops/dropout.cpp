#include "cases.hpp"

namespace kiln::testing {

ir::graph random_dropout(dice& d, int batch) {
    graph_builder b("dropout", batch);
    const ops::dropout::attributes a{d.one_of({0.0F, 0.25F, 0.5F, 0.9F})};
    return b.finish(b.relu(b.apply(op::dropout, a, {random_activation(d, b)})));
}

}  // namespace kiln::testing
