#include "cases.hpp"

namespace kiln::testing {

ir::graph random_prelu(dice& d, int batch) {
    graph_builder b("prelu", batch);
    return b.finish(b.prelu(random_activation(d, b)));
}

}  // namespace kiln::testing
