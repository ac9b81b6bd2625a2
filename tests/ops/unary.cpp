#include "cases.hpp"

namespace kiln::testing {

ir::graph random_unary(dice& d, int batch) {
    graph_builder b("unary", batch);
    const auto f = static_cast<unary_function>(d.roll(0, static_cast<int>(unary_names.size()) - 1));
    const auto kind = ops::unary::kind_of(f);
    if (kind == ops::unary::kind::logical) {
        const auto x = b.whole_input(random_sample(d, d.roll(1, 3), random_channels(d)), element::boolean);
        return b.finish(b.apply(op::unary, ops::unary::attributes{f}, {x}));
    }
    if (kind == ops::unary::kind::number && d.chance(50)) {
        const auto x = b.whole_input(random_sample(d, d.roll(1, 3), random_channels(d)),
                                     d.one_of({element::int64, element::int32}));
        return b.finish(b.apply(op::unary, ops::unary::attributes{f}, {x}));
    }
    auto x = b.input(random_sample(d, d.roll(1, 3), random_channels(d)));
    // Into the domain: logarithms and roots of positive numbers, inverse cosines of numbers from 1 on.
    const bool positive = f == unary_function::logarithm || f == unary_function::square_root ||
                          f == unary_function::inverse_hyperbolic_cosine || f == unary_function::reciprocal;
    if (positive) {
        x = b.apply(op::unary, ops::unary::attributes{unary_function::absolute}, {x});
        x = b.add(x, b.constant(dims::of(1), {1.125F}));
    }
    return b.finish(b.apply(op::unary, ops::unary::attributes{f}, {x}));
}

}  // namespace kiln::testing
