#include "cases.hpp"

namespace kiln::testing {

ir::graph random_binary(dice& d, int batch) {
    graph_builder b("binary", batch);
    const auto f = static_cast<binary_function>(d.roll(0, static_cast<int>(binary_names.size()) - 1));
    const ops::binary::attributes a{f};
    const auto kind = ops::binary::kind_of(f);
    const auto [left, right] = random_stretched(d);
    if (kind == ops::binary::kind::logical) {
        const auto x = b.whole_input(left, element::boolean), y = b.whole_input(right, element::boolean);
        return b.finish(b.apply(op::binary, a, {x, y}));
    }
    if (d.chance(40)) {
        const element type = d.one_of({element::int64, element::int32});
        const auto x = b.whole_input(left, type), y = b.whole_input(right, type);
        return b.finish(b.apply(op::binary, a, {x, y}));
    }
    auto x = b.input(left), y = b.input(right);
    if (f == binary_function::power) x = b.apply(op::unary, ops::unary::attributes{unary_function::absolute}, {x});
    // Away from 0, where quotients jump.
    if (f == binary_function::divide || f == binary_function::modulo || f == binary_function::remainder)
        y = b.add(y, b.constant(dims::of(1), {2.5F}));
    return b.finish(b.apply(op::binary, a, {x, y}));
}

}  // namespace kiln::testing
