// Reductions of whole axes for Halide: the accumulator runs over them, everything else follows from its value.
#include <limits>

#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/reduce.hpp>

namespace kiln::compiler {

using namespace Halide;
using Halide::Internal::make_one;
using Halide::Internal::make_zero;

Expr define_reduce(definition& d) {
    const auto a = unpack<ops::reduce::attributes>(d.kernel.attributes);
    auto& s = d.stages;
    const schedules::view& in = d.view_of(0);
    std::vector<Expr> index = d.position();
    Region bounds;
    std::vector<std::size_t> axes;
    double count = 1;
    for (std::size_t axis = 0; axis < index.size(); ++axis) {
        if (!a.has(static_cast<int>(axis)) || in.extent[axis] == 1) continue;
        bounds.emplace_back(0, in.extent[axis]);
        axes.push_back(axis);
        count *= in.extent[axis];
    }
    RDom r;
    if (!bounds.empty()) r = RDom(bounds, "r");
    for (std::size_t i = 0; i < axes.size(); ++i) index[axes[i]] = r[static_cast<int>(i)];
    for (std::size_t i = 0; i < axes.size(); ++i) s.reduction.push_back(r[static_cast<int>(i)]);

    const Expr x = d.load(0, index);
    const std::vector<Var> at = s.axes();
    const auto accumulate = [&](const Expr& start, const auto& step) {
        if (axes.empty()) return Expr(step(start));  // every axis has extent 1 already
        s.sum = Func("accumulator");
        s.sum(at) = start;
        s.sum(at) = step(Expr(s.sum(at)));
        return Expr(s.sum(at));
    };
    const Type t = x.type();
    const auto add = [&](const Expr& what) {
        return accumulate(make_zero(t), [&](const Expr& so_far) { return so_far + what; });
    };
    switch (a.function) {
        case reduce_function::sum: return add(x);
        case reduce_function::mean: return add(x) / static_cast<float>(count);
        case reduce_function::maximum:
            return accumulate(t.is_float() ? Expr(-std::numeric_limits<float>::infinity()) : t.min(),
                              [&](const Expr& so_far) { return max(so_far, x); });
        case reduce_function::minimum:
            return accumulate(t.is_float() ? Expr(std::numeric_limits<float>::infinity()) : t.max(),
                              [&](const Expr& so_far) { return min(so_far, x); });
        case reduce_function::product: return accumulate(make_one(t), [&](const Expr& so_far) { return so_far * x; });
        case reduce_function::l1: return add(abs(x));
        case reduce_function::l2: return sqrt(add(x * x));
        case reduce_function::sum_square: return add(x * x);
        case reduce_function::log_sum: return log(add(x));
        case reduce_function::log_sum_exp: break;
    }
    if (axes.empty()) return x;
    // The largest value goes first, so that no power overflows.
    Func highest("highest");
    highest(at) = -std::numeric_limits<float>::infinity();
    highest(at) = max(highest(at), x);
    s.per_position = {highest};
    const Expr finite = clamp(highest(at), -std::numeric_limits<float>::max(), std::numeric_limits<float>::max());
    return log(add(exp(x - finite))) + finite;
}

}  // namespace kiln::compiler
