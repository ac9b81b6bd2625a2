#include <Halide.h>

#include <kiln/compiler/ops/exponential.hpp>

namespace kiln::compiler {

namespace {

using Halide::Expr;

/// exp(argument) = power * exp(r) with a power of two and |r| <= ln(2) / 2.
struct reduced {
    Expr r, power;
};

reduced reduce(const Expr& argument) {
    const Expr x = Halide::max(Halide::min(argument, 88.0F), -87.0F);
    // exp(x) = 2^n exp(r). The first part of ln(2) has few enough bits for n * part to be exact; strict_float keeps the
    // two subtractions from being merged into one inexact product.
    const Expr n = Halide::round(x * 1.44269504F);
    const Expr r = Halide::strict_float((x - n * 0.693359375F) - n * -2.12194440e-4F);
    return {r, Halide::reinterpret<float>((Halide::cast<int>(n) + 127) << 23)};
}

/// (exp(r) - 1) / r by the Taylor polynomial of exp of degree 7: what is left out is below 6e-9 of exp(r).
Expr slope_of_series(const Expr& r) {
    Expr series = 1.0F / 5040;
    for (const float coefficient : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F})
        series = series * r + coefficient;
    return series;
}

}  // namespace

Expr exponential(const Expr& x) {
    const auto [r, power] = reduce(x);
    return (slope_of_series(r) * r + 1.0F) * power;
}

Expr exponential_minus_one(const Expr& x) {
    const auto [r, power] = reduce(x);
    // Near 0, where power is 1, the 1 is never added. Elsewhere subtracting it loses two bits at most.
    const Expr near = slope_of_series(r) * r;
    return Halide::select(power == 1.0F, near, (near + 1.0F) * power - 1.0F);
}

}  // namespace kiln::compiler
