#include <Halide.h>

#include <cmath>
#include <limits>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/exponential.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/unary.hpp>
#include <numbers>
#include <optional>

namespace kiln::compiler {
namespace {

using Halide::Expr;

unary_function function_of(const attribute_words& words) { return unpack<ops::unary::attributes>(words).function; }

/// Rounds halves to the even neighbour.
double round_even(double x) { return std::nearbyint(x); }

double real(unary_function f, double x) {
    switch (f) {
        case unary_function::negate: return -x;
        case unary_function::absolute: return std::abs(x);
        case unary_function::sign: return x > 0 ? 1 : x < 0 ? -1 : x;
        case unary_function::reciprocal: return 1 / x;
        case unary_function::exponential: return std::exp(x);
        case unary_function::logarithm: return std::log(x);
        case unary_function::square_root: return std::sqrt(x);
        case unary_function::floor: return std::floor(x);
        case unary_function::ceiling: return std::ceil(x);
        case unary_function::round: return round_even(x);
        case unary_function::sine: return std::sin(x);
        case unary_function::cosine: return std::cos(x);
        case unary_function::tangent: return std::tan(x);
        case unary_function::arcsine: return std::asin(x);
        case unary_function::arccosine: return std::acos(x);
        case unary_function::arctangent: return std::atan(x);
        case unary_function::hyperbolic_sine: return std::sinh(x);
        case unary_function::hyperbolic_cosine: return std::cosh(x);
        case unary_function::inverse_hyperbolic_sine: return std::asinh(x);
        case unary_function::inverse_hyperbolic_cosine: return std::acosh(x);
        case unary_function::inverse_hyperbolic_tangent: return std::atanh(x);
        case unary_function::error_function: return std::erf(x);
        case unary_function::softplus: return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
        case unary_function::softsign: return x / (1 + std::abs(x));
        case unary_function::is_not_a_number: return std::isnan(x);
        case unary_function::is_positive_infinity: return std::isinf(x) && x > 0;
        case unary_function::is_negative_infinity: return std::isinf(x) && x < 0;
        case unary_function::logical_not: return x == 0;
    }
    return 0;
}

std::int64_t whole(unary_function f, std::int64_t x) {
    const auto negative = static_cast<std::int64_t>(-static_cast<std::uint64_t>(x));
    switch (f) {
        case unary_function::negate: return negative;
        case unary_function::absolute: return x < 0 ? negative : x;
        case unary_function::sign: return (x > 0) - (x < 0);
        default: return x == 0;  // logical_not
    }
}

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const unary_function f = function_of(words);
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out.type == element::float32)
            out.values[i] = static_cast<float>(real(f, static_cast<double>(in[0]->values[i])));
        else if (in[0]->type == element::float32)
            out.integers[i] = static_cast<std::int64_t>(real(f, static_cast<double>(in[0]->values[i])));
        else
            out.integers[i] = wrapped(out.type, whole(f, in[0]->integers[i]));
    }
}

/// By formula 7.1.26 of Abramowitz and Stegun, Handbook of Mathematical Functions (1964) away from 0: off by at most
/// 1.5e-7; by the Taylor series near it, where that error would be large beside the value.
Expr error_function(const Expr& x) {
    const Expr size = Halide::abs(x), t = 1.0F / (1.0F + 0.3275911F * size);
    Expr series = 1.061405429F;
    for (const float coefficient : {-1.453152027F, 1.421413741F, -0.284496736F, 0.254829592F})
        series = series * t + coefficient;
    const Expr far = 1.0F - series * t * exponential(-size * size), square = x * x;
    // 2 / sqrt(pi) * (x - x^3 / 3 + x^5 / 10 - x^7 / 42 + x^9 / 216)
    const Expr near =
        x * (1.1283791671F +
             square * (-0.3761263890F + square * (0.1128379167F + square * (-0.0268661706F + square * 0.0052239776F))));
    return Halide::select(size < 0.5F, near, Halide::select(x < 0.0F, -far, far));
}

Expr expression(const attribute_words& words, const std::vector<Expr>& operands) {
    using namespace Halide;
    using Halide::Internal::make_one;
    using Halide::Internal::make_zero;
    const Expr& x = operands[0];
    switch (function_of(words)) {
        case unary_function::negate: return -x;
        case unary_function::absolute: return x.type().is_float() ? abs(x) : cast(x.type(), abs(x));
        case unary_function::sign:
            return Halide::select(x > make_zero(x.type()), make_one(x.type()),
                                  Halide::select(x < make_zero(x.type()), -make_one(x.type()), x));
        case unary_function::reciprocal: return 1.0F / x;
        case unary_function::exponential: return exp(x);
        case unary_function::logarithm: return log(x);
        case unary_function::square_root: return sqrt(x);
        case unary_function::floor: return floor(x);
        case unary_function::ceiling: return ceil(x);
        case unary_function::round: return round(x);
        case unary_function::sine: return sin(x);
        case unary_function::cosine: return cos(x);
        case unary_function::tangent: return tan(x);
        case unary_function::arcsine: return asin(x);
        case unary_function::arccosine: return acos(x);
        case unary_function::arctangent: return atan(x);
        case unary_function::hyperbolic_sine: return sinh(x);
        case unary_function::hyperbolic_cosine: return cosh(x);
        case unary_function::inverse_hyperbolic_sine: return asinh(x);
        case unary_function::inverse_hyperbolic_cosine: return acosh(x);
        case unary_function::inverse_hyperbolic_tangent: return atanh(x);
        case unary_function::error_function: return error_function(x);
        case unary_function::softplus: {
            // log(1 + t) for t in (0, 1], as 2 artanh(t / (2 + t)): a logarithm of 1 + t would lose what t is below 1.
            const Expr t = exponential(-abs(x)), s = t / (2.0F + t), q = s * s;
            Expr series = 1.0F / 13.0F;
            for (const float odd : {11.0F, 9.0F, 7.0F, 5.0F, 3.0F, 1.0F}) series = series * q + 1.0F / odd;
            return max(x, 0.0F) + 2.0F * s * series;
        }
        case unary_function::softsign: return x / (1.0F + abs(x));
        case unary_function::is_not_a_number: return is_nan(strict_float(x));
        // By their bits: a comparison of floats may be taken to be of finite ones.
        case unary_function::is_positive_infinity: return reinterpret<std::uint32_t>(x) == Expr(0x7f800000U);
        case unary_function::is_negative_infinity: return reinterpret<std::uint32_t>(x) == Expr(0xff800000U);
        case unary_function::logical_not: return !x;
    }
    return x;
}

/// The slope, from x and y; none where the function is piecewise constant.
std::optional<ir::node_id> slope_of(gradient_context& c, unary_function f) {
    const ir::node_id x = c.operand(0), y = c.output(), one = c.number(1);
    const auto inverse = [&](ir::node_id of) { return c.unary(unary_function::reciprocal, of); };
    switch (f) {
        case unary_function::negate: return c.number(-1);
        case unary_function::absolute: return c.unary(unary_function::sign, x);
        case unary_function::reciprocal: return c.negate(c.square(y));
        case unary_function::exponential: return y;
        case unary_function::logarithm: return inverse(x);
        case unary_function::square_root: return c.scale(inverse(y), 0.5);
        case unary_function::sine: return c.unary(unary_function::cosine, x);
        case unary_function::cosine: return c.negate(c.unary(unary_function::sine, x));
        case unary_function::tangent: return c.add(c.square(y), one);
        case unary_function::arcsine: return inverse(c.square_root(c.subtract(one, c.square(x))));
        case unary_function::arccosine: return c.negate(inverse(c.square_root(c.subtract(one, c.square(x)))));
        case unary_function::arctangent: return inverse(c.add(c.square(x), one));
        case unary_function::hyperbolic_sine: return c.unary(unary_function::hyperbolic_cosine, x);
        case unary_function::hyperbolic_cosine: return c.unary(unary_function::hyperbolic_sine, x);
        case unary_function::inverse_hyperbolic_sine: return inverse(c.square_root(c.add(c.square(x), one)));
        case unary_function::inverse_hyperbolic_cosine: return inverse(c.square_root(c.subtract(c.square(x), one)));
        case unary_function::inverse_hyperbolic_tangent: return inverse(c.subtract(one, c.square(x)));
        case unary_function::error_function:
            return c.scale(c.unary(unary_function::exponential, c.negate(c.square(x))), 2 * std::numbers::inv_sqrtpi);
        case unary_function::softplus: return c.apply(op::sigmoid, {x});
        case unary_function::softsign: return inverse(c.square(c.add(c.unary(unary_function::absolute, x), one)));
        case unary_function::sign:
        case unary_function::floor:
        case unary_function::ceiling:
        case unary_function::round:
        case unary_function::is_not_a_number:
        case unary_function::is_positive_infinity:
        case unary_function::is_negative_infinity:
        case unary_function::logical_not: break;
    }
    return std::nullopt;
}

void gradient(gradient_context& c) {
    const auto slope = slope_of(c, c.attributes<ops::unary::attributes>().function);
    if (slope) c.contribute(0, c.multiply(*slope, c.gradient()));
}

}  // namespace

operator_row unary_row() { return {.expression = expression, .any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
