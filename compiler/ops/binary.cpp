#include <Halide.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include <kiln/compiler/ops/elementwise_reference.hpp>
#include <kiln/compiler/ops/gradient.hpp>
#include <kiln/compiler/ops/rows.hpp>
#include <kiln/dsl/ops/binary.hpp>

namespace kiln::compiler {
namespace {

using Halide::Expr;

binary_function function_of(const attribute_words& words) { return unpack<ops::binary::attributes>(words).function; }

std::int64_t power(std::int64_t base, std::int64_t exponent) {
    if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 == 0 ? 1 : -1) : 0;
    std::uint64_t result = 1;
    for (auto square = static_cast<std::uint64_t>(base); exponent > 0; exponent /= 2, square *= square)
        if (exponent % 2 == 1) result *= square;
    return static_cast<std::int64_t>(result);
}

/// The smallest number divided by -1 does not fit: it stays, as two's complement has it. Division by 0 gives 0.
std::int64_t quotient(std::int64_t a, std::int64_t b) {
    if (b == 0) return 0;
    return b == -1 ? static_cast<std::int64_t>(-static_cast<std::uint64_t>(a)) : a / b;
}

/// Cut towards 0: has the sign of a.
std::int64_t remainder(std::int64_t a, std::int64_t b) { return b == 0 || b == -1 ? 0 : a % b; }

/// What is left of a after whole multiples of b: has the sign of b.
std::int64_t modulo(std::int64_t a, std::int64_t b) {
    const std::int64_t rest = remainder(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

double modulo(double a, double b) {
    const double rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

std::int64_t whole(binary_function f, std::int64_t a, std::int64_t b) {
    switch (f) {
        case binary_function::subtract:
            return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
        case binary_function::divide: return quotient(a, b);
        case binary_function::power: return power(a, b);
        case binary_function::minimum: return std::min(a, b);
        case binary_function::maximum: return std::max(a, b);
        case binary_function::modulo: return modulo(a, b);
        case binary_function::remainder: return remainder(a, b);
        case binary_function::equal: return a == b;
        case binary_function::less: return a < b;
        case binary_function::less_or_equal: return a <= b;
        case binary_function::greater: return a > b;
        case binary_function::greater_or_equal: return a >= b;
        case binary_function::logical_and: return a != 0 && b != 0;
        case binary_function::logical_or: return a != 0 || b != 0;
        case binary_function::logical_xor: return (a != 0) != (b != 0);
    }
    return 0;
}

double real(binary_function f, double a, double b) {
    switch (f) {
        case binary_function::subtract: return a - b;
        case binary_function::divide: return a / b;
        case binary_function::power: return std::pow(a, b);
        case binary_function::minimum: return std::isnan(a) ? a : std::isnan(b) ? b : std::min(a, b);
        case binary_function::maximum: return std::isnan(a) ? a : std::isnan(b) ? b : std::max(a, b);
        case binary_function::modulo: return modulo(a, b);
        case binary_function::remainder: return std::fmod(a, b);
        case binary_function::equal: return a == b;
        case binary_function::less: return a < b;
        case binary_function::less_or_equal: return a <= b;
        case binary_function::greater: return a > b;
        case binary_function::greater_or_equal: return a >= b;
        default: return 0;  // of truth values only
    }
}

void reference(const attribute_words& words, std::span<const tensor* const> in, tensor& out) {
    const binary_function f = function_of(words);
    for_each_element(in, out, [&](std::size_t i, const std::vector<std::size_t>& at) {
        if (in[0]->type != element::float32) {
            out.integers[i] = wrapped(out.type, whole(f, in[0]->integers[at[0]], in[1]->integers[at[1]]));
            return;
        }
        const double value =
            real(f, static_cast<double>(in[0]->values[at[0]]), static_cast<double>(in[1]->values[at[1]]));
        if (out.type == element::float32)
            out.values[i] = static_cast<float>(value);
        else
            out.integers[i] = static_cast<std::int64_t>(value);
    });
}

/// Halide leaves a remainder of at least 0; Kiln, like C, cuts quotients towards 0.
Expr whole_quotient(const Expr& a, const Expr& b) {
    const Expr q = a / b, rest = a - q * b;
    return Halide::select(rest == 0 || a >= 0, q, Halide::select(b > 0, q + 1, q - 1));
}

/// Rounded down: what is left has the sign of b.
Expr floor_quotient(const Expr& a, const Expr& b) {
    const Expr q = a / b, rest = a - q * b;
    return Halide::select(b < 0 && rest != 0, q - 1, q);
}

Expr whole_power(const Expr& a, const Expr& b) {
    // Exponents of up to 63 are all that can matter for bases beyond 1.
    Expr result = Halide::Internal::make_one(a.type()), square = a;
    const Expr steps = Halide::cast(a.type(), Halide::clamp(b, 0, 63));
    for (int bit = 0; bit < 6; ++bit) {
        result = Halide::select((steps >> bit & 1) == 1, result * square, result);
        square = square * square;
    }
    const Expr parity = Halide::select((b & 1) == 1, a, Halide::Internal::make_one(a.type()));
    const Expr unit = a == 1 || a == -1;
    return Halide::select(unit, parity, b < 0, Halide::Internal::make_zero(a.type()), result);
}

/// x to the power of a constant or computed y. Halide's own has no negative bases.
Expr real_power(const Expr& x, const Expr& y) {
    const Expr size = Halide::pow(Halide::abs(x), y);
    const Expr whole = Halide::floor(y) == y, odd = Halide::floor(y / 2.0F) * 2.0F != y;
    const Expr negative =
        Halide::select(whole, Halide::select(odd, -size, size), Expr(std::numeric_limits<float>::quiet_NaN()));
    return Halide::select(x < 0.0F, negative, x == 0.0F && y == 0.0F, 1.0F, size);
}

Expr expression(const attribute_words& words, const std::vector<Expr>& operands) {
    using namespace Halide;
    const Expr &a = operands[0], &b = operands[1];
    const bool real = a.type().is_float();
    switch (function_of(words)) {
        case binary_function::subtract: return a - b;
        case binary_function::divide: return real ? a / b : whole_quotient(a, b);
        case binary_function::power: return real ? real_power(a, b) : whole_power(a, b);
        case binary_function::minimum: return min(a, b);
        case binary_function::maximum: return max(a, b);
        case binary_function::modulo: return real ? a - b * floor(a / b) : a - b * floor_quotient(a, b);
        case binary_function::remainder: return real ? a - b * trunc(a / b) : a - b * whole_quotient(a, b);
        case binary_function::equal: return a == b;
        case binary_function::less: return a < b;
        case binary_function::less_or_equal: return a <= b;
        case binary_function::greater: return a > b;
        case binary_function::greater_or_equal: return a >= b;
        case binary_function::logical_and: return a && b;
        case binary_function::logical_or: return a || b;
        case binary_function::logical_xor: return a != b;
    }
    return a;
}

/// d(a^b)/da = b * a^(b - 1), d(a^b)/db = a^b * ln(a), taken as 0 where a has no logarithm.
void gradient_of_power(gradient_context& c) {
    const ir::node_id a = c.operand(0), b = c.operand(1), dy = c.gradient();
    if (c.wants(0)) {
        const ir::node& exponent = c.built()[b];
        const bool squares =
            exponent.kind == op::constant && exponent.shape.volume() == 1 && number_at(*exponent.value, 0) == 2;
        const ir::node_id slope = squares ? c.scale(a, 2) : c.multiply(b, c.power(a, c.subtract(b, c.number(1))));
        c.contribute(0, c.multiply(slope, dy));
    }
    if (c.wants(1)) {
        const ir::node_id positive = c.greater(a, c.number(0));
        const ir::node_id logarithm = c.unary(unary_function::logarithm, c.select(positive, a, c.number(1)));
        c.contribute(1, c.multiply(c.multiply(logarithm, c.output()), dy));
    }
}

/// a has it where it is chosen, equal numbers included.
void gradient_of_choice(gradient_context& c, binary_function chosen) {
    const ir::node_id first = c.binary(chosen, c.operand(0), c.operand(1)), zero = c.number(0);
    if (c.wants(0)) c.contribute(0, c.select(first, c.gradient(), zero));
    if (c.wants(1)) c.contribute(1, c.select(first, zero, c.gradient()));
}

void gradient(gradient_context& c) {
    const ir::node_id a = c.operand(0), b = c.operand(1), dy = c.gradient();
    switch (c.attributes<ops::binary::attributes>().function) {
        case binary_function::subtract:
            c.contribute(0, dy);
            if (c.wants(1)) c.contribute(1, c.negate(dy));
            break;
        case binary_function::divide:
            if (c.wants(0)) c.contribute(0, c.divide(dy, b));
            if (c.wants(1)) c.contribute(1, c.negate(c.multiply(c.divide(c.output(), b), dy)));
            break;
        case binary_function::power: gradient_of_power(c); break;
        case binary_function::minimum: gradient_of_choice(c, binary_function::less_or_equal); break;
        case binary_function::maximum: gradient_of_choice(c, binary_function::greater_or_equal); break;
        case binary_function::modulo:
        case binary_function::remainder:  // a - b * q with a whole q, which stays where it changes smoothly
            c.contribute(0, dy);
            if (c.wants(1)) c.contribute(1, c.multiply(c.divide(c.subtract(c.output(), a), b), dy));
            break;
        default: break;  // truth values
    }
}

}  // namespace

operator_row binary_row() { return {.expression = expression, .any_type = reference, .gradient = gradient}; }

}  // namespace kiln::compiler
