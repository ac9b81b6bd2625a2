#include "cases.hpp"

namespace kiln::testing {

ir::graph random_matmul(dice& d, int batch) {
    graph_builder b("matmul", batch);
    const int rows = d.roll(1, 20), terms = d.roll(1, 40), columns = d.roll(1, 40), outer = d.roll(1, 3);
    const bool deep = d.chance(50);
    const dims left = deep ? dims::of(d.chance(30) ? 1 : outer, rows, terms) : dims::of(rows, terms);
    const dims right = d.chance(50) ? dims::of(outer, terms, columns) : dims::of(terms, columns);
    const auto x = d.chance(50) ? b.input(left) : b.whole_input(left);
    auto y = d.chance(50) ? b.input(right) : b.whole_input(right);
    const auto z = b.apply(op::matmul, {x, y});
    return b.finish(d.chance(50) ? b.relu(z) : z);
}

}  // namespace kiln::testing
