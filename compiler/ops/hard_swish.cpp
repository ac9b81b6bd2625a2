#include <Halide.h>

#include <algorithm>
#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const operand_values> in, const dims& out_shape, float* out) {
    map_unary(in, out_shape, out, [](double x) { return x * std::clamp(x / 6 + 0.5, 0.0, 1.0); });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    const Halide::Expr& x = operands[0];
    return x * Halide::clamp(x * (1.0F / 6) + 0.5F, 0.0F, 1.0F);
}

/// The slope is 0 below -3, 1 above 3, x / 3 + 1/2 between.
void gradient(gradient_context& c) {
    const ir::node_id x = c.operand(0);
    const ir::node_id between = c.shift(c.scale(x, 1.0 / 3), 0.5);
    const ir::node_id slope =
        c.select(c.less(x, c.number(-3)), c.number(0), c.select(c.greater(x, c.number(3)), c.number(1), between));
    c.contribute(0, c.multiply(slope, c.gradient()));
}

}  // namespace

operator_row hard_swish_row() { return {.reference = reference, .expression = expression, .gradient = gradient}; }

}  // namespace kiln::compiler
