#include <Halide.h>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>

namespace kiln::compiler {
namespace {

void reference(const attribute_words&, std::span<const tensor* const> in, tensor& out) {
    for_each_element(in, out, [&](std::size_t i, const std::vector<std::size_t>& at) {
        const std::size_t k = in[0]->integers[at[0]] != 0 ? 1 : 2;
        if (out.type == element::float32)
            out.values[i] = in[k]->values[at[k]];
        else
            out.integers[i] = in[k]->integers[at[k]];
    });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    return Halide::select(operands[0], operands[1], operands[2]);
}

void gradient(gradient_context& c) {
    const ir::node_id condition = c.operand(0), zero = c.number(0);
    if (c.wants(1)) c.contribute(1, c.select(condition, c.gradient(), zero));
    if (c.wants(2)) c.contribute(2, c.select(condition, zero, c.gradient()));
}

}  // namespace

operator_row select_row() { return {.expression = expression, .any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
