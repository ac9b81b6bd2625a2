// One function of each element: the table is dsl/ops/unary.def. Activations of layers are operators of their own.
#pragma once

#include <kiln/dsl/combine.hpp>
#include <kiln/dsl/ops/elementwise.hpp>

namespace kiln {

enum class unary_function : std::int32_t {
#define KILN_UNARY(name, kind) name,
#include <kiln/dsl/ops/unary.def>
#undef KILN_UNARY
};

inline constexpr std::array unary_names = {
#define KILN_UNARY(name, kind) std::string_view(#name),
#include <kiln/dsl/ops/unary.def>
#undef KILN_UNARY
};

}  // namespace kiln

namespace kiln::ops {

struct unary {
    struct attributes {
        unary_function function = unary_function::negate;
    };
    enum class kind { real, number, test, logical };

    static constexpr bool known(const attributes& a) {
        const auto index = static_cast<std::int32_t>(a.function);
        return index >= 0 && index < static_cast<std::int32_t>(unary_names.size());
    }
    static constexpr kind kind_of(unary_function f) {
        constexpr std::array kinds = {
#define KILN_UNARY(name, which) kind::which,
#include <kiln/dsl/ops/unary.def>
#undef KILN_UNARY
        };
        return kinds[static_cast<std::size_t>(f)];
    }

    static constexpr inferred infer(const attributes& a, std::span<const dims> in) {
        if (!known(a)) return refuse(fault::function_unknown);
        return elementwise_shape(in, 1);
    }
    static constexpr std::optional<element> type(const attributes& a, std::span<const element> in) {
        const auto when = [&](bool fits, element result) { return fits ? std::optional(result) : std::nullopt; };
        if (!known(a)) return std::nullopt;
        switch (kind_of(a.function)) {
            case kind::real: return when(in[0] == element::float32, element::float32);
            case kind::number: return when(in[0] != element::boolean, in[0]);
            case kind::test: return when(in[0] == element::float32, element::boolean);
            case kind::logical: return when(in[0] == element::boolean, element::boolean);
        }
        return std::nullopt;
    }
    static constexpr kiln::cost cost(const attributes&, std::span<const dims>, const dims& out) {
        return {0, out.volume()};
    }
};

}  // namespace kiln::ops

namespace kiln::dsl {

template <unary_function F>
struct unary_layer : layer<unary_layer<F>> {
    using rules = ops::unary;
    static constexpr ops::unary::attributes attributes_on(const dims&) { return {F}; }
};

/// x | exp, or exp(x), and so on. With <cmath> included, write kiln::exp: the C library has a ::exp of its own.
#define KILN_FUNCTION(spelling, function) inline constexpr unary_layer<unary_function::function> spelling{};
KILN_FUNCTION(abs, absolute)
KILN_FUNCTION(sign, sign)
KILN_FUNCTION(reciprocal, reciprocal)
KILN_FUNCTION(exp, exponential)
KILN_FUNCTION(log, logarithm)
KILN_FUNCTION(sqrt, square_root)
KILN_FUNCTION(floor, floor)
KILN_FUNCTION(ceil, ceiling)
KILN_FUNCTION(round, round)
KILN_FUNCTION(sin, sine)
KILN_FUNCTION(cos, cosine)
KILN_FUNCTION(tan, tangent)
KILN_FUNCTION(asin, arcsine)
KILN_FUNCTION(acos, arccosine)
KILN_FUNCTION(atan, arctangent)
KILN_FUNCTION(sinh, hyperbolic_sine)
KILN_FUNCTION(cosh, hyperbolic_cosine)
KILN_FUNCTION(asinh, inverse_hyperbolic_sine)
KILN_FUNCTION(acosh, inverse_hyperbolic_cosine)
KILN_FUNCTION(atanh, inverse_hyperbolic_tangent)
KILN_FUNCTION(erf, error_function)
KILN_FUNCTION(softplus, softplus)
KILN_FUNCTION(softsign, softsign)
#undef KILN_FUNCTION

/// -x
template <class Shape>
constexpr auto operator-(tensor_of<Shape> x) {
    return combine<ops::unary, ops::unary::attributes{unary_function::negate}>(x);
}

}  // namespace kiln::dsl
