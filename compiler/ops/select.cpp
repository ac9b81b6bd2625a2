#include <Halide.h>

#include <kiln/compiler/ops/elementwise_reference.hpp>
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

}  // namespace

operator_row select_row() { return {nullptr, expression, reference}; }

}  // namespace kiln::compiler
