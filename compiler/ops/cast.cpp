#include <Halide.h>

#include <cmath>
#include <stdexcept>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/cast.hpp>

namespace kiln::compiler {
namespace {

/// Numbers that do not fit become the smallest one, as x86 converts them.
std::int64_t whole(element to, float x) {
    const double limit = to == element::int32 ? 0x1p31 : 0x1p63, cut = std::trunc(static_cast<double>(x));
    if (!(cut >= -limit && cut < limit))
        return to == element::int32 ? std::numeric_limits<std::int32_t>::min()
                                    : std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(cut);
}

void reference(const attribute_words&, std::span<const tensor* const> in, tensor& out) {
    const tensor& x = *in[0];
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out.type == element::float32)
            out.values[i] = x.type == element::float32 ? x.values[i] : static_cast<float>(x.integers[i]);
        else if (out.type == element::boolean)
            out.integers[i] = number_at(x, i) != 0;
        else
            out.integers[i] =
                x.type == element::float32 ? whole(out.type, x.values[i]) : wrapped(out.type, x.integers[i]);
    }
}

Halide::Expr expression(const attribute_words& words, const std::vector<Halide::Expr>& operands) {
    const Halide::Expr& x = operands[0];
    switch (unpack<ops::cast::attributes>(words).to) {
        case element::float32: return Halide::cast<float>(x);
        case element::int64: return Halide::cast<std::int64_t>(x);
        case element::int32: return Halide::cast<std::int32_t>(x);
        case element::boolean: return x.type().is_bool() ? x : x != Halide::Internal::make_zero(x.type());
    }
    throw std::logic_error("no such element type");
}

/// Only float32 to float32 has one; other paths end here.
void gradient(gradient_context& c) { c.contribute(0, c.gradient()); }

}  // namespace

operator_row cast_row() { return {.expression = expression, .any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
