#include "cases.hpp"

namespace kiln::testing {

ir::graph random_selu(dice& d, int batch) {
    graph_builder b("selu", batch);
    return b.finish(b.apply(op::selu, {random_activation(d, b)}));
}

}  // namespace kiln::testing
