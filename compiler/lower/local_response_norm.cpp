// Local response normalisation for Halide. The window reaches over the first and the last channel: indices are clamped
// there and count as 0. `likely` lets Halide split these few vectors off, so that the others are loaded as they lie.
#include <algorithm>

#include <kiln/compiler/lower/definition.hpp>
#include <kiln/dsl/ops/local_response_norm.hpp>

namespace kiln::compiler {
namespace {

using namespace Halide;

/// base^exponent; the usual exponents by square roots, which are exact and quicker than a logarithm.
Expr power(const Expr& base, float exponent) {
    if (exponent == 1.0F) return base;
    if (exponent == 0.5F) return sqrt(base);
    if (exponent == 0.75F) return sqrt(base) * sqrt(sqrt(base));
    return pow(base, exponent);
}

}  // namespace

Expr define_local_response_norm(definition& d) {
    const auto a = unpack<ops::local_response_norm::attributes>(d.kernel.attributes);
    auto& s = d.stages;
    ImageParam& in = d.inputs[0];
    const std::int32_t last = d.view_of(0).extent[0] - 1;
    const std::int32_t before = std::min(a.before(), last), after = std::min(a.after(), last);
    const RDom r(-before, before + after + 1, "r");

    const Expr channel = s.c + r;
    const Expr inside = in(clamp(likely(channel), 0, last), s.x, s.y, s.z, s.n);
    // The value is what is selected, not its square: Halide 14 would see that such terms add nothing, leave their
    // iterations out, and then count others twice where the window is wider than the channels.
    const Expr value = select(channel < 0 || channel > last, 0.0F, likely(inside));
    s.sum = Func("squares");
    s.sum(s.c, s.x, s.y, s.z, s.n) = 0.0F;
    s.sum(s.c, s.x, s.y, s.z, s.n) += value * value;
    s.reduction = {r};
    const float share = a.alpha / static_cast<float>(a.size);
    const Expr base = a.bias + share * s.sum(s.c, s.x, s.y, s.z, s.n);
    return in(s.c, s.x, s.y, s.z, s.n) / power(base, a.beta);
}

}  // namespace kiln::compiler
