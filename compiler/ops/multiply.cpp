#include <Halide.h>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <type_traits>

namespace kiln::compiler {

namespace {

void reference(const attribute_words&, std::span<const tensor* const> in, tensor& out) {
    map_numbers(in, out, [](auto a, auto b) {
        if constexpr (std::is_integral_v<decltype(a)>)  // wraps around
            return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
        else
            return a * b;
    });
}

Halide::Expr expression(const attribute_words&, const std::vector<Halide::Expr>& operands) {
    return operands[0] * operands[1];
}

void gradient(gradient_context& c) {
    c.contribute(0, c.multiply(c.gradient(), c.operand(1)));
    c.contribute(1, c.multiply(c.gradient(), c.operand(0)));
}

}  // namespace

operator_row multiply_row() { return {.expression = expression, .any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
