#include <Halide.h>

#include <kiln/compiler/ops/exponential.hpp>

namespace kiln::compiler {

Halide::Expr exponential(const Halide::Expr& argument) {
    using Halide::Expr;
    const Expr x = Halide::max(Halide::min(argument, 88.0F), -87.0F);
    // exp(x) = 2^n exp(r), |r| <= ln(2) / 2. The first part of ln(2) has few enough bits for n * part to be exact;
    // strict_float keeps the two subtractions from being merged into one inexact product.
    const Expr n = Halide::round(x * 1.44269504F);
    const Expr r = Halide::strict_float((x - n * 0.693359375F) - n * -2.12194440e-4F);
    // The Taylor polynomial of degree 7: what is left out is below 6e-9 of the result.
    Expr series = 1.0F / 5040;
    for (const float coefficient : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 0.5F, 1.0F, 1.0F})
        series = series * r + coefficient;
    const Expr power = Halide::reinterpret<float>((Halide::cast<int>(n) + 127) << 23);
    return series * power;
}

}  // namespace kiln::compiler
