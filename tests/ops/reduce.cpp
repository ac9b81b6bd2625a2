#include "cases.hpp"

namespace kiln::testing {

ir::graph random_reduce(dice& d, int batch) {
    graph_builder b("reduce", batch);
    const auto f = static_cast<reduce_function>(d.roll(0, static_cast<int>(reduce_names.size()) - 1));
    const dims shape = random_extents(d, d.roll(1, 5));
    const std::int32_t axes = d.roll(0, (1 << shape.rank) - 1);
    const ops::reduce::attributes a{f, axes};
    const bool integers = ops::reduce::type(a, std::array{element::int64}).has_value();
    ir::node_id x = integers && d.chance(40) ? b.whole_input(shape, d.one_of({element::int64, element::int32}))
                    : d.chance(50)           ? b.whole_input(shape)
                                             : b.input(shape);
    if (f == reduce_function::log_sum) x = b.apply(op::unary, ops::unary::attributes{unary_function::exponential}, {x});
    const auto y = b.apply(op::reduce, a, {x});
    return b.finish(integers || d.chance(50) ? y : b.relu(y));
}

}  // namespace kiln::testing
