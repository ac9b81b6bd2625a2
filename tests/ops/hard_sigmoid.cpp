#include "cases.hpp"

namespace kiln::testing {

ir::graph random_hard_sigmoid(dice& d, int batch) {
    graph_builder b("hard_sigmoid", batch);
    return b.finish(b.apply(op::hard_sigmoid,
                            ops::hard_sigmoid::attributes{d.one_of({0.2F, 1.0F / 6}), d.one_of({0.5F, 0.1F})},
                            {random_activation(d, b)}));
}

}  // namespace kiln::testing
