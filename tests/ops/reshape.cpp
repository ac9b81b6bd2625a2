#include "cases.hpp"

namespace kiln::testing {

ir::graph random_reshape(dice& d, int batch) {
    graph_builder b("reshape", batch);
    const int p = d.roll(1, 6), q = d.roll(1, 6), r = d.roll(1, 6);
    auto x = d.chance(50) ? b.whole_input(dims::of(p, q * r, 2)) : b.input(dims::of(p, q * r, 2));
    if (d.chance(30)) x = b.apply(op::transpose, ops::transpose::attributes{{1, 0, 2}}, {x});
    if (d.chance(30)) x = b.relu(x);
    const ops::reshape::attributes a = d.one_of<ops::reshape::attributes>(
        {{1, {p * q * r * 2}}, {4, {p, q, r, 2}}, {6, {1, p, 2, q, 1, r}}, {2, {p * 2, q * r}}});
    const auto y = b.apply(op::reshape, a, {x});
    return b.finish(d.chance(50) ? b.relu(y) : y);
}

}  // namespace kiln::testing
