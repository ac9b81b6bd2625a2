#include "cases.hpp"

namespace kiln::testing {

ir::graph random_ranking(dice& d, int batch) {
    graph_builder b("ranking", batch);
    const dims shape = random_extents(d, d.roll(1, 5));
    const ops::ranking::attributes a{d.roll(0, shape.rank - 1), d.roll(0, 1)};
    // Whole numbers between -9 and 9 have many equals.
    const auto x = d.chance(50) ? b.input(shape) : b.whole_input(shape, d.one_of({element::float32, element::int32}));
    const auto ranks = b.apply(op::ranking, a, {x});
    return b.finish(d.chance(50) ? b.apply(op::cast, ops::cast::attributes{element::float32}, {ranks}) : ranks);
}

}  // namespace kiln::testing
